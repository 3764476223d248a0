"""Arjovsky et al. 2017, arXiv:1701.07875: does the critic's estimate follow the distance, and the quality of images?

    python experiments/arjovsky2017.py

On the ring of eight modes, where the Wasserstein distance can be computed: the critic's estimate beside it during
trainings with the gradient penalty and with the clip, and the Jensen-Shannon estimate of a plain GAN beside the same.
On MNIST: the estimate beside the Fréchet distance in the classifier's features, every 250 steps, of `wgan` and
`wgan-gp`.
"""

from __future__ import annotations

import json
from pathlib import Path

import click
import numpy as np
from commands import HERE, data_option, gancli, keep, on_mnist, table, train
from matplotlib.figure import Figure
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import cdist
from scipy.stats import spearmanr

OUT = HERE / "arjovsky2017"
COMMON = ["--model", "toy", "--steps", 400, "--save-every", 20, "--keep", 40, "--log-every", 20, "--ema", 0]
COMMON += ["--learning-rate", "2e-4", "--beta1", 0, "--k", 25]  # a critic near its optimum
POINTS = {
    "penalty 1": [*COMMON, "--game", "wasserstein", "--penalty", 1],
    "clip 0.1": [*COMMON, "--game", "wasserstein", "--clip", "0.1", "--k", 50, "--learning-rate", "5e-5"],
    "plain GAN": [*COMMON, "--game", "jensen-shannon"],
}
ON_IMAGES = ("wgan", "wgan-gp")
FEW = 1000  # points whose distance is computed, by the best assignment of one set to the other


def followed(title: str, options: list[object]) -> tuple[list[float], list[float]]:
    """The true distance of samples from data at each checkpoint, and what the training estimated there."""
    from gancli import data
    from gancli.core.backend import tf
    from gancli.runs.run import Run

    run = Run(Path(train(f"arjovsky2017-{title.replace(' ', '-')}", options, "ring8")["path"]))
    real = data.load("ring8").sample(FEW)
    key = "divergence" if title == "plain GAN" else "distance"
    estimates = {record["step"]: record[key] for record in run.metrics() if key in record}
    true, told = [], []
    for step in run.checkpoints():
        if step in estimates:
            model, _ = run.model(str(step))
            costs = cdist(real, model.decode(tf.constant(model.latents(range(FEW)))).numpy())
            true.append(costs[linear_sum_assignment(costs)].mean())
            told.append(estimates[step])
    return true, told


def on_points() -> str:
    """Rows and a figure: Spearman's correlation of the estimate with the true distance."""
    figure, rows = Figure((10, 3.5), dpi=110, layout="constrained"), []
    for axes, (title, options) in zip(figure.subplots(1, 3), POINTS.items(), strict=True):
        true, told = followed(title, options)
        axes.scatter(true, told, s=8, c=range(len(true)))
        kind = "divergence" if title == "plain GAN" else "critic's estimate"
        axes.set(title=title, xlabel="true Wasserstein distance", ylabel=kind)
        rows.append([title, len(true), f"{max(true):.2f} to {min(true):.2f}", f"{spearmanr(true, told).statistic:.2f}"])
    figure.savefig(OUT / "points.png")
    return table(["toy on `ring8`", "moments", "true distance", "Spearman, estimate and distance"], rows)


def on_images(data: str, which_models: tuple[str, ...]) -> str:
    """Rows, and a figure for each model: the estimate and the Fréchet distance over the steps."""
    rows = []
    for which in which_models:
        figure = Figure((4.5, 3.5), dpi=110, layout="constrained")
        axes, (name, run) = figure.subplots(), on_mnist(which, data)
        lines = (Path(run["path"]) / "metrics.jsonl").read_text(encoding="utf-8").splitlines()
        records = [json.loads(line) for line in lines]
        scored = [record for record in records if "score" in record]
        axes.plot([record["step"] for record in records], [record["distance"] for record in records], linewidth=1)
        axes.set(title=which, xlabel="step", ylabel="critic's estimate (line)")
        beside = axes.twinx()
        beside.semilogy([record["step"] for record in scored], [record["score"] for record in scored], "k.")
        beside.set(ylabel="Fréchet distance (dots)")
        figure.savefig(OUT / f"quality-{which}.png")
        steps, estimates, scores = (
            np.array([record[key] for record in scored]) for key in ("step", "distance", "score")
        )
        found = gancli("eval-fid", "--run", name)
        missing = gancli("eval-labels", "--run", name)["missing"]
        gancli("sample", "--run", name, "--out", OUT / f"samples-{which}.png")
        rows.append(
            [
                f"`{which}`",
                f"{found['frechet']:.2f} ± {found['frechet_deviation']:.2f}",
                f"{10 - len(missing)}",
                f"{spearmanr(estimates, scores).statistic:.2f}",
                f"{steps[-1]:,}",
                f"{run['last']['seconds'] / 60:.0f}",
            ]
        )
    head = ["MNIST", "Fréchet distance", "digits made", "Spearman, estimate and Fréchet distance", "steps", "minutes"]
    return table(head, rows)


@click.command()
@data_option
@click.option("--only", type=click.Choice(["points", "images"]), help="One half alone.")
@click.option("--model", type=click.Choice(ON_IMAGES), multiple=True, help="Of the images: these models alone.")
def main(data: str, only: str | None, model: tuple[str, ...]) -> None:
    """Set the critic's estimate beside the true distance and beside the quality of images."""
    OUT.mkdir(exist_ok=True)
    if only != "images":
        keep("arjovsky2017", "points", on_points())
    if only != "points":
        keep("arjovsky2017", "images", on_images(data, model or ON_IMAGES), update=bool(model))


if __name__ == "__main__":
    main()
