"""Sample quality after five minutes: gancli's default DCGAN beside two widely used ones, on MNIST.

    python -m experiments.benchmarks.quality [--minutes 5] [--out runs/quality] [--way gancli …]

Each trains alone for the same time, including compilation, in a process of its own, with its own documented settings
(published.py; gancli: the defaults of `train --model dcgan`). Then each generates 10,000 images, and `gancli eval-fid`
scores them in the features of one classifier, against the test images. OUT/samples.png shows samples, a row for each.
The table is written to experiments/benchmarks/quality.md.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import click
import numpy as np

from experiments.benchmarks import published
from experiments.results import save, table
from gancli import data
from gancli.imaging import images
from gancli.inference.sampling import Sampler
from gancli.training import setup
from gancli.training.loop import train

COUNT, SHOWN = 10_000, 16
DATA_DIR = os.environ.get("GANCLI_DATA")


def gancli(seconds: float, out: Path) -> tuple[int, np.ndarray]:
    """Steps and samples of the default DCGAN, interrupted at the deadline."""
    state = setup.prepare("dcgan", {"data": "mnist"}, data_dir=DATA_DIR).start(out, "quality", [])
    began = time.monotonic()
    for report in train(*state):  # noqa: B007 (returned after the loop)
        if time.monotonic() - began > seconds:
            break
    return report.step, Sampler(state.model).sample_all_classes(range(COUNT))


def of_published(way: Callable[..., tuple[int, np.ndarray]], seconds: float) -> tuple[int, np.ndarray]:
    """Steps and samples of a published model, on the same images."""
    return way(data.load("mnist", data.Request(data_dir=DATA_DIR)).train["image"][:], seconds, COUNT)


WAYS = {
    "gancli": gancli,
    "tensorflow-tutorial": lambda seconds, _: of_published(published.tensorflow_tutorial, seconds),
    "keras-guide": lambda seconds, _: of_published(published.keras_guide, seconds),
}


TITLES = {  # title and batch size
    "gancli": ("`gancli train --model dcgan`", 64),
    "tensorflow-tutorial": ("TensorFlow's DCGAN tutorial", 256),
    "keras-guide": ("the GAN of the Keras guide to training loops", 64),
}


def _work(name: str, seconds: float, out: Path) -> None:
    steps, samples = WAYS[name](seconds, out)
    (out / f"{name}.steps").write_text(str(steps), encoding="utf-8")
    np.savez(out / f"{name}.npz", images=samples)


@click.command()
@click.option("--minutes", default=5.0, show_default=True)
@click.option("--out", type=click.Path(path_type=Path), default="runs/quality", show_default=True)
@click.option("--way", "ways", type=click.Choice(WAYS), multiple=True, help="Implementations to run [default: all].")
def main(minutes: float, out: Path, ways: tuple[str, ...]) -> None:
    """Train each, score each, print the distances and their ratios to gancli's."""
    out.mkdir(parents=True, exist_ok=True)
    found = {}
    for name in ways or WAYS:
        process = multiprocessing.get_context("spawn").Process(target=_work, args=(name, 60 * minutes, out))
        process.start()
        process.join()
        if process.exitcode:
            raise click.ClickException(f"{name} failed")
        command = [sys.executable, "-m", "gancli", "eval-fid", "--images", str(out / f"{name}.npz"), "--data", "mnist"]
        found[name] = json.loads(subprocess.check_output([*command, "--json"]))
    shown = [np.load(out / f"{name}.npz")["images"][:SHOWN] for name in found]
    (out / "samples.png").write_bytes(images.png(images.grid(np.concatenate(shown), shape=(len(found), SHOWN))))
    rows = []
    for name, result in found.items():
        title, batch = TITLES[name]
        steps = int((out / f"{name}.steps").read_text(encoding="utf-8"))
        times = f"{result['frechet'] / found['gancli']['frechet']:.0f}" if "gancli" in found else ""
        times = "" if name == "gancli" else times
        rows.append([title, f"{steps:,} of {batch} images", f"{result['frechet']:.2f}", times, *_shares(result)])
    real = result["real"]
    rows.append(["*real images*", "", f"*{real['frechet']:.2f}*", "", *(f"*{share}*" for share in _shares(real))])
    head = [
        f"trained for {minutes:g} minutes",
        "steps",
        "Fréchet distance",
        "relative to gancli",
        "precision",
        "recall",
    ]
    save("benchmarks", "quality", table(head, rows), update=bool(ways))


def _shares(result: dict[str, float]) -> list[str]:
    return [f"{result['precision']:.3f}", f"{result['recall']:.3f}"]


if __name__ == "__main__":
    main()
