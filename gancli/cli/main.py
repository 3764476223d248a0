"""The command `gancli`: finds subcommands by file name, turns errors into one sentence and an exit code."""

from __future__ import annotations

import gc
import importlib
import io
import itertools
import os
import sys
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import click

from gancli.cli import commands, renamed
from gancli.cli.flags import note
from gancli.core import input_files
from gancli.core.errors import GancliError, Interrupted, brief

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

EPILOG = """\b
A first evening:
  gancli train --model dcgan --data digits     one minute, no download
  gancli sample --digit 7
  gancli interpolate --seeds 3,11
  gancli zvector-arith "7 - 1 + 4"

Exit codes: 0 done, 1 unexpected, 2 usage, 3 data, 4 checkpoint, 5 diverged, 6 disk or memory,
7 the run is being trained, 8 a worker was lost, 129, 130 and 143 interrupted (training: after saving)."""


ECHO_SECONDS = 0.5
COMPLETING = "_GANCLI_COMPLETE"  # set by a shell
MEMORY_ADVICE = "the memory is full; fewer --samples, a smaller --batch-size, --width or --image-size need less"


class Commands(click.Group):
    """A group whose commands are the files of gancli/commands; each holds a `command`.

    One is imported when it is called. Where all are listed, their first sentences are read from the files: importing
    all takes longer than all else.
    """

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(_files())

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        return _module(name).command if name in _files() else None

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Refuse empty values, which come from shell variables that are not set, for every command below.

        An empty variable of the environment is one that is not set; one of spaces is refused too.
        """
        for name, value in os.environ.items() if not ctx.resilient_parsing else ():
            if name.startswith("GANCLI_") and value.isspace():
                ctx.fail(f"the environment's {name} holds nothing but spaces: unset it")
        for before, arg in itertools.pairwise(["", *args] if not ctx.resilient_parsing else []):
            name, equals, value = arg.partition("=")
            is_option = bool(equals) and name.startswith("-")
            if not (value if is_option else arg).strip():
                named = name if is_option else before if before.startswith("-") else "an argument"
                ctx.fail(f"{named} is empty: is a variable of the shell not set?")
        return super().parse_args(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        files = _files()
        limit = formatter.width - 6 - max(map(len, files))  # as Click's
        with formatter.section("Commands"):
            formatter.write_dl([(name, _short_help(path, limit)) for name, path in sorted(files.items())])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        from click.shell_completion import CompletionItem

        files = sorted(_files().items())
        names = [CompletionItem(name, help=_short_help(path)) for name, path in files if name.startswith(incomplete)]
        return names + click.Command.shell_complete(self, ctx, incomplete)

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple:
        if args and not args[0].startswith("-") and self.get_command(ctx, args[0]) is None:
            from gancli.core.options import did_you_mean

            if args[0] in renamed.COMMANDS:
                ctx.fail(f"{args[0]} was renamed to {renamed.COMMANDS[args[0]]}")
            ctx.fail(f"no command '{args[0]}'" + did_you_mean(args[0], self.list_commands(ctx)))
        return super().resolve_command(ctx, args)


def _files() -> dict[str, Path]:
    """The file of each command, by the command's name."""
    found = Path(commands.__file__).parent.glob("[!_]*.py")
    return {path.stem.replace("_", "-"): path for path in found}


def _module(name: str) -> ModuleType:
    return importlib.import_module(f"{commands.__name__}.{name.replace('-', '_')}")


def _short_help(path: Path, limit: int = 45) -> str:
    """The first sentence of the docstring of a file's command, cut to `limit` characters as Click does."""
    text = path.read_text(encoding="utf-8")
    docstring = text.partition("\ndef command(")[2].partition('"""')[2].partition('"""')[0]
    return click.Command(None, help=docstring).get_short_help_str(limit)


def _print_version(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted and not ctx.resilient_parsing:
        from gancli.core.environment import versions

        click.echo(", ".join(f"{name} {version}" for name, version in versions().items()))
        ctx.exit()


@click.command(
    cls=Commands,
    epilog=EPILOG,
    context_settings={"auto_envvar_prefix": "GANCLI", "help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_version,
    help="Versions of gancli and what it computes with.",
)
@click.option("--debug", is_flag=True, help="Show tracebacks and TensorFlow's own messages.")
def cli(debug: bool) -> None:
    """Train generative adversarial networks, draw from them, score them."""
    if debug:
        os.environ["GANCLI_DEBUG"] = "1"


def main() -> None:
    """Run the command line and leave with its exit code."""
    _open_closed_streams()
    _let_signals_unwind()
    gc.freeze()  # what is imported now stays; to look through it at the end takes a tenth of the time of a --help
    sys.exit(_run())


def _open_closed_streams() -> None:
    """Open what was closed into nothing: a file of ours would get its number, and what is printed there go into it."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest free number, this one


def _let_signals_unwind() -> None:
    """Let SIGTERM and SIGHUP end a command as Ctrl-C does, so that no half-written file stays; a second one at once.

    A closing terminal and `timeout` send theirs twice; that is one wish.
    """
    import signal
    import time

    since: list[float] = []

    def interrupt(number: int, frame: object) -> None:
        if not since:
            since.append(time.monotonic())
            raise Interrupted(f"interrupted by {signal.Signals(number).name}", number)
        if time.monotonic() - since[0] > ECHO_SECONDS:
            os._exit(128 + number)

    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)  # Windows has one of them
        if number is not None and signal.getsignal(number) is signal.SIG_DFL:  # nohup ignores one
            signal.signal(number, interrupt)


def _run() -> int:
    try:
        with input_files.guard():
            result = cli.main(prog_name="gancli", standalone_mode=False)
        return result if isinstance(result, int) else 0
    except click.exceptions.Exit as ending:
        return ending.exit_code
    except click.ClickException as error:
        note(*map(brief, _told(error)))
        return error.exit_code
    except Interrupted as ending:  # asked for, and nothing was lost: no error
        note(str(ending))
        return ending.exit_code
    except GancliError as error:
        return _fail(error, error.exit_code)
    except (KeyboardInterrupt, click.Abort):
        note("interrupted")
        return 130  # 128 + SIGINT
    except SystemExit as ending:  # Click's answer to a shell that completes, else to a reader who has left
        return ending.code if COMPLETING in os.environ else 0
    except MemoryError as error:
        return _fail(error, 6, MEMORY_ADVICE)
    except OSError as error:
        return _fail(error, 6, f"{error.strerror or error}{f': {error.filename}' if error.filename else ''}")
    except Exception as error:
        if type(error).__name__ == "ResourceExhaustedError":  # TensorFlow's, which is not imported here
            return _fail(error, 6, MEMORY_ADVICE)
        return _fail(error, 1, f"unexpected {type(error).__name__}: {error} (gancli --debug shows where)")
    finally:
        if "gancli.core.temporary_files" in sys.modules:  # of a command that draws
            sys.modules["gancli.core.temporary_files"].release_all()


def _told(error: click.ClickException) -> list[str]:
    """The lines of an error as Click shows them: usage, hint, and one for the message, which may hold any name."""
    message = (renamed.message(error) if isinstance(error, click.NoSuchOption) else None) or error.format_message()
    if isinstance(error, click.exceptions.NoArgsIsHelpError):  # whose message is the help
        return message.split("\n")
    shown = io.StringIO()
    click.UsageError("", getattr(error, "ctx", None)).show(shown)
    *usage, start = shown.getvalue().rstrip("\n").split("\n")
    if isinstance(error, click.MissingParameter):  # a name of ours, and Click's list of choices
        message = message.replace("\n\t", " ")
    return [*usage, f"{start}{message}"]


def _fail(error: Exception, code: int, text: str | None = None) -> int:
    if os.environ.get("GANCLI_DEBUG") == "1":
        import traceback

        note(*"".join(traceback.format_exception(error)).rstrip().split("\n"))
    note(brief(f"Error: {text or error}"))
    return code
