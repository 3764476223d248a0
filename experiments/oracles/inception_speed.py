"""Images a second through the Inception network: gancli beside torch-fidelity, in turns.

    python -m experiments.oracles.inception_speed --oracles PYTHON [--count 192] [--rounds 5] [--side 32]

Both have the same seeded weights and uint8 images in memory, and give 2048 features of each. torch-fidelity reads a
data set of tensors as its own metrics do: batches of 64, and four processes that load. Each is started and warmed up
before the first round; the rounds alternate. "processor" counts the seconds of all cores, which other jobs on the
machine hardly change.
"""

from __future__ import annotations

import json
import resource
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import click
import numpy as np

from experiments import results
from experiments.oracles import seeded
from experiments.oracles.torch_side import ask
from gancli.core import backend
from gancli.evaluation.feature_extractors import FeatureChoice
from gancli.evaluation.feature_extractors.inception import extractor, network

RIVAL = "torch-fidelity"
Times = tuple[float, float]  # seconds by the clock, and of the processor


def ours(tensors: dict[str, np.ndarray], method: str, images: np.ndarray) -> Callable[[], Times]:
    """A function that computes the features of all images."""
    found = SimpleNamespace(tensors=tensors, sha256="0" * 64, is_published=False, source="seeded")
    extract = extractor.of_weights(found, FeatureChoice("inception-2015", method)).extract

    def work() -> Times:
        began, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_SELF)
        extract(images)
        after = resource.getrusage(resource.RUSAGE_SELF)
        return time.perf_counter() - began, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    return work


def theirs(process: subprocess.Popen) -> Callable[[], Times]:
    """The same in the process of torch_side."""

    def work() -> Times:
        process.stdin.write("\n")
        process.stdin.flush()
        answer = process.stdout.readline()
        if not answer:
            raise click.ClickException(f"{RIVAL} ended: {process.stderr.read()[-500:]}")
        return tuple(json.loads(answer))

    return work


def rounds_of(ways: dict[str, Callable[[], Times]], rounds: int) -> dict[str, list[Times]]:
    """The times of each way in each round; each comes first as often as last."""
    for work in ways.values():
        work()  # compiles
    found: dict[str, list[Times]] = {name: [] for name in ways}
    for number in range(rounds):
        for name in list(ways) if number % 2 == 0 else reversed(ways):
            found[name].append(ways[name]())
    return found


@click.command()
@click.option("--oracles", required=True, help="Python with the extra gancli[oracles].")
@click.option("--count", default=192, show_default=True, help="Images in each turn.")
@click.option("--rounds", default=5, show_default=True)
@click.option("--side", default=32, show_default=True, help="Height and width of the images.")
def main(oracles: str, count: int, rounds: int, side: int) -> None:
    """Measure in turns, print and save the table."""
    backend.own_process()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        tensors, images = seeded.weights(network.expected_shapes()), seeded.images(count, side, side)
        np.savez(folder / "weights.npz", **tensors)
        np.save(folder / "images.npy", images)
        ask(oracles, "weights", folder)
        command = [oracles, "-m", "experiments.oracles.torch_side", "speed", str(folder)]
        pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
        with subprocess.Popen(command, text=True, **pipes) as process:
            ways = {RIVAL: theirs(process)}
            ways |= {f"gancli, {way}": ours(tensors, way, images) for way in ("legacy-tensorflow", "clean")}
            found = rounds_of(ways, rounds)
            process.stdin.close()
    results.save("oracles", "speed", results.table(*_table(found, count)))


def _table(found: dict[str, list[Times]], count: int) -> tuple[list[str], list[list[str]]]:
    head = ["program", "images/s", "times as fast", "images/s of processor", "times as fast, processor"]
    rows = []
    for name, times in found.items():
        row = [name]
        for column in (0, 1):
            rate = statistics.median(count / one[column] for one in times)
            ratio = statistics.median(b[column] / a[column] for a, b in zip(times, found[RIVAL], strict=True))
            row += [f"{rate:.2f}", f"{ratio:.2f}"]
        rows.append(row)
    return head, rows


if __name__ == "__main__":
    main()
