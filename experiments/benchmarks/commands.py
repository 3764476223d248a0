"""Time and memory of gancli commands on a trained run: start-up, one image, 50,000 images, the scores.

    python -m experiments.benchmarks.commands RUN [--rounds 3]

RUN: path of a DCGAN trained on MNIST. The commands alternate. Each is a separate process, timed from start to exit,
with its peak memory. The medians over the rounds are printed.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import click


def commands(run: str, folder: Path) -> dict[str, list[str]]:
    """Command lines by title."""
    short = ["train", "--model", "dcgan", "--data", "mnist", "--steps", "1", "-q", "--outdir", str(folder)]
    sample = ["sample", "--run", run, "--out", str(folder / "samples.npz"), "--num-samples"]
    return {
        "gancli --help": ["--help"],
        "train: one step": short,
        "sample, 1 image": [*sample, "1"],
        "sample, 50,000 images": [*sample, "50000"],
        "eval-fid, 10,000 samples": ["eval-fid", "--run", run, "--repeats", "1"],
        "eval-parzen, 10,000 samples": ["eval-parzen", "--run", run],
    }


def timed(arguments: list[str]) -> tuple[float, float, float]:
    """Wall-clock seconds, CPU seconds and peak memory in gigabytes of one command."""
    began = time.perf_counter()
    process = subprocess.Popen([sys.executable, "-m", "gancli", *arguments], stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    if status:
        raise click.ClickException(f"gancli {' '.join(arguments)} failed")
    return time.perf_counter() - began, used.ru_utime + used.ru_stime, used.ru_maxrss / 1e6


@click.command()
@click.argument("run")
@click.option("--rounds", default=3, show_default=True)
def main(run: str, rounds: int) -> None:
    """Print a line for each command."""
    with tempfile.TemporaryDirectory() as folder:
        lines = commands(run, Path(folder))
        found = {name: [] for name in lines}
        for _ in range(rounds):
            for name, arguments in lines.items():
                found[name].append(timed(arguments))
    for name, values in found.items():
        wall, cpu, memory = (statistics.median(column) for column in zip(*values, strict=True))
        click.echo(f"{name:30} {wall:7.2f} s  {cpu:7.2f} s of CPU  {memory:.2f} GB")


if __name__ == "__main__":
    main()
