"""Training speed of stylegan2 beside the same networks in PyTorch, in one interleaved run.

    python -m experiments.benchmarks.style_speed [--side 64] [--batch 32] [--seconds 60] [--rounds 5] [--torch PYTHON]

Both take steps of the default options on images of noise: a discriminator step and a generator step, R1 every 16th,
path lengths every 4th, an average of the weights. PyTorch has channels_last, fused Adam and bfloat16
(torch_networks.py). Each runs in a process of its own, in turns. torch is not among gancli's dependencies; --torch is
another Python that has it.
"""

from __future__ import annotations

import functools
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import click
import numpy as np

from experiments.benchmarks import turns
from experiments.results import save, table
from gancli.nn.architectures.dcgan import ladder
from gancli.nn.architectures.style_based import synthesis

IMAGES = 2048
THIS = Path(__file__).resolve().parents[2]
OF_TORCH = """
import json, sys
from experiments.benchmarks import torch_networks
steps = torch_networks.training(*json.loads(sys.argv[1]))
for line in sys.stdin:
    print(next(steps), flush=True)
"""


def gancli(side: int, batch: int) -> Iterator[int]:
    """Train as `gancli train --model stylegan2`; yields the images of each chunk of steps."""
    from gancli import Dataset
    from gancli.training import loop, setup

    pixels = np.random.default_rng(0).integers(0, 256, (IMAGES, side, side, 3), np.uint8)
    values = {"batch_size": batch, "steps": 10**6, "sample_every": 10**6, "save_every": 10**6}
    with tempfile.TemporaryDirectory() as folder:
        plan = setup.prepare("stylegan2", values, data_dir=None, dataset=Dataset.from_arrays(pixels))
        done = 0
        for report in loop.train(*plan.start(Path(folder), "", ["style_speed"])):
            yield (report.step - done) * batch
            done = report.step


def pytorch(python: str, side: int, batch: int) -> Iterator[int]:
    """The same in PyTorch, by another Python if need be; yields the images of each step."""
    from gancli import models

    options = vars(models.get("stylegan2").Options(batch_size=batch))
    maps = synthesis.sizes(ladder(side), options["width"], options["max_width"])
    given = json.dumps([maps, 3, {name: value for name, value in options.items() if isinstance(value, int | float)}])
    with subprocess.Popen(
        [python, "-c", OF_TORCH, given], cwd=THIS, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        while True:
            process.stdin.write("\n")
            process.stdin.flush()
            yield int(process.stdout.readline())


@click.command()
@click.option("--side", default=64, show_default=True)
@click.option("--batch", default=32, show_default=True)
@click.option("--seconds", default=60.0, show_default=True, help="Length of each turn: lazy penalties come in cycles.")
@click.option("--rounds", default=5, show_default=True)
@click.option("--torch", "python", default=sys.executable, help="Python that has torch.  [default: this one]")
def main(side: int, batch: int, seconds: float, rounds: int, python: str) -> None:
    """Measure in turns, and print images per second and the ratio."""
    ways = {
        "gancli": functools.partial(gancli, side, batch),
        "PyTorch": functools.partial(pytorch, python, side, batch),
    }
    found = turns.measure(ways, seconds=seconds, rounds=rounds)
    rows = [
        [
            f"stylegan2, {side}x{side}, batches of {batch}, {name}",
            f"{one.rate:.1f}",
            f"{one.rate / found['PyTorch'].rate:.2f}",
        ]
        for name, one in found.items()
    ]
    save(
        "benchmarks", "style_speed", table(["training", "images per second", "relative to PyTorch"], rows), update=True
    )


if __name__ == "__main__":
    main()
