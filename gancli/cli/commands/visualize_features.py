"""gancli visualize-features: what a run's discriminator has learned to see."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from gancli.cli import flags
from gancli.core.backend import np

if TYPE_CHECKING:
    from gancli.nn.feature_maps import Activations

MAPS = 6  # shown, if there are as many
BLOCK = 3.6  # inches of a block of the figure

EPILOG = """\b
Examples:
  gancli visualize-features
  gancli visualize-features --maps 0-11 --top 8
  gancli visualize-features --run faces --images 5000 --out features.png

Figure 5 of Radford et al. 2015: for each map of the discriminator's last convolution the training images that excite it
most, and what in them does: guided backpropagation (Springenberg et al. 2014) of its largest value to the pixels. Below
stands the same for the weights as they were before the training, and beside both the first convolution's filters.

The number is Moran's I of the guided pictures, how much neighbouring pixels agree: near 0 for noise, towards 1 for
large forms. Maps that answer to parts of things have more than untrained ones, as on faces and rooms; on digits a
discriminator tells by fine noise, and has less."""


@click.command(epilog=EPILOG)
@flags.run_options
@click.option(
    "--maps",
    "chosen_maps",
    type=flags.SeedList(),
    metavar="NUMBERS",
    help="Feature maps of the last convolution to draw.  [default: the first six]",
)
@click.option("--top", type=click.IntRange(1, 100), default=5, show_default=True, help="Images for each map.")
@click.option(
    "--images", "count", type=click.IntRange(1, 1_000_000), default=2000, show_default=True, help="Looked at."
)
@click.option(
    "--guided-only", is_flag=True, help="As in the paper's figure: leave the data's images out of the picture."
)
@flags.out_option(".png")
@flags.place_option()
@flags.json_option
def command(
    choice: flags.RunChoice,
    chosen_maps: list[int] | None,
    top: int,
    count: int,
    guided_only: bool,
    out: Path | None,
    place: flags.Place,
    as_json: bool,
) -> None:
    """Show what excites the discriminator's last convolution, and its first filters, trained and untrained."""
    flags.need_ending(out, ".png")
    from gancli.cli import opened_run
    from gancli.core import files
    from gancli.evaluation.metrics.morans_i import neighbour_correlation
    from gancli.imaging import plots
    from gancli.models.capabilities import ConvolutionalNetworks
    from gancli.nn import feature_maps

    chosen = opened_run.open_run(choice, ability=ConvolutionalNetworks)
    trained = chosen.model.discriminator.model
    if chosen_maps is None:
        chosen_maps = list(range(min(MAPS, feature_maps.after_convolutions(trained)[-1].shape[-1])))
    dataset = chosen.run.dataset(*place)
    flags.tell(dataset)
    pixels = dataset.some(max(count, top))
    untrained = chosen.untrained().discriminator.model
    rows, result = [], {"maps": chosen_maps, "images": len(pixels)}
    for name, network in (("trained", trained), ("untrained", untrained)):
        seen = feature_maps.excite(network, pixels, chosen_maps, top=min(top, len(pixels)))
        structure = neighbour_correlation(seen.gradients.reshape(-1, *seen.gradients.shape[2:]))
        result[name] = {"structure": float(structure.mean()), "shown": seen.rows.tolist()}
        rows.append((name, _blocks(seen, pixels, feature_maps.first_filters(network))[int(guided_only) :]))
    out = out or opened_run.fresh(chosen.run, f"features-{chosen.step:08}", ".png")
    files.atomic_write(out, plots.rows_of_images(rows, side=BLOCK))
    lines = [
        f"{out}: maps {', '.join(map(str, chosen_maps))} of the last convolution at step {chosen.step:,} of "
        f"{chosen.run.path}, and the {top} of {len(pixels):,} images that excite each most",
        f"structure of the guided pictures (Moran's I): {result['trained']['structure']:.3f} trained, "
        f"{result['untrained']['structure']:.3f} untrained",
    ]
    flags.report(chosen.about() | {"out": str(out), **result}, lines, as_json=as_json)


def _blocks(seen: Activations, pixels: np.ndarray, filters: np.ndarray) -> list[tuple[str, np.ndarray]]:
    """Three pictures: the images that excite each map in a row, what excites it in them, and the first filters."""
    from gancli.imaging import images

    shape = seen.rows.shape
    guided = images.centred(seen.gradients.reshape(-1, *seen.gradients.shape[2:]))
    return [
        ("images that excite each map", images.grid(pixels[seen.rows.ravel()], shape=shape)),
        ("what excites it in them", images.grid(guided, shape=shape)),
        ("filters of the first convolution", images.grid(images.centred(filters))),
    ]
