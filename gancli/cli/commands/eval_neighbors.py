"""gancli eval-neighbors: samples beside the training images that are nearest to them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from gancli.cli import eval_options, flags, tables
from gancli.core.backend import np
from gancli.core.errors import OptionError

if TYPE_CHECKING:
    from collections.abc import Callable

    from gancli.evaluation.feature_extractors import FeatureExtractor

EPILOG = """\b
Examples:
  gancli eval-neighbors
  gancli eval-neighbors --rows 6 --out figure2.png
  gancli eval-neighbors --features classifier

Figure 2 of Goodfellow et al. 2014: in each row five samples, not chosen, and in the last column the training image
that is nearest (exact, L2 over pixels, or over --features) to the sample on its left. The ratio below is the mean
distance of all samples to the nearest training image over that to the nearest of one half of the test images, which
the run never saw; beside it that of the other half. Equal: the run is as far from what it saw as any new image. Well
below: it gives back training images; 0: copies."""

SAMPLES_IN_ROW = 5


@click.command(epilog=EPILOG)
@eval_options.options(samples=1000)
@click.option("--rows", type=click.IntRange(1, 50), default=4, show_default=True, help="Rows of the picture.")
@click.option(
    "--features",
    default="pixels",
    show_default=True,
    metavar="[pixels|classifier|inception|FILE]",
    help="What nearness is measured in.",
)
@flags.out_option(".png")
def command(asked: eval_options.Asked, rows: int, features: str, out: Path | None, as_json: bool) -> None:
    """Show the training images nearest to samples, and measure how much is memorised."""
    flags.need_ending(out, ".png")
    from gancli.cli import opened_run
    from gancli.core import files
    from gancli.core.errors import DataError
    from gancli.evaluation import feature_extractors as sources
    from gancli.evaluation.metrics import neighbors
    from gancli.imaging import images

    if out is None and asked.images is not None:
        raise OptionError("--images come from no run that could hold the picture: say where to with --out FILE.png")
    sources.check(features)
    subject = eval_options.subject(asked)
    seen = sources.named(features, subject.dataset, note=flags.note)
    if len(subject.pixels) < SAMPLES_IN_ROW:
        raise DataError(f"{len(subject.pixels)} samples do not fill a row: {SAMPLES_IN_ROW} or more are needed")
    train = subject.dataset.take(subject.trained_on())
    samples, trained = seen.look(subject.pixels)[0], seen.look(train)[0]
    result = {
        "metric": f"distance to the nearest training image, {seen.name}",
        "features": {"name": seen.name} | seen.recipe,
    }
    result |= _memorisation(samples, trained, subject, seen.look)
    last = range(SAMPLES_IN_ROW - 1, min(rows * SAMPLES_IN_ROW, len(samples)), SAMPLES_IN_ROW)
    found, _ = neighbors.nearest(samples[last], trained)
    result["shown"] = [
        {"sample": int(index), "training_image": int(row)} for index, row in zip(last, found, strict=True)
    ]
    out = out or opened_run.default_out(subject.run, f"neighbours-{subject.about['step']:08}", ".png")
    files.atomic_write(out, images.png(_figure(subject.pixels, train[found], len(last))))
    subject.report("neighbours", result | {"out": str(out)}, _lines(result, out, seen), as_json=as_json)


def _memorisation(
    samples: np.ndarray, trained: np.ndarray, subject: eval_options.Subject, look: Callable
) -> dict[str, object]:
    """The ratio for the samples, and for one half of the images that were never seen: what to expect without memory."""
    from gancli.evaluation.metrics import neighbors

    _, distances = neighbors.nearest(samples, trained)
    found = {"training_images": len(trained), "mean_distance": float(distances.mean())}
    unseen = subject.unseen()
    if unseen is None:
        return found | {"ratio": None, "real_ratio": None}
    rows = look(unseen.pixels)[0]
    halves = rows[::2], rows[1::2]  # one half to be near to, the other to tell what to expect
    return found | {
        "reference": unseen.name,
        "reference_images": len(halves[1]),
        "ratio": neighbors.memorisation(samples, trained, halves[1]),
        "real_ratio": neighbors.memorisation(halves[0], trained, halves[1]),
    }


def _figure(samples: np.ndarray, nearest: np.ndarray, rows: int) -> np.ndarray:
    from gancli.imaging import images

    parts = []
    for row, real in zip(range(rows), nearest, strict=True):
        parts += [*samples[row * SAMPLES_IN_ROW : (row + 1) * SAMPLES_IN_ROW], real]
    return images.grid(np.stack(parts), shape=(rows, SAMPLES_IN_ROW + 1))


def _lines(result: dict[str, object], out: Path, seen: FeatureExtractor) -> list[str]:
    lines = [
        f"{out}: rows of {SAMPLES_IN_ROW} samples, then the training image nearest to the last of them",
        f"mean distance to the nearest of {result['training_images']:,} training images: {result['mean_distance']:.3f} "
        f"(L2; {seen})",
    ]
    if "reference" not in result:
        lines.append(
            "no ratio: there is neither a test split nor a part that was kept out of the training (--hold-out)"
        )
    else:
        ratio, real = (tables.number(result[name], ".3f") for name in ("ratio", "real_ratio"))
        lines.append(
            f"over that to the nearest of {result['reference_images']:,} never seen ({result['reference']}): "
            f"{ratio}; of other images never seen: {real}; copies: 0"
        )
        for name, whose in (("ratio", "the samples"), ("real_ratio", "half of the images never seen")):
            if result[name] is None:
                lines.append(f"{name} not defined: {whose} are copies of the other half")
    return lines
