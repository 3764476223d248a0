"""gancli eval-diversity: how much samples differ from one another."""

from __future__ import annotations

import click

from gancli.cli import eval_options, flags, tables
from gancli.core.backend import np

EPILOG = """\b
Examples:
  gancli eval-diversity
  gancli eval-diversity --pairs 500 --json
  gancli eval-diversity --images fakes.npz --data mnist

MS-SSIM of pairs of samples: 1 is the same picture, lower is more diverse; beside it that of pairs of real images,
which is what to reach. Within a class (100 pairs each, as Odena et al. 2017) where the data have labels: those of the
model, or those that a classifier reads. Five scales need 176 pixels; smaller images use fewer, and the count is told:
values of other scale counts cannot be compared. Near-duplicates are samples nearer to another sample (pixels, L2)
than 999 of 1,000 real images are to one another, at equal counts; beside them stands the real images' own share, which
is more where they are few."""

SEED = 0  # of the choice of pairs


@click.command(epilog=EPILOG)
@eval_options.options(samples=2000)
@click.option(
    "--pairs",
    type=click.IntRange(2, 100_000),
    default=100,
    show_default=True,
    help="Pairs of a class; tenfold over all.",
)
def command(asked: eval_options.Asked, pairs: int, as_json: bool) -> None:
    """Measure how much a run's samples differ: MS-SSIM of pairs, near-duplicates."""
    from gancli.evaluation import classifier
    from gancli.evaluation.metrics import ms_ssim, neighbors
    from gancli.imaging import images

    subject = eval_options.subject(asked)
    real, _ = subject.real()
    flat, real_flat = (images.flat(pixels) for pixels in (subject.pixels, real.pixels))
    duplicates = neighbors.near_duplicates(flat, real_flat)
    result = {
        "metric": "MS-SSIM of pairs",
        "levels": ms_ssim.levels(min(subject.dataset.shape[:2])),
        "overall": _overall(subject.pixels, 10 * pairs),
        "real_overall": _overall(real.pixels, 10 * pairs),
        "pairs": 10 * pairs,
        "near_duplicates": duplicates.share,
        "real_near_duplicates": duplicates.real_share,
        "near_duplicate_distance": duplicates.distance,
        "near_duplicate_images": duplicates.count,
        "reference": real.name,
        "rows": {"reference": real.rows},
        "pairs_drawn_with_seed": SEED,
    }
    if "label" in subject.dataset.train:
        reader = classifier.for_dataset(subject.dataset, note=flags.note)
        asked_for = reader.predict(subject.pixels) if subject.labels is None else subject.labels
        names = reader.classes
        result["by_class"] = _by_class(subject.pixels, asked_for, names, pairs)
        result["real_by_class"] = _by_class(real.pixels, reader.predict(real.pixels), names, pairs)
        result["pairs_of_a_class"] = pairs
        result["classifier"] = reader.recipe()
    lines = _lines(result, str(real)) + ([str(reader)] if "classifier" in result else [])
    subject.report("diversity", result, lines, as_json=as_json)


def _overall(pixels: np.ndarray, pairs: int) -> dict[str, float]:
    """Mean and standard deviation of MS-SSIM over random pairs of two different images."""
    from gancli.evaluation.metrics import ms_ssim

    random = np.random.default_rng(SEED)
    first = random.integers(0, len(pixels), pairs)
    second = (first + random.integers(1, len(pixels), pairs)) % len(pixels)
    found = ms_ssim.similarity(pixels[first], pixels[second])
    return {"mean": float(found.mean()), "deviation": float(found.std())}


def _by_class(pixels: np.ndarray, labels: np.ndarray, names: tuple[str, ...], pairs: int) -> dict[str, float | None]:
    """The mean of each class; None where it has fewer than two images."""
    found = {}
    for label, name in enumerate(names):
        own = pixels[labels == label]
        found[name] = _overall(own, pairs)["mean"] if len(own) > 1 else None
    return found


def _lines(result: dict[str, object], compared_with: str) -> list[str]:
    whole, real = result["overall"], result["real_overall"]
    lines = [
        f"MS-SSIM with {result['levels']} of 5 scales, {result['pairs']:,} pairs over all: {whole['mean']:.3f} "
        f"(real {real['mean']:.3f}); lower is more diverse"
    ]
    pairs = {name: (mean, result["real_by_class"][name]) for name, mean in result.get("by_class", {}).items()}
    cells = [
        (f"  within {name}", *(tables.number(mean, ".3f", missing="fewer than two") for mean in pair))
        for name, pair in pairs.items()
    ]
    lines += tables.aligned([("", "samples", "real"), *cells]) if cells else []
    lines.append(
        f"near-duplicates: {result['near_duplicates']:.1%} of {result['near_duplicate_images']:,} samples are nearer "
        f"than {result['near_duplicate_distance']:.2f} to another (real images: {result['real_near_duplicates']:.1%})"
    )
    lines.append(f"real images: {compared_with}")
    return lines
