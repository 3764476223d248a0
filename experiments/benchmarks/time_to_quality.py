"""Seconds until `gancli train --model dcgan --data mnist` reaches a Fréchet distance, beside another checkout.

    python -m experiments.benchmarks.time_to_quality ../other [--target 5] [--rounds 3] [--steps 6000]

Each training runs alone, as a user's would, with checkpoints every 250 steps and without evaluations. Its clock starts
with the process: imports, loading and compilation count. Afterwards each checkpoint is sampled by its own checkout, and
this one scores the samples of both in the features of one classifier against the validation images, which --hold-out
keeps out of the trainings. The seconds are those of the first checkpoint from which on the distance stays at the target
or below.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

import click
import numpy as np

from experiments.results import save, table
from gancli import data
from gancli.evaluation import feature_extractors
from gancli.evaluation.metrics import frechet

EVERY, COUNT = 250, 5_000
THIS = Path(__file__).resolve().parents[2]


def run(checkout: Path, *arguments: object) -> None:
    """Run a command of a checkout's gancli."""
    code = "import sys; sys.meta_path[:] = [one for one in sys.meta_path if 'editable' not in repr(one)]"
    code += f"; sys.path.insert(0, {str(checkout)!r}); sys.argv[0] = 'gancli'"
    code += "; import runpy; runpy.run_module('gancli', run_name='__main__')"
    subprocess.run([sys.executable, "-c", code, *map(str, arguments)], check=True, stdout=subprocess.DEVNULL)


class Judge:
    """The Fréchet distance of samples from the validation images, in the features of this checkout's classifier."""

    def __init__(self, source: str) -> None:
        dataset = data.load(source, data.Request(data_dir=os.environ.get("GANCLI_DATA")))
        self.extractor = feature_extractors.load(feature_extractors.FeatureChoice(), dataset, note=click.echo)
        rows = dataset.sample_rows(COUNT, among=dataset.split()[1])
        self.real, _ = self.extractor.extract(dataset.take(rows))

    def distance(self, file: Path) -> float:
        """Of the images in a `.npz` file."""
        with np.load(file) as arrays:
            rows, _ = self.extractor.extract(arrays["images"])
        return float(frechet.distance(rows, self.real))


def training(checkout: Path, source: str, steps: int | None, outdir: Path) -> tuple[Path, float]:
    """Train once; returns the run and the seconds from the start of the process to its first step."""
    length = [] if steps is None else ["--steps", steps]
    began = time.time()
    run(
        checkout,
        *("train", "--model", "dcgan", "--data", source, "--hold-out", *length, "--outdir", outdir, "--quiet"),
        *("--save-every", EVERY, "--keep", 1000, "--sample-every", 10**6, "--log-every", EVERY),
    )
    ended = time.time()
    (path,) = (one for one in outdir.iterdir() if one.name[:1].isdigit())
    return path, ended - began - _records(path)[-1]["seconds"]


def _records(path: Path) -> list[dict[str, float]]:
    return [json.loads(line) for line in (path / "metrics.jsonl").read_text(encoding="utf-8").splitlines()]


def curve(checkout: Path, path: Path, start: float, judge: Judge, steps: list[int]) -> list[tuple[float, float]]:
    """Seconds and distance of each of these checkpoints."""
    seconds = {int(record["step"]): record["seconds"] for record in _records(path)}
    points = []
    for step in steps:
        file = path.parent / f"{step}.npz"
        run(checkout, "sample", "--run", path, "--checkpoint", step, "--num-samples", COUNT, "--out", file)
        points.append((start + seconds[step], judge.distance(file)))
        click.echo(f"{path} step {step}: {points[-1][0]:.0f} s, {points[-1][1]:.2f}", err=True)
    return points


def first_below(points: list[tuple[float, float]], target: float) -> float:
    """Seconds of the first point from which on all distances are at most the target; infinite if there is none."""
    late = [number for number, (_, distance) in enumerate(points) if distance > target]
    first = late[-1] + 1 if late else 0
    return points[first][0] if first < len(points) else float("inf")


@click.command()
@click.argument("other", type=click.Path(exists=True, path_type=Path))
@click.option("--data", "source", default="mnist", show_default=True)
@click.option("--target", default=5.0, show_default=True)
@click.option("--rounds", default=3, show_default=True)
@click.option("--steps", default=6_000, show_default=True, help="Steps of each training.")
@click.option("--from-step", default=1_000, show_default=True, help="First checkpoint to score.")
@click.option("--outdir", type=click.Path(path_type=Path), default="runs/time-to-quality", show_default=True)
def main(other: Path, source: str, target: float, rounds: int, steps: int, from_step: int, outdir: Path) -> None:
    """Train both in turns, score the checkpoints, print medians and their ratio."""
    judge, checkouts = Judge(source), {"this": THIS, "other": other.resolve()}
    found: dict[str, list[float]] = {name: [] for name in checkouts}
    for number in range(rounds):
        started = {}
        for name in list(checkouts) if number % 2 == 0 else reversed(checkouts):  # each comes first as often as last
            place = outdir / f"{name}-{number}"
            place.mkdir(parents=True)
            started[name] = training(checkouts[name], source, steps, place)
        for name, (path, start) in started.items():
            points = curve(checkouts[name], path, start, judge, list(range(from_step, steps + 1, EVERY)))
            found[name].append(first_below(points, target))
    middle = {name: statistics.median(values) for name, values in found.items()}
    titles = {"this": "`gancli train --model dcgan --data mnist`", "other": f"the same of {other.name}"}
    rows = [
        [
            titles[name],
            " ".join(f"{value:.0f}" for value in values),
            f"{middle[name]:.0f}",
            f"{middle[name] / middle['other']:.2f}",
        ]
        for name, values in found.items()
    ]
    save(
        "benchmarks",
        "time_to_quality",
        table(["training", f"seconds to {target:g}, each round", "median", "ratio"], rows),
    )


if __name__ == "__main__":
    main()
