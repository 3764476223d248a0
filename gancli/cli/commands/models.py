"""gancli models: models to train."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from gancli.cli import flags, output, tables

if TYPE_CHECKING:
    from gancli.core.backend import keras
    from gancli.data import DataFacts
    from gancli.models.description import ModelDescription

EPILOG = """\b
Examples:
  gancli models
  gancli models dcgan --data mnist      layers, parameter counts and the paper
  gancli models dcgan --set width=128 --image-size 64 --color rgb
  gancli models acgan                   differences from its paper"""

MIN_WIDTH, WIDTHS = 60, (80, 112, 160)  # columns of a table of layers: in a narrow terminal, and without a terminal


@click.command(epilog=EPILOG)
@click.argument("name", required=False)
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
@flags.data_dir_option
@flags.json_option
def command(
    name: str | None,
    source: str | None,
    image_size: int | None,
    color: str,
    settings: tuple[str, ...],
    data_dir: str | None,
    as_json: bool,
) -> None:
    """List models. With a NAME, show its paper, layers and parameter counts."""
    from gancli import models
    from gancli.core import options
    from gancli.models import config, description

    if name is None:
        found = description.first_lines()
        width = max(map(len, found))
        output.report(found, [f"{name:{width}}  {line}" for name, line in found.items()], as_json=as_json)
        return
    model_class = models.get(name)
    values = options.parse_settings(settings, config.fields_of(model_class))
    chosen = config.from_mapping(model_class, values | {"image_size": image_size, "color": color})
    described = description.describe(name, chosen, source=source, data_dir=data_dir)
    output.report(described.as_dict(), _lines(described), as_json=as_json)


def _lines(described: ModelDescription) -> list[str]:
    """The paper, and the layers of each network."""
    lines = [*described.paper.split("\n"), "", *described.all_models.split("\n"), ""]
    lines.append(f"The networks below are built for {_data_text(described.facts)}.")
    for network in described.networks:
        lines += ["", *_layer_table(network.model)]
    return lines


def _layer_table(model: keras.Model) -> list[str]:
    """Keras' summary, as wide as the terminal; without a terminal wide enough for all names."""
    terminal, text = tables.terminal_width(), ""
    for width in WIDTHS if terminal is None else [min(max(terminal, MIN_WIDTH), WIDTHS[-1])]:
        printed: list[str] = []
        with tables.fixed_width(width):
            model.summary(line_length=width - 4, print_fn=printed.append)
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
