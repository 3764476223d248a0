"""gancli visualize-features: images that activate a discriminator's feature maps, and its filters."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from gancli.cli import flags, output
from gancli.core.backend import np

if TYPE_CHECKING:
    from gancli.nn.feature_maps import Activations

MAPS = 6  # to show by default
BLOCK = 3.6  # inches of a block of the figure

EPILOG = """\b
Examples:
  gancli visualize-features
  gancli visualize-features --maps 0-11 --top 8
  gancli visualize-features --run faces --num-images 5000 --out features.png

Figure 5 of Radford et al. 2015: for each feature map of the discriminator's last convolution, the training images with
the largest activation, and guided backpropagation (Springenberg et al. 2014) of that activation to the pixels. Below,
the same for the untrained network, and next to both the filters of the first convolution.

The score is Moran's I of the guided-backpropagation images, the spatial autocorrelation of pixels: near 0 for noise,
towards 1 for large structures. It is higher than for the untrained network if feature maps respond to parts of objects,
as on faces and rooms; on digits, where the discriminator relies on fine noise, it is lower."""


@click.command(epilog=EPILOG)
@flags.run_options
@click.option(
    "--maps",
    type=flags.SeedList(),
    metavar="NUMBERS",
    help="Feature maps of the last convolution to show, such as 0-11.  [default: the first six]",
)
@click.option(
    "--top", type=flags.IntRange(1, 100), default=5, show_default=True, help="Number of images per feature map."
)
@click.option(
    "--num-images",
    type=flags.IntRange(1, 1_000_000),
    default=2000,
    show_default=True,
    help="Number of training images to search.",
)
@click.option("--guided-only", is_flag=True, help="Show only guided backpropagation, as in the figure of the paper.")
@flags.out_option(".png")
@flags.place_option()
@flags.json_option
def command(
    choice: flags.RunChoice,
    maps: list[int] | None,
    top: int,
    num_images: int,
    guided_only: bool,
    out: Path | None,
    place: flags.Place,
    as_json: bool,
) -> None:
    """Show what activates the discriminator's last convolution, and its first filters."""
    flags.need_ending(out, ".png")
    from gancli.cli import opened_run
    from gancli.core import files
    from gancli.evaluation.metrics.morans_i import morans_i
    from gancli.imaging import plots
    from gancli.models.capabilities import ConvolutionalNetworks
    from gancli.nn import feature_maps

    trained_model = opened_run.open_run(choice, ability=ConvolutionalNetworks)
    trained = trained_model.model.discriminator.model
    if maps is None:
        maps = list(range(min(MAPS, feature_maps.after_convolutions(trained)[-1].shape[-1])))
    pixels = trained_model.dataset(*place).sample(max(num_images, top))
    untrained = trained_model.untrained().discriminator.model
    rows, result = [], {"maps": maps, "images": len(pixels)}
    for name, network in (("trained", trained), ("untrained", untrained)):
        activations = feature_maps.excite(network, pixels, maps, top=min(top, len(pixels)))
        structure = morans_i(activations.gradients.reshape(-1, *activations.gradients.shape[2:]))
        result[name] = {"structure": float(structure.mean()), "shown": activations.rows.tolist()}
        rows.append((name, _blocks(activations, pixels, feature_maps.first_filters(network))[int(guided_only) :]))
    out = out or opened_run.default_out(trained_model.run, f"features-{trained_model.step:08}", ".png")
    files.atomic_write(out, plots.rows_of_images(rows, side=BLOCK))
    lines = [
        f"{out}: feature maps {', '.join(map(str, maps))} of the last convolution at step {trained_model.step:,} of "
        f"{trained_model.run.path}, with the {top} of {len(pixels):,} images that activate each most",
        f"Moran's I of guided backpropagation: {result['trained']['structure']:.3f} trained, "
        f"{result['untrained']['structure']:.3f} untrained",
    ]
    output.report(trained_model.about() | {"out": str(out), **result}, lines, as_json=as_json)


def _blocks(activations: Activations, pixels: np.ndarray, filters: np.ndarray) -> list[tuple[str, np.ndarray]]:
    """Three pictures: images that activate each map, their guided backpropagation, and the first filters."""
    from gancli.imaging import images

    shape = activations.rows.shape
    guided = images.centered(activations.gradients.reshape(-1, *activations.gradients.shape[2:]))
    return [
        ("largest activations", images.grid(pixels[activations.rows.ravel()], shape=shape)),
        ("guided backpropagation", images.grid(guided, shape=shape)),
        ("first-layer filters", images.grid(images.centered(filters))),
    ]
