"""gancli eval-modes: how many modes of the data a run reaches."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gancli.cli import flags, tables
from gancli.core.backend import np
from gancli.core.errors import DataError

if TYPE_CHECKING:
    from gancli.cli.opened_run import TrainedModel
    from gancli.data import Dataset
    from gancli.evaluation.metrics.modes import Coverage

POINTS, IMAGES = 2500, 26_000  # the papers' counts
PUBLISHED = {  # modes, share of good samples or None, reverse KL; of PacGAN's table 1 and of VEEGAN's and PacGAN's
    "ring8": {"GAN (PacGAN's)": ("6.3 ± 0.5", "98.2 %", "0.45"), "PacGAN2": ("7.9", "", "")},
    "grid25": {"GAN (PacGAN's)": ("17.3 ± 0.8", "94.8 %", "0.70"), "PacGAN2": ("23.8", "", "")},
    "stacked_mnist": {
        "DCGAN (VEEGAN's)": ("99", "", "3.40"),
        "DCGAN (PacGAN's)": ("78.9 ± 6.5", "", "4.50"),
        "VEEGAN": ("150", "", "2.95"),
        "PacDCGAN2": ("1000", "", "0.06"),
    },
}

EPILOG = """\b
Examples:
  gancli eval-modes
  gancli eval-modes --run ring --samples 10000 --json

Of points (ring8, grid25, …): a mode is covered if one sample lies within three deviations of its centre; such samples
are good ones. Of images: the modes are the classes, read by the classifier of the data; of stacked_mnist all 1,000
triples of digits, each colour read by the classifier of MNIST. The reverse KL is that of the modes' histogram, of good
samples, from the data's, in nats: 0 where they fall on the modes as the data do."""


@click.command(epilog=EPILOG)
@flags.run_options
@click.option(
    "--samples",
    type=click.IntRange(2, 1_000_000),
    help=f"The seeds from 0 on.  [default: {POINTS:,} points, {IMAGES:,} images]",
)
@flags.place_option()
@flags.json_option
def command(choice: flags.RunChoice, samples: int | None, place: flags.Place, as_json: bool) -> None:
    """Count the modes that a run's samples reach, and measure how evenly they fall."""
    from gancli.cli import eval_options, opened_run
    from gancli.models.capabilities import Latent, PointGenerator
    from gancli.runs import registry

    run = registry.find(choice.selector, choice.outdir, ability=Latent, note=flags.note)
    chosen = opened_run.TrainedModel(run, choice.checkpoint, choice.weights)
    dataset, are_points = run.dataset(*place), issubclass(run.model_class, PointGenerator)
    flags.tell(dataset)
    count = samples or (POINTS if are_points else IMAGES)
    found, recipe = (_of_points if are_points else _of_images)(chosen, dataset, count)
    result = {
        "metric": "modes covered",
        "covered": found.covered,
        "modes": found.modes,
        "reverse_kl": round(found.reverse_kl, 6) if math.isfinite(found.reverse_kl) else None,
        **recipe,
        **({"counts": found.counts.tolist()} if len(found.counts) <= 100 else {}),
        **chosen.about(),
        "samples": count,
        "seeds": f"0-{count - 1}",
        "data": dataset.name,
    }
    eval_options.keep(run, "modes", result)
    flags.report(result, _lines(result), as_json=as_json)


def _of_points(chosen: TrainedModel, dataset: Dataset, count: int) -> tuple[Coverage, dict[str, object]]:
    from gancli.evaluation.metrics import modes

    if "label" not in dataset.train:
        raise DataError(f"'{dataset.name}' has no modes that could be counted; ring8, grid25 and mixture have")
    points = chosen.points(range(count))
    real, labels = np.asarray(dataset.items), dataset.train["label"]
    found = modes.of_points(points, real, labels)
    return found, {
        "high_quality": round(found.good, 6),
        "high_quality_is": f"within {modes.NEAR:g} deviations of a mode",
    }


def _of_images(chosen: TrainedModel, dataset: Dataset, count: int) -> tuple[Coverage, dict[str, object]]:
    from gancli.evaluation import classifier
    from gancli.evaluation.metrics import modes

    classifier.need_labels(dataset)
    from gancli.cli import eval_options

    counts = dataset.class_counts()
    labels = chosen.sampler.labels_by_share(range(count), counts) if chosen.sampler.is_class_conditional else None
    pixels = chosen.sampler.sample_all_classes(range(count), counts=counts)
    how = {} if labels is None else eval_options.told_classes(labels, dataset)
    read, recipe = _stacked(pixels, dataset) if dataset.name == "stacked_mnist" else _read(pixels, dataset)
    return modes.of_labels(read, counts), recipe | how


def _read(pixels: np.ndarray, dataset: Dataset) -> tuple[np.ndarray, dict[str, object]]:
    from gancli.evaluation import classifier

    reader = classifier.for_dataset(dataset, note=flags.note)
    return reader.read(pixels), {"classifier": reader.recipe()}


def _stacked(pixels: np.ndarray, dataset: Dataset) -> tuple[np.ndarray, dict[str, object]]:
    """Each colour read as a digit, the three digits as a class."""
    from gancli import data
    from gancli.data.datasets import stacked_mnist

    digits = data.load("mnist", data.Request(dataset.shape[0], "gray", str(Path(dataset.source).parent)))
    colours = [_read(pixels[..., channel : channel + 1], digits) for channel in range(3)]
    return stacked_mnist.classes_of(np.stack([read for read, _ in colours], axis=1)), colours[0][1]


def _lines(result: dict[str, object]) -> list[str]:
    good = f"{result['high_quality']:.1%}" if "high_quality" in result else ""
    kl = tables.number(result["reverse_kl"], ".3f")
    ours = (f"{result['covered']}", good, kl)
    rows = [("this run", ours), *PUBLISHED.get(result["data"], {}).items()]
    lines = [
        f"{result['covered']} of {result['modes']} modes; reverse KL {kl}"
        + " nats" * (result["reverse_kl"] is not None)
    ]
    lines[0] += f"; {good} of the samples are {result['high_quality_is']}" if good else ""
    lines[0] += f"; classes drawn {result['classes_drawn']}" if "classes_drawn" in result else ""
    cells = [("", "modes", "good", "reverse KL"), *((name, *row) for name, row in rows)]
    lines += tables.aligned(cells, least=9)
    if "classifier" in result:
        reader = result["classifier"]
        lines.append(
            f"read by a classifier that is {reader['test_accuracy']:.2%} right on {reader['test_images']:,} images it "
            f"was not trained on; sha256 {reader['sha256'][:12]}…"
        )
    others = "; published rows use other networks" if len(rows) > 1 else ""
    lines.append(
        f"scored: {result['samples']:,} samples (seeds {result['seeds']}) of step {result['step']:,} of "
        f"{result['run']}, {result['weights']} weights{others}"
    )
    return lines
