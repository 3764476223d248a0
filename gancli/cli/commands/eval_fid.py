"""gancli eval-fid: distances between samples and real images in a feature space."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from gancli.cli import eval_options, flags, output, tables

if TYPE_CHECKING:
    from gancli.evaluation.sample_quality.fid import FidResult

COLUMN_WIDTH = 18  # at least

EPILOG = """\b
Examples:
  gancli eval-fid
  gancli eval-fid --run 3 --checkpoint best --json
  gancli eval-fid --features pixels --num-samples 5000
  gancli eval-fid --images fakes.npz --data mnist
  gancli eval-fid --features ~/.cache/gancli/classifiers/0a1b….h5    a classifier from another machine

\b
Fréchet distance   between Gaussians fitted to both sets of features; 0 is best; falls as the number of samples grows
KID                unbiased kernel distance: mean and deviation over 100 subsets of 1,000 (or half the images)
precision, recall  share of samples inside the manifold of real images, and the reverse
density, coverage  similar to precision and recall, but more robust to outliers
label score        Inception score with this classifier, over ten splits: from 1 to the number of classes

Each score is printed beside that of real images of the training set: the best value to expect. All sets have the size
of the smallest one, by a fixed draw that keeps the shares of the classes; `rows` in the JSON tells which. A
class-conditional model is sampled with the shares of the classes in the data. Compare scores only if features,
reference images and their number are the same: published FIDs use other Inception weights than Keras."""


@click.command(epilog=EPILOG)
@eval_options.options(num_samples=10_000)
@click.option(
    "--features",
    metavar="[classifier|inception|pixels|FILE]",
    help="Feature space, or the weights file of a network.  [default: classifier; pixels without labels]",
)
@click.option(
    "--repeats",
    type=flags.IntRange(1, 100),
    default=2,
    show_default=True,
    help="Number of disjoint sets of samples to average the Fréchet distance over.",
)
def command(chosen: eval_options.EvalOptions, features: str | None, repeats: int, as_json: bool) -> None:
    """Score a run by FID, KID, precision and recall in a feature space."""
    from gancli.core import files
    from gancli.evaluation import feature_extractors
    from gancli.evaluation.sample_quality import fid

    choice = feature_extractors.FeatureChoice(features)
    feature_extractors.check(choice)
    evaluated = eval_options.open_set(chosen)
    extractor = feature_extractors.load(choice, evaluated.dataset, note=output.note)
    result = fid.score(evaluated, extractor, repeats=repeats)
    for warning in result.warnings():
        output.note(f"warning: {warning}")
    name = files.safe_name(f"fid-{extractor.name}")
    eval_options.report_set(evaluated, name, result.to_dict(), _lines(result), as_json=as_json)


def _lines(result: FidResult) -> list[str]:
    pair = (result.samples, result.real)
    rows = [
        ("", "samples", "real images"),
        (
            result.metric,
            f"{result.frechet:.3f}{tables.spread(result.frechet_deviation)}",
            f"{result.real.frechet:.3f}",
        ),
        ("KID", *(f"{one.kid:.3g} ± {one.kid_deviation:.2g}" for one in pair)),
    ]
    for name in ("precision", "recall", "density", "coverage"):
        rows.append((name, *(f"{getattr(one.neighbors, name):.3f}" for one in pair)))
    if result.samples.label_score is not None:
        rows.append(("label score", *(f"{one.label_score:.3f} ± {one.label_score_deviation:.2g}" for one in pair)))
    lines = tables.aligned(rows, least=COLUMN_WIDTH)
    lines.append(f"{result.extractor}; {result.features} features per image")
    lines.append(
        f"{result.count:,} images in each set; samples: {result.sample_rows}; reference: {result.reference}; "
        f"real images: {result.other}"
    )
    if result.frechet_seeds:
        lines.append(
            f"Fréchet distance: mean and deviation over {result.repeats} sets of seeds, {result.frechet_seeds}"
        )
    return lines
