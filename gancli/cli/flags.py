"""Click options made from Options fields, and those that several commands share."""

from __future__ import annotations

import errno
import functools
import math
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click
from click.core import ParameterSource

from gancli.cli import path_types
from gancli.core.errors import DataError, OptionError
from gancli.core.escapes import escaped

if TYPE_CHECKING:
    from gancli.core.latents import Seeds
    from gancli.core.options import Field
    from gancli.data import Dataset, Remark

STRICT, TOLD = "gancli.strict", "gancli.told"  # in Click's context


class FieldType(click.ParamType):
    """The type of a flag that sets an option: the option's own check."""

    def __init__(self, field: Field) -> None:
        self.field = field
        self.name = {int: "whole number", float: "number", str: "text", bool: "flag"}[field.type]

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> object:
        """Parse the text of a command line or variable; values of a file come typed."""
        try:
            return self.field.parse(value) if isinstance(value, str) else self.field.check(value)
        except OptionError as error:
            self.fail(str(error), param, ctx)

    def get_metavar(self, param: click.Parameter, ctx: click.Context | None = None) -> str:
        """The choices, or the kind of value."""
        rule = self.field.rule
        return f"[{'|'.join(rule.choices)}]" if rule.choices else {int: "N", float: "X", str: "TEXT"}[self.field.type]


class NumberRange(click.FloatRange):
    """A number within bounds; Click's own type lets nan pass them."""

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Fails for nan too."""
        number = super().convert(value, param, ctx)
        return self.fail(f"{value} is not a number.", param, ctx) if math.isnan(number) else number


def flag(field: Field) -> click.Option:
    """The flag that sets an option."""
    dashed = field.name.replace("_", "-")
    text = field.rule.help[0].upper() + field.rule.help[1:]
    if field.type is bool:
        return click.Option([f"--{dashed}/--no-{dashed}"], default=field.default, help=f"{text}.")
    bounds = field.rule.range_text()
    text += f" ({bounds})." if bounds else "."
    return click.Option([f"--{dashed}"], type=FieldType(field), default=field.default, show_default=True, help=text)


class Group(click.Group):
    """A command with subcommands; its options before the name of one are given to that one."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the subcommand, whose arguments begin with the options that were given here; those of the environment
        are its defaults. Fails for an option that it does not have."""
        name, command, rest = super().resolve_command(ctx, args)
        taken, defaults, given = {one.name for one in command.params} if command else set(), {}, []
        for option in self.params:
            source, value = ctx.get_parameter_source(option.name), ctx.params.get(option.name)
            if source is ParameterSource.COMMANDLINE:
                if command and option.name not in taken:
                    ctx.fail(f"'{name}' has no option {option.opts[0]}")
                given += [option.opts[0]] if option.is_flag else [option.opts[0], str(value)]
            elif option.name in taken and source is not ParameterSource.DEFAULT:
                defaults[option.name] = value
        ctx.default_map = {name: defaults}
        return name, command, [*given, *rest]


outdir_option = click.option(
    "--outdir",
    type=click.Path(file_okay=False, path_type=Path),
    default="runs",
    show_default=True,
    envvar="GANCLI_OUTDIR",
    help="Folder that holds the numbered runs.",
)


class RunChoice(NamedTuple):
    """Which run, which of its checkpoints, and which weights: what --run, --outdir, --checkpoint, --weights say."""

    selector: str | None
    outdir: Path
    checkpoint: str = "last"
    weights: str | None = None


def run_options(function: Callable) -> Callable:
    """--run, --outdir, --checkpoint and --weights, given to a command that uses a run as one `choice`."""

    @functools.wraps(function)
    def command(run_name: str | None, outdir: Path, checkpoint: str, weights: str | None, **others: object) -> object:
        return function(choice=RunChoice(run_name, outdir, checkpoint, weights), **others)

    for option in (
        click.option(
            "--weights",
            type=click.Choice(["ema", "raw"]),
            help="Of the generator: their moving average, or as they are.  [default: ema where it was kept]",
        ),
        click.option(
            "--checkpoint",
            default="last",
            show_default=True,
            help="A step that was saved, last, or best (by its score).",
        ),
        outdir_option,
        click.option(
            "--run", "run_name", metavar="RUN", help="Number, name or path of a run; the newest that can if not given."
        ),
    ):
        command = option(command)
    return command


data_dir_option = click.option(
    "--data-dir",
    envvar="GANCLI_DATA",
    metavar="DIR",
    help="Folder to look in for mnist.npz and the like. [env: GANCLI_DATA]",
)


class Place(NamedTuple):
    """Where to find a run's data: --data-dir, a folder of named sets, and --data, a name or path if they were moved."""

    data_dir: str | None = None
    source: str | None = None


def place_option(help_text: str = "Where the run's data are, if they were moved.") -> Callable:
    """--data and --data-dir of a command that looks for a run's data, as one `place`."""

    def decorate(function: Callable) -> Callable:
        @functools.wraps(function)
        def command(data: str | None, data_dir: str | None, **others: object) -> object:
            return function(place=Place(data_dir, data), **others)

        return click.option("--data", type=path_types.SOURCE, metavar="DATA", help=help_text)(data_dir_option(command))

    return decorate


json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of text.")


def out_option(endings: str) -> Callable:
    """--out, with the endings that a command knows."""
    return click.option("--out", type=path_types.OUTPUT, help=f"Where to: {endings}. Inside the run if not given.")


def need_ending(out: Path | None, *endings: str) -> None:
    """Raise OptionError for an --out of another kind than the command makes."""
    if out is not None and out.suffix.lower() not in endings:
        listed = " or ".join(filter(None, [", ".join(endings[:-1]), endings[-1]]))
        raise OptionError(f"--out {out}: expected a name that ends in {listed}")


class SeedList(click.ParamType):
    """Seeds such as 0-15,20."""

    name = "seeds"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> list[int]:
        """Text to numbers."""
        from gancli.core.latents import parse_seeds  # imports numpy

        return parse_seeds(value) if isinstance(value, str) else value


class SeedRanges(SeedList):
    """Seeds such as 0-9999999, held as ranges."""

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Seeds:
        """Text to ranges of numbers."""
        from gancli.core.latents import read_seeds  # imports numpy

        return read_seeds(value) if isinstance(value, str) else value


strict_option = click.option(
    "--strict",
    is_flag=True,
    expose_value=False,
    callback=lambda ctx, param, value: ctx.meta.__setitem__(STRICT, value),
    help="Fail if the reader guessed, changed or left out anything in the data.",
)


def _range(ctx: click.Context, param: click.Parameter, value: str) -> str:
    from gancli.data.images import value_ranges  # imports numpy

    value_ranges.parse(value)
    return value


pixel_range_option = click.option(
    "--pixel-range",
    callback=_range,
    default="auto",
    show_default=True,
    metavar="LOW:HIGH",
    help="Pixel values read as black and white: 0:1, -1:1, 0:4095.",
)


def tell(dataset: Dataset) -> None:
    """Print the remarks on data that matter, each once in a command. Raises: DataError with them, if --strict."""
    tell_remarks(dataset.remarks)


def tell_remarks(remarks: Iterable[Remark]) -> None:
    """Print the remarks that matter, each once in a command. Raises: DataError that holds them, with --strict."""
    remarks = list(remarks)
    need_none(remarks)
    context = click.get_current_context(silent=True)
    told = context.meta.setdefault(TOLD, set()) if context else set()
    for remark in remarks:
        if remark.matters and remark.text not in told:
            told.add(remark.text)
            note(f"note: {remark.text}")


def need_none(remarks: Iterable[Remark]) -> None:
    """With --strict, raise DataError for remarks that matter."""
    texts = [remark.text for remark in remarks if remark.matters]
    context = click.get_current_context(silent=True)
    if texts and context is not None and context.meta.get(STRICT):
        raise DataError(f"--strict: {'; '.join(texts)}")


def note(*lines: str) -> None:
    """Say something on standard error, beside the results; names in it are escaped, see `escaped`."""
    _say(lines, err=True)


def report(result: Mapping[str, Any], lines: Sequence[str], *, as_json: bool) -> None:
    """Print a result on standard output: the lines, each escaped, or the whole as one JSON object, strict_json's."""
    from gancli.core import strict_json

    _say([strict_json.dumps(result)] if as_json else lines, err=False)


def _say(lines: Sequence[str], *, err: bool) -> None:
    """Print lines, so that a newline in a name begins none.

    Where the reader of a pipe has left or the terminal is closed, the rest goes nowhere and work goes on.
    """
    try:
        click.echo("\n".join(map(escaped, lines)).encode(), err=err)
    except OSError as error:
        if not err and error.errno not in (errno.EPIPE, errno.EIO):
            raise  # a result that is lost is told
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2 if err else 1)
