"""gancli models NAME: a model's paper, layers and parameter counts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import click

from gancli.cli import flags, output, tables
from gancli.core.errors import OptionError

if TYPE_CHECKING:
    from gancli.core.backend import keras
    from gancli.core.options import Field
    from gancli.data import DataFacts
    from gancli.models.description import ModelDescription

EPILOG = """\b
Examples:
  gancli models dcgan --data mnist               layers, parameter counts and the paper
  gancli models dcgan --summary --width 128 --image-size 64 --color rgb
  gancli models gan --summary --units 128,256 --json
  gancli models acgan                            differences from its paper
  gancli models my_gan.py --summary              a model of your own; the file is executed"""

SIZES = (
    ("--width", "N", "Channels, as in gancli train."),
    ("--depth", "N", "Depth, as in gancli train."),
    ("--units", "N,N,…", "Hidden units, as in gancli train."),
    ("--d-units", "N,N,…", "Hidden units of the discriminator, as in gancli train."),
)
MIN_WIDTH, WIDTHS = 60, (80, 112, 160)  # columns of a table of layers: in a narrow terminal, and without a terminal


def _size_options(function: Callable) -> Callable:
    """Options for the sizes of a model's networks, by the names that they have in gancli train."""
    for flag, metavar, text in reversed(SIZES):
        function = click.option(flag, metavar=metavar, help=text)(function)
    return function


@click.command(epilog=EPILOG)
@click.argument("name")
@click.option("--summary", is_flag=True, help="Print only the layers: output shapes and parameter counts.")
@click.option("--data", "source", metavar="DATA", help="Data set to build the networks for.  [default: the model's]")
@click.option(
    "--image-size",
    type=flags.IntRange(4, 1024),
    metavar="N",
    help="Side of the images in pixels.  [default: the data's; digits: 8]",
)
@flags.color_option
@click.option(
    "--set", "settings", multiple=True, metavar="NAME=VALUE", help="Option of the model, such as width=128; repeatable."
)
@_size_options
@flags.data_dir_option
@flags.json_option
def command(
    name: str, summary: bool, source: str | None, settings: tuple[str, ...], data_dir: str | None, **values: object
) -> None:
    """Show a model's paper, its layers and their parameter counts."""
    from gancli import models
    from gancli.core import options
    from gancli.models import config, description

    as_json, data_values = values.pop("as_json"), {key: values.pop(key) for key in ("image_size", "color")}
    model_class = models.named_by_user(name)
    fields = config.fields_of(model_class)
    given = options.parse_settings([*_sizes(name, fields, values), *settings], fields)
    chosen = config.from_mapping(model_class, given | data_values)
    described = description.describe(name, chosen, source=source, data_dir=data_dir)
    lines = _summary_lines(described) if summary else _lines(described)
    output.report(described.as_dict(), lines, as_json=as_json)


def _sizes(name: str, fields: Sequence[Field], values: Mapping[str, str | None]) -> list[str]:
    """The sizes that were given, as settings. Raises: OptionError for one that the model does not have."""
    flags_of = {key: f"--{key.replace('_', '-')}" for key in values}
    known = [flags_of[field.name] for field in fields if field.name in values]
    chosen = {key: value for key, value in values.items() if value is not None}
    for key in chosen:
        if flags_of[key] not in known:
            raise OptionError(f"{flags_of[key]}: the sizes of {name} are {' and '.join(known)}")
    return [f"{key}={value}" for key, value in chosen.items()]


def _lines(described: ModelDescription) -> list[str]:
    """The paper, and the layers of each network."""
    from gancli.models import presets

    named = [f"--preset {name}: {presets.as_flags(values)}" for name, values in described.presets.items()]
    paper = [*described.paper.split("\n"), "", *([*named, ""] if named else [])]
    return [*paper, *described.all_models.split("\n"), "", *_summary_lines(described)]


def _summary_lines(described: ModelDescription) -> list[str]:
    """The data that the networks are built for, and the layers of each network."""
    lines = [f"The networks below are built for {_data_text(described.facts)}."]
    for network in described.networks:
        lines += ["", *_layer_table(network.model)]
    return lines


def _layer_table(model: keras.Model) -> list[str]:
    """Keras' summary, as wide as the terminal; without a terminal wide enough for all names."""
    terminal, text = tables.terminal_width(), ""
    for width in WIDTHS if terminal is None else [min(max(terminal, MIN_WIDTH), WIDTHS[-1])]:
        printed: list[str] = []
        with tables.fixed_width(width):
            model.summary(line_length=width - 4, expand_nested=True, print_fn=printed.append)
        text = printed[-1]
        if "…" not in text:  # Keras shortens names with it
            break
    return text.split("\n")


def _data_text(facts: DataFacts) -> str:
    """What one example is, the number of classes, and the name of the data set."""
    if not facts.shape:
        examples = f"sentences with a vocabulary of {len(facts.words):,} words"
    elif len(facts.shape) == 1:
        examples = f"points of {facts.shape[0]} coordinates"
    else:
        examples = f"images of {'x'.join(map(str, facts.shape))}"
    classes = f" in {len(facts.classes)} classes" if facts.classes else ""
    origin = "an example; choose data with --data" if facts.name == "example" else f"as in '{facts.name}'"
    return f"{examples}{classes} ({origin})"
