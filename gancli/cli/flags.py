"""Click options that several commands share, and the printing of results and notes."""

from __future__ import annotations

import functools
import math
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click
from click.core import ParameterSource

from gancli.cli import path_types
from gancli.cli.output import STRICT
from gancli.core.errors import OptionError
from gancli.core.options import bounds_text

if TYPE_CHECKING:
    from gancli.nn.latents import Seeds


class _Bounds:
    """Bounds in words and one letter for the value, in help and errors; mixed into Click's ranges."""

    def _describe_range(self) -> str:
        return bounds_text(
            **{"above" if self.min_open else "low": self.min, "below" if self.max_open else "high": self.max}
        )

    def fail(self, message: str, *place: object) -> None:
        """Fail, with the bounds in words."""
        super().fail(message.replace(" is not in the range ", " is out of range; allowed: "), *place)

    def get_metavar(self, param: click.Parameter, ctx: click.Context | None = None) -> str:
        """N for a whole number, X for any other."""
        return "N" if isinstance(self, click.IntRange) else "X"


class IntRange(_Bounds, click.IntRange):
    """A whole number within bounds."""

    name = "whole number"


class NumberRange(_Bounds, click.FloatRange):
    """A number within bounds, and not NaN, which Click accepts."""

    name = "number"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Parse a number. Fails for NaN."""
        number = super().convert(value, param, ctx)
        return self.fail(f"{value} is not a number.", param, ctx) if math.isnan(number) else number


class _Folded(click.types.StringParamType):
    """Text in any case, given on in lower case."""

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> str:
        return super().convert(value, param, ctx).casefold()


outdir_option = click.option(
    "--outdir",
    type=click.Path(file_okay=False, path_type=Path),
    default="runs",
    show_default=True,
    envvar="GANCLI_OUTDIR",
    help="Folder that holds the runs.",
)


class RunChoice(NamedTuple):
    """Values of --run, --outdir, --checkpoint, --weights and --model: a run, a checkpoint of it, EMA or raw weights,
    and the model that it must be one of."""

    selector: str | None
    outdir: Path
    checkpoint: str = "last"
    weights: str | None = None
    model: str | None = None


def run_options(function: Callable) -> Callable:
    """Options of a command that uses a run, such as --run and --checkpoint, passed on as one `choice`."""

    @functools.wraps(function)
    def command(run_name: str | None, **values: object) -> object:
        chosen = {name: values.pop(name) for name in ("outdir", "checkpoint", "weights", "model")}
        return function(choice=RunChoice(run_name, **chosen), **values)

    for option in (
        click.option(
            "--model",
            type=path_types.SOURCE,
            metavar="MODEL",
            help="Model that the run must be of; a file (mine.py) is executed.  [default: any]",
        ),
        click.option(
            "--weights",
            type=click.Choice(["ema", "raw"], case_sensitive=False),
            help="Moving average of the weights (ema), or the last ones (raw).  [default: ema if available]",
        ),
        click.option(
            "--checkpoint",
            default="last",
            show_default=True,
            metavar="STEP|last|best",
            type=_Folded(),
            help="Checkpoint to use: its step, last, or best (by evaluation score).",
        ),
        outdir_option,
        click.option(
            "--run",
            "run_name",
            metavar="RUN",
            help="Number, name (or its beginning) or path of a run, or last.  [default: newest compatible run]",
        ),
    ):
        command = option(command)
    return command


def _existing_folder(ctx: click.Context, param: click.Parameter, value: str | None) -> str | None:
    """A folder of the command line must exist; one of the environment only if something is searched in it."""
    is_typed = ctx.get_parameter_source(param.name) is ParameterSource.COMMANDLINE
    if is_typed and not ctx.resilient_parsing and not os.path.isdir(os.path.expanduser(value)):  # noqa: PTH111, PTH112
        raise OptionError(f"the data folder {value} does not exist (--data-dir)")
    return value


data_dir_option = click.option(
    "--data-dir",
    envvar="GANCLI_DATA",
    callback=_existing_folder,
    metavar="DIR",
    help="Folder in which data sets are searched by name.  [env: GANCLI_DATA]",
)


skip_bad_option = click.option("--skip-bad", is_flag=True, help="Leave out files that cannot be read, and list them.")


class Place(NamedTuple):
    """Where to find the data of a run: --data-dir, a folder of named data sets, and --data, their new name or path.

    skip_bad: whether files that cannot be read are left out.
    """

    data_dir: str | None = None
    source: str | None = None
    skip_bad = False  # no field, so that a place is still these two


class SkippingPlace(Place):
    """The same with --skip-bad."""

    skip_bad = True


def place_option(text: str = "Name or path of the run's data if they were moved.", *, skips: bool = False) -> Callable:
    """Options of a command that reads the data of a run: --data and --data-dir, passed on as one `place`.

    skips: with --skip-bad, for commands that read other data too.
    """

    def decorate(function: Callable) -> Callable:
        @functools.wraps(function)
        def command(data: str | None, data_dir: str | None, skip_bad: bool = False, **others: object) -> object:
            place = (SkippingPlace if skip_bad else Place)(data_dir, data)
            return function(place=place, **others)

        options = click.option("--data", type=path_types.SOURCE, metavar="DATA", help=text)
        return options(data_dir_option(skip_bad_option(command) if skips else command))

    return decorate


color_option = click.option(
    "--color",
    type=click.Choice(["auto", "gray", "rgb"], case_sensitive=False),
    default="auto",
    show_default=True,
    help="Color mode of the images.",
)


json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of text.")


def out_option(endings: str) -> Callable:
    """The option --out, whose help lists the file types of the command."""
    return click.option("--out", type=path_types.OUTPUT, help=f"Output file: {endings}.  [default: a file in the run]")


def need_ending(out: Path | None, *endings: str) -> None:
    """Raise OptionError for an output file of a type that the command does not write."""
    if out is not None and out.suffix.lower() not in endings:
        listed = " or ".join(filter(None, [", ".join(endings[:-1]), endings[-1]]))
        raise OptionError(f"--out {out}: expected a file name that ends in {listed}")


class SeedList(click.ParamType):
    """A list of seeds, such as 0-15,20."""

    name = "seeds"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> list[int]:
        """Parse a list of seeds into integers. Raises: OptionError."""
        from gancli.nn.latents import parse_seeds  # imports numpy

        return parse_seeds(value) if isinstance(value, str) else value


class SeedRanges(SeedList):
    """Seeds as ranges that are not expanded, such as 0-9999999."""

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Seeds:
        """Parse ranges of seeds into Seeds. Raises: OptionError."""
        from gancli.nn.latents import read_seeds  # imports numpy

        return read_seeds(value) if isinstance(value, str) else value


strict_option = click.option(
    "--strict",
    is_flag=True,
    expose_value=False,
    callback=lambda ctx, param, value: ctx.meta.__setitem__(STRICT, value),
    help="Fail instead of guessing a format, converting images or skipping files.",
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
    help="Pixel values of black and white, such as 0:1, -1:1 or 0:4095.",
)
