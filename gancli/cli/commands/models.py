"""gancli models: what can be trained."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import click

from gancli.cli import flags, tables

if TYPE_CHECKING:
    from gancli.data import DataFacts
    from gancli.models.base import Model
    from gancli.nn.network import Network

EPILOG = """\b
Examples:
  gancli models
  gancli models dcgan --data mnist      layers, parameter counts and the paper
  gancli models dcgan --set width=128 --image-size 64 --color rgb
  gancli models acgan                   where it differs from its paper"""

WIDTHS, NARROW = (80, 112, 160), 60  # columns of a table of layers: where no terminal is written to, and at least
LOOKED_AT = 500  # images of a source that draws as many as are wanted: they hold every class and word


@click.command(epilog=EPILOG)
@click.argument("name", required=False)
@click.option("--data", "source", help="Data set whose shape the networks get.  [default: the model's own]")
@click.option("--image-size", type=click.IntRange(4, 1024), help="Side of the images.")
@click.option("--color", type=click.Choice(["auto", "gray", "rgb"]), default="auto", show_default=True)
@click.option(
    "--set", "settings", multiple=True, metavar="NAME=VALUE", help="An option of the model, such as width=128."
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
    """List the models; with a NAME show its paper, layers and parameter counts."""
    from gancli import data, models
    from gancli.core import options
    from gancli.models import config

    if name is None:
        papers = {found: models.get(found).paper().split("\n")[0] for found in models.names()}
        width = max(map(len, papers))
        flags.report(papers, [f"{found:{width}}  {line}" for found, line in papers.items()], as_json=as_json)
        return
    model_class = models.get(name)
    values = options.parse_settings(settings, config.fields_of(model_class))
    values |= {"image_size": image_size, "color": color}
    chosen = config.from_mapping(model_class, values)
    model_class.check(*chosen)
    facts = None if source else model_class.example(*chosen)
    if facts is None:
        request = model_class.request(*chosen, data_dir)
        request = replace(request, least=request.least and 1)  # to be looked at only
        facts = data.load(data.few(source or chosen.config.data, LOOKED_AT), request).facts()
    result, lines = _describe(model_class(*chosen, facts))
    flags.report(result, lines, as_json=as_json)


def _describe(model: Model) -> tuple[dict[str, object], list[str]]:
    """Parameter counts, and the paper with Keras' summaries."""
    from gancli.models.base import ALL_MODELS, parameter_count

    counts, networks = {}, f"The networks below are those for {_of(model.data)}."
    lines = [*model.paper().split("\n"), "", *ALL_MODELS.split("\n"), "", networks]
    for name, network in model.networks.items():
        trainable, others = parameter_count(network.layers)
        counts[name] = {"parameters": trainable + others, "trainable": trainable, "non_trainable": others}
        lines.append("")
        lines += _summary(network)
    result = {
        "model": model.name(),
        "paper": model.paper(),
        "all_models": ALL_MODELS,
        "data": model.data.name,
        "shape": list(model.data.shape),
        "classes": len(model.data.classes),
        "precision": model.precision(),
        "networks": counts,
    }
    return result, lines


def _summary(network: Network) -> list[str]:
    """Keras' table of the layers: as wide as the terminal, elsewhere wide enough for all names."""
    terminal, told = tables.terminal_width(), [""]
    for width in WIDTHS if terminal is None else [min(max(terminal, NARROW), WIDTHS[-1])]:
        with tables.told_columns(width):
            network.layers.summary(line_length=width - 4, print_fn=lambda text: told.append(text))
        if "…" not in told[-1]:  # Keras' sign that something was cut
            break
    return told[-1].split("\n")


def _of(facts: DataFacts) -> str:
    """Data in words: what one item is, in how many classes, and of which data set."""
    if not facts.shape:
        what = f"sentences of {len(facts.words):,} different words"
    elif len(facts.shape) == 1:
        what = f"points of {facts.shape[0]} numbers"
    else:
        what = f"images of {'x'.join(map(str, facts.shape))}"
    classes = f" in {len(facts.classes)} classes" if facts.classes else ""
    origin = "an example, as no --data is given" if facts.name == "example" else f"as in '{facts.name}'"
    return f"{what}{classes} ({origin})"
