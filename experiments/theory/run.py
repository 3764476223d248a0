"""The theory of Goodfellow et al. 2014, checked numerically: Figure 1, the optimal discriminator, two parallel lines.

    python -m experiments.theory.run

Writes into experiments/theory/: figure1.png, four moments of training `toy` on one Gaussian, and figure1.gif, the whole
training; discriminator.png, a discriminator trained on two fixed densities beside D* = p / (p + q); theory.md, its
value beside C(G); lines.png, the Jensen-Shannon divergence and the Wasserstein distance of two parallel lines over
their distance.
"""

from __future__ import annotations

import math
from pathlib import Path

import click
import numpy as np
from matplotlib.figure import Figure
from PIL import Image
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import cdist
from scipy.stats import norm

from experiments._harness import save, table, train
from gancli.core.backend import keras, tf
from gancli.evaluation.metrics import divergences
from gancli.nn.architectures import dense
from gancli.nn.losses import ADVERSARIAL_LOSSES
from gancli.nn.network import Network, minimize

OUT = Path(__file__).parent
PANELS = (10, 30, 50, 400)  # steps of figure 1
P, Q = norm(1.0, 0.4), norm(0.0, 0.6)  # the fixed densities: data, generated
STEPS, BATCH = 6000, 1024


def figure_1() -> None:
    """Four sample plots of a training in a row, and its animation."""
    options = ["--model", "toy", "--z-dim", 1, "--prior", "uniform", "--steps", PANELS[-1], "--sample-every", 10]
    options += ["--d-steps", 5, "--batch-size", 1024, "--ema", 0.99]
    run = Path(train("theory-figure1", options, "gaussian")["path"])
    panels = [Image.open(run / "samples" / f"train-{step:08}.png") for step in PANELS]
    whole = Image.new("RGB", (sum(panel.width for panel in panels), panels[0].height), "white")
    for index, panel in enumerate(panels):
        whole.paste(panel, (index * panel.width, 0))
    whole.save(OUT / "figure1.png")
    (OUT / "figure1.gif").write_bytes((run / "samples" / "growing.gif").read_bytes())


def best_discriminator() -> list[object]:
    """Train a discriminator on fixed densities; returns its largest and mean error against D*, its value, and C(G)."""
    keras.utils.set_random_seed(0)
    linear_decay = keras.optimizers.schedules.CosineDecay(2e-3, STEPS)
    judge = Network(
        dense.perceptron(1, 1, units=64, depth=2, name="judge", last="logit"), keras.optimizers.Adam(linear_decay)
    )
    game, noise = ADVERSARIAL_LOSSES["minimax"], tf.random.Generator.from_seed(0)

    @tf.function
    def step() -> tf.Tensor:
        real, fake = (noise.normal((BATCH, 1), float(law.mean()), float(law.std())) for law in (P, Q))
        return minimize(judge, loss=lambda: game.real(judge(real)) + game.fake(judge(fake)))

    for _ in range(STEPS):
        step()
    places, apart = np.linspace(-3, 4, 1401, retstep=True)
    p, q = P.pdf(places), Q.pdf(places)
    found = tf.sigmoid(judge.infer(tf.constant(places[:, None], tf.float32))).numpy().ravel().astype(float)
    best, seen = divergences.optimal_discriminator(p, q), p + q > 0.02
    figure = Figure((6, 4), dpi=110, layout="constrained")
    axes = figure.subplots()
    axes.plot(places, p, "k:", label="data p")
    axes.plot(places, q, "g-", label="generated q")
    axes.plot(places, best, "b-", linewidth=3, alpha=0.3, label="D* = p / (p + q)")
    axes.plot(places, found, "b--", label="D, trained")
    axes.legend()
    figure.savefig(OUT / "discriminator.png")
    inside = np.clip(found, 1e-12, 1 - 1e-12)
    value, cost = divergences.value(p, q, inside, measure=apart), divergences.cost(p, q, measure=apart)
    errors = np.abs(found - best)[seen]
    return [
        f"{errors.max():.4f}",
        f"{np.sum((p + q)[seen] * errors) / np.sum((p + q)[seen]):.4f}",
        f"{value:.4f}",
        f"{cost:.4f}",
    ]


def lines() -> list[tuple[object, ...]]:
    """Two segments x = 0 and x = theta: rows of theta, their Jensen-Shannon divergence, their Wasserstein distance."""
    rows, height = [], np.linspace(0, 1, 400)
    cells = np.linspace(-0.0125, 1.0125, 42)  # bins of x
    for theta in np.linspace(0, 1, 21):
        sides = [np.stack([np.full(400, x), height], axis=1) for x in (0.0, theta)]
        shares = [np.histogram(side[:, 0], cells)[0] / 400 for side in sides]
        costs = cdist(*sides)
        rows.append((theta, divergences.jensen_shannon(*shares), costs[linear_sum_assignment(costs)].mean()))
    figure = Figure((6, 4), dpi=110, layout="constrained")
    axes = figure.subplots()
    theta, jensen_shannon, wasserstein = zip(*rows, strict=True)
    axes.plot(theta, jensen_shannon, "o-", markersize=3, label="Jensen-Shannon divergence")
    axes.axhline(math.log(2), color="gray", linewidth=0.5)
    axes.plot(theta, wasserstein, "s-", markersize=3, label="Wasserstein distance, of 400 points each")
    axes.set(xlabel="distance between the lines", ylabel="nats, units")
    axes.legend()
    figure.savefig(OUT / "lines.png")
    return [(f"{a:.2f}", f"{b:.4f}", f"{c:.4f}") for a, b, c in rows[::5]]


@click.command()
def main() -> None:
    """Reproduce Figure 1 of Goodfellow et al. 2014, and check the theorems on densities."""
    figure_1()
    halves = np.array([0.5, 0.5, 0.0]), np.array([0.0, 0.5, 0.5])
    known = [divergences.jensen_shannon(*halves), divergences.cost(*halves)]
    text = [
        f"(½, ½, 0) against (0, ½, ½): JSD {known[0]:.6f}, C(G) {known[1]:.6f}; expected: 0.346574, -0.693147",
        f"A discriminator trained for {STEPS:,} steps on N(1, 0.4) against N(0, 0.6), where p + q > 0.02:",
        table(["largest error of D", "mean error", "V of D", "C(G), that of D*"], [best_discriminator()]),
        "Two parallel lines:",
        table(["distance", "Jensen-Shannon (log 2 = 0.6931)", "Wasserstein"], lines()),
    ]
    save("theory", "theory", "\n\n".join(text))


if __name__ == "__main__":
    main()
