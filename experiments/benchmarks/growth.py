"""Scaling of gancli's DCGAN: images per second and memory by image size, batch size and number of images.

    python -m experiments.benchmarks.growth [--seconds 10]

Each line is measured in a process of its own, one after the other. The data are noise: in memory for sizes and batches,
and one HDF5 file of 28 x 28 images, read from disk batch by batch (--in-memory no), for the number of images.
"""

from __future__ import annotations

import functools
import tempfile
from collections.abc import Iterator
from pathlib import Path

import click
import h5py
import numpy as np

from experiments.benchmarks import turns
from gancli import data
from gancli.data import Dataset
from gancli.models.config import TrainingConfig
from gancli.models.dcgan import DCGAN
from gancli.training.compiled_step import CompiledStage
from gancli.training.input_pipeline import feed

SIDES = (28, 32, 48, 64, 96, 128)
BATCHES = (16, 64, 256, 1024)
COUNTS = (1_000, 10_000, 100_000, 1_000_000)
SIDE = 28
BATCH = 64
COUNT = 2048
BLOCK = 10_000
STEPS = 4


def of_noise(side: int, batch: int) -> Iterator[int]:
    """Train on noise in memory; yields the number of images."""
    images = np.random.default_rng(0).integers(0, 256, (COUNT, side, side, 1), np.uint8)
    return _trained(Dataset("noise", {"image": images}), batch, in_memory="yes")


def of_file(path: Path) -> Iterator[int]:
    """Train on a file that stays on disk; yields the number of images."""
    return _trained(data.load(str(path)), BATCH, in_memory="no")


def _trained(dataset: Dataset, batch: int, *, in_memory: str) -> Iterator[int]:
    model = DCGAN(TrainingConfig(in_memory=in_memory), DCGAN.Options(batch_size=batch), dataset.facts())
    fed, random = feed(dataset, model), np.random.default_rng(0)
    stage = CompiledStage(model.stages()[0], model, fed.specification())
    while True:
        rows = random.integers(0, len(dataset), (STEPS, batch), np.int32)
        yield stage.run(*fed.rows(rows), STEPS)[0] * batch


def write(path: Path, count: int) -> None:
    """Write a file of noise."""
    random = np.random.default_rng(0)
    with h5py.File(path, "w") as file:
        stored = file.create_dataset("images", (count, SIDE, SIDE, 1), np.uint8)
        for start in range(0, count, BLOCK):
            part = min(BLOCK, count - start)
            stored[start : start + part] = random.integers(0, 256, (part, SIDE, SIDE, 1), np.uint8)


@click.command()
@click.option("--seconds", default=10.0, show_default=True, help="Seconds for each line.")
def main(seconds: float) -> None:
    """Print a line for each size."""
    with tempfile.TemporaryDirectory() as folder:
        lines = {f"{side} x {side}, batch {BATCH}": functools.partial(of_noise, side, BATCH) for side in SIDES}
        lines |= {f"{SIDE} x {SIDE}, batch {batch}": functools.partial(of_noise, SIDE, batch) for batch in BATCHES}
        for count in COUNTS:
            write(Path(folder) / f"{count}.h5", count)
            lines[f"{count:,} images on disk"] = functools.partial(of_file, Path(folder) / f"{count}.h5")
        for name, way in lines.items():
            ((_, found),) = turns.measure({name: way}, seconds=seconds, rounds=1).items()
            click.echo(f"{name:26} {found.rate:8,.0f} images/s  {found.memory / 1e9:.2f} GB")


if __name__ == "__main__":
    main()
