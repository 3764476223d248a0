"""gancli sample: images from a run."""

from __future__ import annotations

from pathlib import Path

import click

from gancli.cli import flags, output, path_types, text_options
from gancli.cli.sample_options import DEFAULT_COUNT, ROW, SampleOptions, run
from gancli.cli.style_space import options as style_options

EPILOG = """\b
Examples:
  gancli sample                               seeds 0-63 of the latest run
  gancli sample --seeds 0-15,20 --out row.png
  gancli sample --digit 7 --grid 4x8
  gancli sample --class sneaker --num-samples 16 --run 3
  gancli sample --class "smiling woman without glasses"     data with attributes
  gancli sample --num-samples 50000 --out fakes.npz   arrays images, seeds (and labels with --class)
  gancli sample --seeds 5-9 --out folder/       one PNG per image, one folder per class
  gancli sample --grid 10x8                     class-conditional model: one row per class
  gancli sample --per-class 1000 --out set.npz  class-balanced, with labels, e.g. as training data
  gancli sample --show-pyramid                lapgan: all levels from coarse to fine, one row per seed
  gancli sample --show-pyramid --from-image me.png
  gancli sample --text "this flower has bright yellow petals" --seeds 0-7       gan-cls
  gancli sample --text "a small red seven in the middle of a blue ground" --style-of picture.png
  gancli sample --truncation 0.7              stylegan, stylegan2: closer to the mean style
  gancli sample --mix 0-4 5-9                 coarse styles of seeds 5-9, all others of 0-4
  gancli sample --mix 0-4 5-9 --mix-layers fine

A seed always gives the same image, whatever the other seeds are. A class-conditional model generates the class given by
--class; by default one row per class, with the same z in each column; with --seeds or --num-samples, seed s gets class
s modulo the number of classes (seed 13 of ten classes: class 3).

With an unconditional model, --class selects images: two classifiers of different architecture, trained on the run's
data, must both be confident that the image shows the class or attributes. The confidence threshold is chosen on samples
of the run so that a third classifier disagrees with at most --max-error of the selected images.

A text-conditional model generates one row per --text, by default for captions from its training data. --style-of uses z
of an image, which holds its pose and background, instead of random z; it works best with runs trained with
--style-weight.

--from-image downsamples a real image and lets the finer levels of a lapgan add details, different for each seed.

--truncation moves the styles w of a style-based model to mean + PSI (w - mean): below 1 fewer failures and less
variety, 0 the mean image, negative the opposite of each (Karras et al. 2019, appendix B). --mix is Figure 3 there: each
image has the --mix-layers styles of the image above its column (coarse: 0-3, middle: 4-7, fine: from 8 on), and all
other styles of the image at the left of its row."""


@click.command(epilog=EPILOG)
@flags.run_options
@click.option("--seeds", type=flags.SeedRanges(), metavar="SEEDS", help="Seeds, such as 0-15,20.  [default: from 0 on]")
@click.option(
    "--num-samples",
    type=flags.IntRange(1, 10_000_000),
    help=f"Number of images to generate.  [default: {DEFAULT_COUNT}]",
)
@click.option(
    "--class",
    "--digit",
    "label",
    metavar="CLASS",
    help="Class name or number (7, sneaker), or attributes ('smiling woman').",
)
@click.option(
    "--per-class",
    type=flags.IntRange(1, 1_000_000),
    help=f"Number of images per class (class-conditional models).  [default: {ROW}]",
)
@click.option(
    "--max-error",
    type=flags.NumberRange(0, 1, min_open=True),
    metavar="SHARE",
    help="Maximum share of misclassified images that --class keeps.  [default: 0.02]",
)
@click.option("--grid", metavar="RxC", help="Rows and columns of the picture, such as 4x8.")
@click.option("--show-pyramid", is_flag=True, help="Show every pyramid level of each image (lapgan).")
@click.option(
    "--from-image", type=path_types.INPUT, metavar="FILE", help="Start from this image, downsampled (lapgan)."
)
@click.option(
    "--from-side",
    type=flags.IntRange(1),
    help="Side in pixels to downsample --from-image to.  [default: the coarsest level]",
)
@text_options.option("Text to generate images for (gan-cls); repeat it for several rows.")
@click.option(
    "--style-of",
    multiple=True,
    type=path_types.INPUT,
    metavar="FILE",
    help="Image whose style gives z, instead of seeds (gan-cls); repeatable.",
)
@style_options.truncation
@click.option(
    "--mix",
    nargs=2,
    type=flags.SeedRanges(),
    metavar="SEEDS SEEDS",
    help="Seeds of rows and of columns of a style-mixing grid (stylegan, stylegan2).",
)
@click.option(
    "--mix-layers",
    metavar="LAYERS",
    help="Style layers of the columns: coarse, middle, fine, or such as 0-3.  [default: coarse]",
)
@flags.out_option(".png grid, .npz or .h5 arrays, or a folder of PNG files")
@flags.place_option()
@flags.json_option
def command(choice: flags.RunChoice, out: Path | None, place: flags.Place, as_json: bool, **values: object) -> None:
    """Generate images from a run, for given seeds, classes or texts."""
    options = SampleOptions(**values)
    options.check()
    output.report(*run(choice, options, place, out), as_json=as_json)
