"""gancli eval-fid: how far the features of samples lie from those of real images."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from gancli.cli import eval_options, flags, tables
from gancli.core.backend import np

if TYPE_CHECKING:
    from gancli.evaluation.feature_extractors import FeatureExtractor

MANY = 0.1  # of the images have copies for neighbors: this is said
COLUMN = 18  # letters of a column, at least

EPILOG = """\b
Examples:
  gancli eval-fid
  gancli eval-fid --run 3 --checkpoint best --json
  gancli eval-fid --features pixels --samples 5000
  gancli eval-fid --images fakes.npz --data mnist
  gancli eval-fid --features ~/.cache/gancli/classifiers/0a1b….h5    the network of another machine

\b
Fréchet distance   of Gaussians fitted to both sets of features; 0 is best; falls as --samples grow
KID                a kernel distance without that bias: mean and deviation over 100 subsets of 1,000 (or half)
precision, recall  share of samples among the real images, and of real images among the samples
density, coverage  the same, less moved by outliers; balls are closed: copies of an image lie in its ball
label score        exp E KL(p(y|x) || p(y)) by the classifier, over ten splits: from 1 to the number of classes

Beside each value stands that of real images (of the training set): the floor, or for the others what is to be reached.
All sets are cut to one count, that of the smallest, by a fixed draw from all over each, which keeps the shares of
classes; `rows` of the JSON says it. Models that take labels are asked for classes in the data's shares. A value can be
compared with others of the same features, reference and counts, and with nothing else: the FIDs of papers use other
weights than Keras'."""


@click.command(epilog=EPILOG)
@eval_options.options(samples=10_000)
@click.option(
    "--features",
    metavar="[classifier|inception|pixels|FILE]",
    help="What to compare: the layer before the last of a classifier of the data (default, where they have labels), "
    "Keras' InceptionV3, pixels, or a network's weights in a file.",
)
@click.option(
    "--repeats",
    type=click.IntRange(1, 100),
    default=2,
    show_default=True,
    help="Disjoint sets of seeds to score; the Fréchet distance's ± is their deviation.",
)
def command(asked: eval_options.Asked, features: str | None, repeats: int, as_json: bool) -> None:
    """Score a run by its distance from real images in features: Fréchet, KID, precision, recall."""
    from gancli.core import files
    from gancli.evaluation import feature_extractors as sources
    from gancli.evaluation.metrics import frechet, kid, precision_recall

    sources.check(features)
    subject = eval_options.subject(asked)
    seen = sources.named(features, subject.dataset, note=flags.note)
    reference, other = subject.real()
    count, rows = len(reference.pixels), seen.extract(reference.pixels)[0]
    samples = subject.some(count)
    ours = _measures(seen, samples.pixels, rows)
    repeats = repeats if subject.draw else 1
    distances = [ours["frechet"]]
    for start in range(count, repeats * count, count):
        distances.append(frechet.distance(seen.extract(subject.draw(range(start, start + count)))[0], rows))
    ours["frechet"] = float(np.mean(distances))
    result = {
        "metric": f"Fréchet distance, {seen.name} features",
        **ours,
        "frechet_deviation": float(np.std(distances, ddof=1)) if len(distances) > 1 else None,
        "repeats": repeats,
        "images_of_each_set": count,
        **({"frechet_seeds": f"0-{repeats * count - 1}"} if subject.draw else {}),
        "real": _measures(seen, other.pixels, rows),
        "features": {"name": seen.name, "size": rows.shape[1], **seen.recipe},
        "reference": reference.name,
        "real_against_it": other.name,
        "rows": {"samples": samples.rows, "reference": reference.rows, "real_against_it": other.rows},
        "kid_subsets": kid.subsets(count),
        "neighbours": precision_recall.NEIGHBOURS,
    }
    _warn_of_copies(result)
    sets = f"samples: {samples.rows}; compared with: {reference}; real images: {other}"
    subject.report(files.safe_name(f"fid-{seen.name}"), result, _lines(result, seen, sets), as_json=as_json)


def _warn_of_copies(result: dict[str, object]) -> None:
    """Say where balls are points, since images have copies: precision and the like then tell of copies alone."""
    for name, share in (("real images", result["copies"]), ("samples", result["fake_copies"])):
        if share >= MANY:
            what, verb = ("recall", "counts") if name == "samples" else ("precision, density and coverage", "count")
            flags.note(
                f"warning: the k-th neighbor (k = {result['neighbours']}) of {share:.0%} of the {name} is a copy: "
                f"{what} then {verb} exact copies alone; gancli data duplicates finds those of data"
            )


def _measures(seen: FeatureExtractor, pixels: np.ndarray, reference: np.ndarray) -> dict[str, float]:
    """Every number of one set against the reference's features."""
    from gancli.evaluation.metrics import class_statistics, frechet, kid, precision_recall

    rows, probabilities = seen.extract(pixels)
    mean, deviation = kid.distance(rows, reference)
    found = {"frechet": frechet.distance(rows, reference), "kid": mean, "kid_deviation": deviation}
    found |= precision_recall.measures(reference, rows)._asdict()
    if probabilities is not None:
        found["label_score"], found["label_score_deviation"] = class_statistics.inception_score(probabilities)
    return found


def _lines(result: dict[str, object], seen: FeatureExtractor, sets: str) -> list[str]:
    real, spread = result["real"], tables.spread(result["frechet_deviation"])
    rows = [
        ("", "samples", "real images"),
        (result["metric"], f"{result['frechet']:.3f}{spread}", f"{real['frechet']:.3f}"),
        ("KID", *(f"{set_['kid']:.3g} ± {set_['kid_deviation']:.2g}" for set_ in (result, real))),
    ]
    rows += [
        (name, f"{result[name]:.3f}", f"{real[name]:.3f}") for name in ("precision", "recall", "density", "coverage")
    ]
    if "label_score" in result:
        pair = (f"{set_['label_score']:.3f} ± {set_['label_score_deviation']:.2g}" for set_ in (result, real))
        rows.append(("label score", *pair))
    lines = tables.aligned(rows, least=COLUMN)
    lines.append(f"{seen}; {result['features']['size']} numbers")
    lines.append(f"{result['images_of_each_set']:,} images of each set; {sets}")
    if "frechet_seeds" in result:
        lines.append(
            f"Fréchet distance: mean and deviation of {result['repeats']} sets of seeds, {result['frechet_seeds']}"
        )
    return lines
