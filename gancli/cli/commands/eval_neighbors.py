"""gancli eval-neighbors: samples beside their nearest training images."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from gancli.cli import eval_options, flags, output, tables
from gancli.core.errors import OptionError

if TYPE_CHECKING:
    from gancli.evaluation.sample_quality.memorization import DistanceRatio, MemorizationResult

EPILOG = """\b
Examples:
  gancli eval-neighbors
  gancli eval-neighbors --rows 6 --out figure2.png
  gancli eval-neighbors --features classifier

The picture follows figure 2 of Goodfellow et al. 2014: each row has five random samples and, in the last column, the
training image nearest to the fifth sample (exact search, L2 distance of pixels or of --features).

The test images, on which the run was not trained, are split into two halves. The ratio is the mean distance from
samples to their nearest training image, divided by the mean distance to the nearest image of the first half. The same
ratio for the second half, printed next to it, is the value without memorization. A much smaller ratio means that the
run reproduces training images; 0 means exact copies."""


@click.command(epilog=EPILOG)
@eval_options.options(num_samples=1000)
@click.option("--rows", type=flags.IntRange(1, 50), default=4, show_default=True, help="Number of rows in the picture.")
@click.option(
    "--features",
    default="pixels",
    show_default=True,
    metavar="[pixels|classifier|inception|FILE]",
    help="Feature space for the distances.",
)
@flags.out_option(".png")
def command(chosen: eval_options.EvalOptions, rows: int, features: str, out: Path | None, as_json: bool) -> None:
    """Show the training images nearest to samples, and measure memorization."""
    flags.need_ending(out, ".png")
    from gancli.cli import opened_run
    from gancli.core import files
    from gancli.evaluation import feature_extractors
    from gancli.evaluation.sample_quality import memorization
    from gancli.imaging import images

    if out is None and chosen.images is not None:
        raise OptionError("--images has no run folder for the picture: give --out FILE.png")
    choice = feature_extractors.FeatureChoice(features)
    feature_extractors.check(choice)
    evaluated = eval_options.open_set(chosen)
    extractor = feature_extractors.load(choice, evaluated.dataset, note=output.note)
    result = memorization.score(evaluated, extractor, rows=rows)
    out = out or opened_run.default_out(evaluated.run, f"neighbours-{evaluated.recipe['step']:08}", ".png")
    files.atomic_write(out, images.png(result.figure))
    scores = result.to_dict() | {"out": str(out)}
    eval_options.report_set(evaluated, "neighbours", scores, _lines(result, out), as_json=as_json)


def _lines(result: MemorizationResult, out: Path) -> list[str]:
    lines = [
        f"{out}: each row has five samples and the training image nearest to the last of them",
        f"mean distance to the nearest of {result.training_images:,} training images: {result.mean_distance:.3f} "
        f"(L2; {result.extractor})",
    ]
    if result.unseen is None:
        return [*lines, "no ratio: there is no test split and no held-out part of the training images (--hold-out)"]
    return lines + _ratio_lines(result.unseen)


def _ratio_lines(unseen: DistanceRatio) -> list[str]:
    ratio, real = (tables.number(value, ".3f") for value in (unseen.ratio, unseen.real_ratio))
    lines = [
        f"ratio to the distance to the nearest of {unseen.count:,} unseen images ({unseen.reference}): {ratio}; "
        f"for other unseen images: {real}; for copies: 0"
    ]
    for name, images in (("ratio", "the samples"), ("real_ratio", "one half of the unseen images")):
        if getattr(unseen, name) is None:
            lines.append(f"{name} is not defined: {images} are copies of the other half")
    return lines
