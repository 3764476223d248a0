"""Time of `gancli eval-fid` with 10,000 samples of MNIST, alone or beside another checkout, in one interleaved run.

    python -m experiments.benchmarks.fid_speed [--against ../other] [--rounds 5] [--folder FOLDER]

Each checkout trains a small DCGAN of its own and scores it with its default options, the classifier cached. This
checkout keeps features and scores of real images in the cache, too: it is timed with them, and without them, as in the
first evaluation on a data set. All alternate within each round; the medians are printed, and which of the numbers that
both checkouts print are equal to six digits. A checkout with an environment in .venv runs in it, another one in ours.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import click

ROOT = Path(__file__).resolve().parents[2]
TRAINING = ["train", "--model", "dcgan", "--data", "mnist", "--steps", "300"]


class Timing(NamedTuple):
    """Seconds from start to exit, seconds of all processors, and peak memory in megabytes."""

    wall: float
    cpu: float
    memory: float


class Checkout(NamedTuple):
    """A checkout, and a folder for its run and its cache."""

    path: Path
    folder: Path

    def start(self, *words: str) -> subprocess.Popen:
        """Start a gancli command of it."""
        python = self.path / ".venv" / "bin" / "python"
        environment = os.environ | {"PYTHONPATH": str(self.path), "GANCLI_CACHE": str(self.folder / "cache")}
        command = [str(python) if python.exists() else sys.executable, "-m", "gancli", *words]
        return subprocess.Popen(command, cwd=self.folder, env=environment, stdout=subprocess.PIPE)

    def score(self) -> tuple[Timing, dict[str, object]]:
        """Time one evaluation; its numbers."""
        began = time.perf_counter()
        process = self.start("eval-fid", "--outdir", "runs", "--json")
        content = process.stdout.read()
        _, status, used = os.wait4(process.pid, 0)
        wall = time.perf_counter() - began
        if status:
            raise click.ClickException(f"eval-fid of {self.path} failed")
        return Timing(wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024), json.loads(content)

    def forget_real_images(self) -> None:
        """Delete what is known of real images; the classifier stays."""
        shutil.rmtree(self.folder / "cache" / "real-images", ignore_errors=True)


def numbers(result: Mapping[str, object], before: str = "") -> Iterator[tuple[str, float]]:
    """The names and values of all scores of a result."""
    for name, value in result.items():
        if isinstance(value, Mapping) and name == "real":
            yield from numbers(value, "real.")
        elif isinstance(value, float):
            yield before + name, value


def compare(here: Mapping[str, object], there: Mapping[str, object]) -> list[str]:
    """A line for the numbers that are equal to six digits, and one for each that differs."""
    ours, theirs = dict(numbers(here)), dict(numbers(there))
    both = [name for name in ours if name in theirs]
    equal = [name for name in both if f"{ours[name]:.6g}" == f"{theirs[name]:.6g}"]
    lines = [f"equal to six digits: {', '.join(equal)}"]
    return lines + [f"{name}: {ours[name]:.6g} here, {theirs[name]:.6g} there" for name in both if name not in equal]


def prepare(path: Path, folder: Path) -> Checkout:
    """Train a run of a checkout, unless the folder has one, and its classifier."""
    folder.mkdir(parents=True, exist_ok=True)
    checkout = Checkout(path.resolve(), folder)
    if not (folder / "runs").exists() and checkout.start(*TRAINING, "--outdir", "runs", "-q").wait():
        raise click.ClickException(f"the training of {path} failed")
    checkout.score()
    return checkout


def measure(here: Checkout, there: Checkout | None, rounds: int) -> dict[str, list[Timing]]:
    """The timings of each way in each round; prints how the numbers compare."""
    found: dict[str, list[Timing]] = {"here": [], "here, first on the data": []}
    for number in range(rounds):
        here.forget_real_images()
        first, ours = here.score()
        again, same = here.score()
        found["here, first on the data"].append(first)
        found["here"].append(again)
        if dict(numbers(ours)) != dict(numbers(same)):
            raise click.ClickException("the numbers of the first and of the second evaluation differ")
        if there is not None:
            timing, theirs = there.score()
            found.setdefault("there", []).append(timing)
            if not number:
                click.echo("\n".join(compare(ours, theirs)))
    return found


@click.command(help=__doc__.partition("\n")[0])
@click.option("--against", type=click.Path(path_type=Path, exists=True), help="Another checkout.")
@click.option("--rounds", default=5, show_default=True, help="Rounds.")
@click.option("--folder", type=click.Path(path_type=Path), help="Folder for runs and caches, kept.  [default: none]")
def main(against: Path | None, rounds: int, folder: Path | None) -> None:
    """Print the medians, and how they compare."""
    with tempfile.TemporaryDirectory() as scratch:
        place = Path(scratch) if folder is None else folder.resolve()
        here = prepare(ROOT, place / "here")
        there = None if against is None else prepare(against, place / "there")
        found = measure(here, there, rounds)
    lines = ["| eval-fid, 10,000 samples of MNIST | s | s of CPU | MB |", "|---|---|---|---|"]
    medians = {name: Timing(*map(statistics.median, zip(*all_, strict=True))) for name, all_ in found.items()}
    lines += [f"| {name} | {one.wall:.1f} | {one.cpu:.1f} | {one.memory:,.0f} |" for name, one in medians.items()]
    click.echo("\n".join(lines))
    if there is not None:
        for name in ("here", "here, first on the data"):
            ratios = [ours.wall / theirs.wall for ours, theirs in zip(found[name], found["there"], strict=True)]
            click.echo(f"{name}: {statistics.median(ratios):.2f} of the time of {against} in the same round")


if __name__ == "__main__":
    main()
