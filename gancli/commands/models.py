"""gancli models: what can be trained."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import click

from gancli.console import flags

if TYPE_CHECKING:
    from gancli.models.base import Model

EPILOG = """\b
Examples:
  gancli models
  gancli models dcgan --data mnist      layers, parameter counts and the paper
  gancli models dcgan --set width=128 --image-size 64 --color rgb
  gancli models acgan                   where it differs from its paper"""


@click.command(epilog=EPILOG)
@click.argument("name", required=False)
@click.option("--data", "source", help="Data set whose shape the networks get.  [default: the model's own]")
@click.option("--image-size", type=click.IntRange(4, 1024), help="Side of the images.")
@click.option("--color", type=click.Choice(["auto", "grey", "rgb"]), default="auto", show_default=True)
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
    from gancli import data, models, options

    if name is None:
        papers = {found: models.get(found).paper().split("\n")[0] for found in models.names()}
        width = max(map(len, papers))
        flags.report(papers, "\n".join(f"{found:{width}}  {line}" for found, line in papers.items()), as_json=as_json)
        return
    model_class = models.get(name)
    values = options.parse_settings(model_class.Options, settings) | {"image_size": image_size, "color": color}
    chosen = options.from_mapping(model_class.Options, values)
    request = model_class.request(chosen, data_dir)
    dataset = data.load(source or chosen.data, replace(request, least=request.least and 1))  # to be looked at only
    result, text = _describe(model_class(chosen, dataset.facts()))
    flags.report(result, text, as_json=as_json)


def _describe(model: Model) -> tuple[dict[str, object], str]:
    """Parameter counts, and the paper with Keras' summaries."""
    from gancli.models.base import parameter_count

    counts, parts = {}, [model.paper()]
    for name, network in model.networks.items():
        trainable, others = parameter_count(network.layers)
        counts[name] = {"parameters": trainable + others, "trainable": trainable, "non_trainable": others}
        lines: list[str] = []
        network.layers.summary(print_fn=lambda text, lines=lines: lines.append(text))
        parts.append("\n".join(lines))
    result = {"model": model.name(), "paper": model.paper(), "shape": list(model.data.shape), "networks": counts}
    return result, "\n\n".join(parts)
