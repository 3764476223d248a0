"""gancli eval-diversity: diversity of samples."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from gancli.cli import eval_options, flags, output, tables

if TYPE_CHECKING:
    from gancli.evaluation.sample_quality.diversity import DiversityResult

EPILOG = """\b
Examples:
  gancli eval-diversity
  gancli eval-diversity --pairs 500 --json
  gancli eval-diversity --images fakes.npz --data mnist

MS-SSIM of pairs of samples: 1 for identical images, lower for more diverse ones; compare with the value of real images.
For data with labels, also within each class (100 pairs each, as in Odena et al. 2017): the requested class of a
class-conditional model, otherwise the class that a classifier predicts. Five scales need images of 176 pixels; smaller
images use fewer scales, and values with different numbers of scales are not comparable. The share of
near-duplicates counts samples whose nearest other sample (pixels, L2) is closer than it is for 99.9% of the real
images, in sets of equal size. The share for real images is printed next to it; it is larger for small sets."""


@click.command(epilog=EPILOG)
@eval_options.options(num_samples=2000)
@click.option(
    "--pairs",
    type=flags.IntRange(2, 100_000),
    default=100,
    show_default=True,
    help="Number of pairs per class; ten times as many over all classes.",
)
def command(chosen: eval_options.EvalOptions, pairs: int, as_json: bool) -> None:
    """Measure the diversity of samples: MS-SSIM of pairs and near-duplicates."""
    from gancli.evaluation.sample_quality import diversity

    evaluated = eval_options.open_set(chosen)
    result = diversity.score(evaluated, pairs=pairs, note=output.note)
    eval_options.report_set(evaluated, "diversity", result.to_dict(), _lines(result), as_json=as_json)


def _lines(result: DiversityResult) -> list[str]:
    scores, duplicates = result.to_dict(), result.duplicates
    lines = [
        f"MS-SSIM with {result.levels} of 5 scales, {scores['pairs']:,} pairs over all: {result.overall['mean']:.3f} "
        f"(real images {result.real_overall['mean']:.3f}); lower is more diverse"
    ]
    cells = []
    for name, mean in result.by_class.items():
        pair = (mean, result.real_by_class[name])
        cells.append((f"  within {name}", *(tables.number(one, ".3f", missing="fewer than two") for one in pair)))
    lines += tables.aligned([("", "samples", "real"), *cells]) if cells else []
    lines.append(
        f"near-duplicates: {duplicates.share:.1%} of {duplicates.count:,} samples are closer than "
        f"{duplicates.distance:.2f} to another sample (real images: {duplicates.real_share:.1%})"
    )
    lines.append(f"real images: {result.reference}")
    return lines if result.classifier is None else [*lines, str(result.classifier)]
