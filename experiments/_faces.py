"""Shared by the experiments on faces: a model beside `dcgan` at equal minutes, with scores and pictures.

A table has a row for each model, means over the seeds with their standard deviation, and a row of real images. With
--trial it prints the tables and draws beside the runs, so that a script can be tried with --minutes 1.
"""

from __future__ import annotations

import functools
import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import click
import numpy as np

from experiments._harness import gancli, outdir, save, table, train

HERE = Path(__file__).parent
SIZE = ["--image-size", 64]
DCGAN = ["--width", 32, "--learning-rate", "4e-4"]  # on faces: those of presets/faces-hour.toml
SCORES = {"frechet": 2, "kid": 5, "precision": 3, "recall": 3}  # decimals
HEAD = ["model", "minutes", "steps", "Fréchet distance", "KID", "precision", "recall"]


@dataclass(frozen=True)
class Plan:
    """What is trained, and where results go.

    folder: of the experiment. model: name of the paper's model. data: name or path of the faces. minutes: of each
    training. seeds: of the trainings. samples: number of generated images to score. is_trial: nothing is saved beside
    the experiment.
    """

    folder: str
    model: str
    data: str
    minutes: float
    seeds: tuple[int, ...]
    samples: int
    is_trial: bool

    def options(self, seed: int, model: str, data: str) -> list[object]:
        """The options of a training of a model, the defaults but for the size of faces and dcgan's width on them."""
        more = [] if data != self.data else [*SIZE, *DCGAN] if model == "dcgan" else SIZE
        return ["--model", model, *more, "--minutes", self.minutes, "--seed", seed]

    def run(self, seed: int, model: str | None = None, data: str | None = None) -> dict[str, object]:
        """The finished training of a seed, of the paper's model on faces if not given: as `gancli runs show`."""
        model, data = model or self.model, data or self.data
        name = f"{self.folder}-{Path(data).stem}-{model}-{seed}"
        return _train_once(name, tuple(self.options(seed, model, data)), data)

    def picture(self, name: str) -> Path:
        """Where a picture of this name is written."""
        folder = HERE / self.folder if not self.is_trial else outdir() / f"trial-{self.folder}"
        folder.mkdir(parents=True, exist_ok=True)
        return folder / name

    def save(self, name: str, text: str) -> None:
        """Save a result, or print it in a trial."""
        if self.is_trial:
            click.echo(text)
        else:
            save(self.folder, name, text)


@functools.cache  # each search for a run measures the speed, because of --minutes
def _train_once(name: str, options: tuple[object, ...], data: str) -> dict[str, object]:
    return train(name, options, data)


def options(folder: str, model: str) -> Callable[[Callable[[Plan], None]], click.Command]:
    """Make a command of a function that takes a Plan. model: the paper's, which --model replaces."""

    def decorate(function: Callable[[Plan], None]) -> click.Command:
        @click.command()
        @click.option("--faces", default="celeba.zip", show_default=True, help="Name or path of CelebA.")
        @click.option("--minutes", default=60.0, show_default=True, help="Minutes of each training.")
        @click.option("--seeds", default="0", show_default=True, help="Seeds of the trainings, such as 0,1,2.")
        @click.option("--samples", default=5000, show_default=True, help="Images to generate for the scores.")
        @click.option("--model", default=model, show_default=True, help="Model to train beside dcgan.")
        @click.option("--trial", is_flag=True, help="Print the tables, and leave the results unchanged.")
        @functools.wraps(function)
        def command(faces: str, minutes: float, seeds: str, samples: int, model: str, trial: bool) -> None:
            chosen = tuple(int(seed) for seed in seeds.split(","))
            function(Plan(folder, model, faces, minutes, chosen, samples, trial))

        return command

    return decorate


def distances(run: str, plan: Plan, *more: object) -> dict[str, object]:
    """The output of `gancli eval-fid` in features of the data's classifier. more: further options."""
    return gancli("eval-fid", "--run", run, "--features", "classifier", "--num-samples", plan.samples, *more)


def spread(values: Sequence[float], digits: int) -> str:
    """The mean of the seeds, with their standard deviation if there are several."""
    deviation = f" ± {np.std(values, ddof=1):.{digits}f}" if len(values) > 1 else ""
    return f"{np.mean(values):.{digits}f}{deviation}"


def compare(plan: Plan, data: str | None = None) -> str:
    """The table of the paper's model and `dcgan`, trained for as many minutes each."""
    rows = []
    for model in (plan.model, "dcgan"):
        runs = [plan.run(seed, model, data) for seed in plan.seeds]
        found = [distances(run["path"], plan) for run in runs]
        minutes = spread([run["last"]["seconds"] / 60 for run in runs], 1)
        steps = f"{np.mean([run['last']['step'] for run in runs]):,.0f}"
        scores = [spread([one[score] for one in found], digits) for score, digits in SCORES.items()]
        chosen = plan.options(plan.seeds[0], model, data or plan.data)[:-2]  # without the seed
        command = shlex.join(map(str, [*chosen, "--data", Path(data or plan.data).name]))
        rows.append([f"`{command}`", minutes, steps, *scores])
    real = found[-1]["real"]
    rows.append(["*real images*", "", "", *(f"*{real[score]:.{digits}f}*" for score, digits in SCORES.items())])
    return table(HEAD, rows)


def pictures(plan: Plan) -> None:
    """64 samples of each model, of the first seed."""
    for model in (plan.model, "dcgan"):
        run = plan.run(plan.seeds[0], model)["path"]
        gancli("sample", "--run", run, "--grid", "8x8", "--out", plan.picture(f"samples-{model}.png"))
