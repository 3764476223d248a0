"""Arjovsky et al. 2017, arXiv:1701.07875: does the critic's estimate follow the true distance and the image quality?

    python -m experiments.arjovsky2017.run

On the ring of eight modes, where the Wasserstein distance can be computed exactly, it compares the distance with the
critic's estimate, in trainings with gradient penalty and with weight clipping. A plain GAN's estimate of the
Jensen-Shannon divergence stands beside them. On MNIST it compares the estimates of `wgan` and `wgan-gp` with the
Fréchet distance in classifier features, every 250 steps.
"""

from __future__ import annotations

import json
from pathlib import Path

import click
import numpy as np
from matplotlib.figure import Figure
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import cdist
from scipy.stats import spearmanr

from experiments._harness import data_option, gancli, on_mnist, save, table, train

OUT = Path(__file__).parent
COMMON = ["--model", "toy", "--steps", 400, "--save-every", 20, "--keep", 40, "--log-every", 20, "--ema", 0]
COMMON += ["--learning-rate", "2e-4", "--beta1", 0, "--d-steps", 25]  # a critic near its optimum
POINTS = {
    "gradient penalty 1": [*COMMON, "--loss", "wasserstein", "--gradient-penalty", 1],
    "weight clipping 0.1": [
        *COMMON,
        "--loss",
        "wasserstein",
        "--weight-clip",
        "0.1",
        "--d-steps",
        50,
        "--learning-rate",
        "5e-5",
    ],
    "plain GAN": [*COMMON, "--loss", "jensen-shannon"],
}
ON_IMAGES = ("wgan", "wgan-gp")
POINTS_COMPARED = 1000  # in each set; the distance comes from their optimal assignment


def estimates_and_distances(title: str, options: list[object]) -> tuple[list[float], list[float]]:
    """True distance between samples and data at each checkpoint, and the estimate logged there."""
    from gancli import data
    from gancli.core.backend import tf
    from gancli.runs.run import Run

    run = Run(Path(train(f"arjovsky2017-{title.replace(' ', '-')}", options, "ring8")["path"]))
    real = data.load("ring8").sample(POINTS_COMPARED)
    key = "divergence" if title == "plain GAN" else "distance"
    estimates = {record["step"]: record[key] for record in run.metrics() if key in record}
    true, estimated = [], []
    for step in run.checkpoints():
        if step in estimates:
            model, _ = run.model(str(step))
            costs = cdist(real, model.decode(tf.constant(model.latents(range(POINTS_COMPARED)))).numpy())
            true.append(costs[linear_sum_assignment(costs)].mean())
            estimated.append(estimates[step])
    return true, estimated


def on_points() -> str:
    """Table and figure: Spearman correlation of the estimate with the true distance."""
    figure, rows = Figure((10, 3.5), dpi=110, layout="constrained"), []
    for axes, (title, options) in zip(figure.subplots(1, 3), POINTS.items(), strict=True):
        true, estimated = estimates_and_distances(title, options)
        axes.scatter(true, estimated, s=8, c=range(len(true)))
        kind = "divergence" if title == "plain GAN" else "critic's estimate"
        axes.set(title=title, xlabel="true Wasserstein distance", ylabel=kind)
        rows.append(
            [title, len(true), f"{max(true):.2f} to {min(true):.2f}", f"{spearmanr(true, estimated).statistic:.2f}"]
        )
    figure.savefig(OUT / "points.png")
    return table(
        ["toy on `ring8`", "checkpoints", "true Wasserstein distance", "Spearman correlation of estimate and distance"],
        rows,
    )


def on_images(data: str, which_models: tuple[str, ...]) -> str:
    """Table, and a figure for each model: the estimate and the Fréchet distance over the steps."""
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
    head = ["MNIST", "Fréchet distance", "digit classes generated"]
    head += ["Spearman correlation of estimate and Fréchet distance", "steps", "minutes"]
    return table(head, rows)


@click.command()
@data_option
@click.option("--only", type=click.Choice(["points", "images"]), help="Run one half only.")
@click.option("--model", type=click.Choice(ON_IMAGES), multiple=True, help="Image models to run [default: both].")
def main(data: str, only: str | None, model: tuple[str, ...]) -> None:
    """Compare the critic's estimate with the true distance and with image quality."""
    if only != "images":
        save("arjovsky2017", "points", on_points())
    if only != "points":
        save("arjovsky2017", "images", on_images(data, model or ON_IMAGES), update=bool(model))


if __name__ == "__main__":
    main()
