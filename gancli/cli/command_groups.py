"""Groups whose commands are the files of a package: one file, one command."""

from __future__ import annotations

import importlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from gancli.cli import renamed

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem


def show_log(ctx: click.Context, param: click.Parameter, value: bool) -> bool:
    """Callback of --verbose and --debug: set the environment variable that TensorFlow's start and errors obey."""
    if value and not ctx.resilient_parsing:
        os.environ[f"GANCLI_{param.name.upper()}"] = "1"
    return value


def _log_options() -> list[click.Option]:
    """--verbose and --debug, which every command takes."""
    shared = {"is_flag": True, "is_eager": True, "expose_value": False, "callback": show_log}
    return [
        click.Option(["-v", "--verbose"], help="Show TensorFlow's log.", **shared),
        click.Option(["--debug"], help="Show tracebacks and TensorFlow's log.", **shared),
    ]


class CommandFolder(click.Group):
    """A group whose commands are the modules of a package; each module defines a `command`.

    A module is imported when its command is called. The list of commands reads the first sentence of each from its
    file, because importing all modules takes longer than everything else.
    """

    def __init__(self, *args: object, package: str, **extra: object) -> None:
        """package: full name of the package that holds the commands."""
        super().__init__(*args, **extra)
        self.package = package

    def list_commands(self, ctx: click.Context | None) -> list[str]:
        return sorted(self._files())

    def get_command(self, ctx: click.Context | None, name: str) -> click.Command | None:
        if name not in self._files():
            return None
        command = importlib.import_module(f"{self.package}.{name.replace('-', '_')}").command
        taken = {param.name for param in command.params}
        command.params += [option for option in _log_options() if option.name not in taken]
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        files = self._files()
        limit = formatter.width - 6 - max(map(len, files))  # as in Click
        with formatter.section("Commands"):
            formatter.write_dl([(name, _short_help(path, limit)) for name, path in sorted(files.items())])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        from click.shell_completion import CompletionItem

        files = sorted(self._files().items())
        names = [CompletionItem(name, help=_short_help(path)) for name, path in files if name.startswith(incomplete)]
        return names + click.Command.shell_complete(self, ctx, incomplete)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find a command by its name. Fails with its new name or a similar one if there is none."""
        if args and not args[0].startswith("-") and self.get_command(ctx, args[0]) is None:
            ctx.fail(renamed.unknown_command(ctx.info_name, args[0], self.list_commands(ctx)))
        return super().resolve_command(ctx, args)

    def _files(self) -> dict[str, Path]:
        """The file of each command, by the command's name."""
        (folder,) = importlib.import_module(self.package).__path__
        modules = {path.stem: path for path in Path(folder).glob("[!_]*.py")}
        packages = {path.parent.name: path for path in Path(folder).glob("[!_]*/__init__.py")}
        return {name.replace("_", "-"): path for name, path in (modules | packages).items()}


class SubcommandFolder(CommandFolder):
    """A command with subcommands; options before a subcommand's name are passed on to the subcommand."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find a subcommand, and put the options of the command line before its arguments. Options of the environment
        become its defaults. Fails for an option that the subcommand does not have."""
        name, command, rest = super().resolve_command(ctx, args)
        known = {one.name for one in command.params} if command else set()
        defaults: dict[str, object] = {}
        passed_on: list[str] = []
        for option in self.params:
            source, value = ctx.get_parameter_source(option.name), ctx.params.get(option.name)
            if source is ParameterSource.COMMANDLINE:
                if command and option.name not in known:
                    ctx.fail(f"'{name}' has no option {option.opts[0]}")
                values = value if option.multiple else [value]
                passed_on += (
                    [option.opts[0]]
                    if option.is_flag
                    else [word for one in values for word in (option.opts[0], str(one))]
                )
            elif option.name in known and source is not ParameterSource.DEFAULT:
                defaults[option.name] = value
        ctx.default_map = {name: defaults}
        return name, command, [*passed_on, *rest]


def _short_help(path: Path, limit: int = 45) -> str:
    """The first sentence of a command's docstring, cut to `limit` characters as in Click."""
    text = path.read_text(encoding="utf-8")
    docstring = text.partition("\ndef command(")[2].partition('"""')[2].partition('"""')[0]
    return click.Command(None, help=docstring).get_short_help_str(limit)
