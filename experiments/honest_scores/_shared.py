"""What the parts share: data, samples of the run, features of the data's classifier, and the time a part took."""

from __future__ import annotations

import functools
import os
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import click
import numpy as np

from gancli import data
from gancli.evaluation import classifier, classifier_kinds
from gancli.evaluation.metrics import frechet

DATA_DIR = os.environ.get("GANCLI_DATA")
distance = frechet.distance


def note(text: str) -> None:
    click.echo(text, err=True)


@functools.cache
def dataset(name: str) -> data.Dataset:
    """A data set by its name, or by the name of its file in the data folder."""
    path = Path(DATA_DIR or "", name)
    return data.load(str(path) if path.suffix == ".zip" else name, data.Request(data_dir=DATA_DIR))


@functools.cache
def shuffled(name: str) -> np.ndarray:
    """The training images in a fixed random order, uint8 (count, height, width, channels)."""
    images = dataset(name).train["image"][:]
    return images[np.random.default_rng(0).permutation(len(images))]


@functools.cache
def network(name: str, seed: int = 0) -> classifier.Classifier:
    """The classifier that `gancli eval-fid` takes its features from; with another seed, the same trained anew."""
    kind = f"label-seed-{seed}" if seed else "label"
    if seed:
        plain = classifier_kinds.KINDS["label"]
        classifier_kinds.KINDS[kind] = plain._replace(suffix=f"-seed-{seed}", seed=seed)
    return classifier.for_dataset(dataset(name), kind=kind, note=note)


def features(pixels: np.ndarray, name: str = "mnist", seed: int = 0) -> np.ndarray:
    """uint8 images -> float32 (count, 128)."""
    return network(name, seed).features_and_probabilities(pixels)[0]


def samples(run: Path, start: int, count: int) -> np.ndarray:
    """Images of these seeds, uint8 (count, height, width, channels)."""
    return _sampler(run).sample_all_classes(range(start, start + count))


@functools.cache
def _sampler(run: Path) -> object:
    from gancli.inference.trained_model import TrainedModel
    from gancli.runs.run import Run

    return TrainedModel(Run(run)).sampler


def number(values: float | Iterable[float], form: str = ".2f") -> str:
    """A number, or the mean of several ± their deviation."""
    values = np.atleast_1d(np.fromiter(values, float) if isinstance(values, Iterable) else values)
    return f"{values.mean():{form}}" + (f" ± {values.std(ddof=1):{form}}" if len(values) > 1 else "")


def timed(part: Callable[[], str]) -> str:
    """The text of a part, and a line with the time it took."""
    began = time.monotonic()
    text = part()
    return f"{text}\n\nThis took {time.monotonic() - began:.0f} seconds, without trainings."
