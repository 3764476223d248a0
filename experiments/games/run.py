"""Three adversarial losses (Goodfellow 2016, arXiv:1701.00160, section 3.2) and mode coverage on points.

    python -m experiments.games.run                 everything
    python -m experiments.games.run --only modes

Writes into experiments/games/: costs.png, Figure 16 of the tutorial, the generator's losses over D(G(z)); games.md, the
three losses trained equally long on MNIST (`gan`) and on the ring of eight modes (`toy`), three seeds each;
gradients.md, the variance of their gradients; modes.md, the plain GAN and WGAN-GP on ring and grid, three seeds each;
stacked.md, the number of stacked MNIST's 1,000 modes that a DCGAN covers.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click
import numpy as np
from matplotlib.figure import Figure

from experiments._harness import data_option, gancli, save, table, train

OUT = Path(__file__).parent
LOSSES = ("minimax", "non-saturating", "maximum-likelihood")
SEEDS = (0, 1, 2)
ON_MNIST = ["--model", "gan", "--preset", "keras-gan", "--steps", "2000"]
ON_RING = ["--model", "toy", "--steps", "6000"]
PENALTY = ["--loss", "wasserstein", "--gradient-penalty", "0.1", "--d-steps", "5"]  # the authors', for points
PENALTY += ["--learning-rate", "1e-4"]
POINTS = [  # title, data, options
    ("plain GAN", "ring8", ["--model", "toy", "--steps", "10000"]),
    ("WGAN-GP", "ring8", ["--model", "toy", "--steps", "5000", *PENALTY]),
    ("plain GAN", "grid25", ["--model", "toy", "--steps", "10000"]),
    ("WGAN-GP", "grid25", ["--model", "toy", "--steps", "10000", *PENALTY]),
]
STACKED = ["--model", "dcgan", "--steps", "2000"]
PARTS = ("costs", "games", "gradients", "modes", "stacked")
BATCHES = 200  # for the variance of a gradient


def costs() -> None:
    """Figure 16 of the tutorial: the generator's loss as a function of the discriminator's output."""
    from gancli.core.backend import tf
    from gancli.nn.losses import ADVERSARIAL_LOSSES as KNOWN

    belief = np.linspace(0.001, 0.999, 500)
    logits = np.log(belief / (1 - belief))
    figure = Figure((6, 4), dpi=110, layout="constrained")
    axes = figure.subplots()
    for name in LOSSES:
        values = [float(KNOWN[name].generator(tf.constant([[a]], tf.float64))) for a in logits]
        axes.plot(belief, np.array(values) / 2, label=name)  # halved, as in the tutorial
    axes.set(xlabel="D(G(z))", ylabel="generator loss", ylim=(-20, 5))
    axes.legend()
    figure.savefig(OUT / "costs.png")


def spread(values: list[float], digits: int = 2) -> str:
    """Mean and standard deviation over the seeds."""
    return f"{np.mean(values):.{digits}f} ± {np.std(values, ddof=1):.{digits}f}"


def three_losses(data: str) -> str:
    """The losses on MNIST and on the ring."""
    head = ["loss", "MNIST: Fréchet distance", "classes missing", "ring: modes covered of 8", "high-quality points"]
    return table(
        [*head, "reverse KL"],
        [
            [loss, *_on_mnist(loss, data), *_modes(f"ring-{loss}", [*ON_RING, "--loss", loss], "ring8")]
            for loss in LOSSES
        ],
    )


def _on_mnist(loss: str, data: str) -> Iterator[str]:
    distances, missing = [], []
    for seed in SEEDS:
        run = train(f"games-mnist-{loss}-{seed}", [*ON_MNIST, "--loss", loss, "--seed", seed], data)["path"]
        distances.append(gancli("eval-fid", "--run", run, "--num-samples", 5000)["frechet"])
        missing.append(len(gancli("eval-labels", "--run", run, "--num-samples", 5000)["missing"]))
    yield spread(distances)
    yield ", ".join(map(str, missing))


def _modes(name: str, options: list[object], data: str) -> Iterator[str]:
    found = []
    for seed in SEEDS:
        run = train(f"games-{name}-{seed}", [*options, "--seed", seed], data)
        found.append(gancli("eval-modes", "--run", run["path"]))
    yield ", ".join(str(one["covered"]) for one in found)
    yield spread([100 * one["high_quality"] for one in found], 1) + " %"
    yield spread([one["reverse_kl"] or float("nan") for one in found])


def gradients(data: str) -> str:
    """Variance of the generator's gradient over batches, with each loss at the same networks.

    The networks were trained with the non-saturating loss. Measured is the mean squared distance of a gradient from the
    mean gradient, divided by the squared norm of the mean.
    """
    rows = []
    for loss in LOSSES:
        shares = []
        for seed in SEEDS:
            run = train(f"games-mnist-non-saturating-{seed}", [*ON_MNIST, "--seed", seed], data)
            shares.append(_relative_variance(Path(run["path"]), loss))
        rows.append([loss, spread(shares, 1)])
    return table(["loss", f"gradient variance over {BATCHES} batches of 32 / squared norm of the mean gradient"], rows)


def _relative_variance(path: Path, name: str) -> float:
    from gancli.core.backend import tf
    from gancli.nn.losses import ADVERSARIAL_LOSSES as KNOWN
    from gancli.nn.network import frozen
    from gancli.runs.run import Run

    model, _ = Run(path).model(weights="raw")
    weights = [variable.value for variable in model.generator.model.trainable_variables]

    @tf.function
    def gradient() -> tf.Tensor:
        with tf.GradientTape() as tape:
            loss = KNOWN[name].generator(frozen(model.discriminator)(model.generator(model.noise())))
        return tf.concat([tf.reshape(part, [-1]) for part in tape.gradient(loss, weights)], axis=0)

    mean, square = 0.0, 0.0
    for _ in range(BATCHES):
        one = gradient().numpy().astype(np.float64)
        mean, square = mean + one / BATCHES, square + np.sum(one**2) / BATCHES
    norm = float(np.sum(mean**2))
    return float(square - norm) / norm


def modes() -> str:
    """The plain GAN and WGAN-GP on ring and grid."""
    rows = [
        [title, data, *_modes(f"{data}-{title.replace(' ', '-').lower()}", options, data)]
        for title, data, options in POINTS
    ]
    return table(["model", "data", "modes covered, three seeds", "high-quality points", "reverse KL"], rows)


def stacked() -> str:
    """DCGAN on stacked MNIST, each color channel classified by MNIST's classifier."""
    run = train("games-stacked", STACKED, "stacked_mnist")
    found, minutes = gancli("eval-modes", "--run", run["path"]), run["last"]["seconds"] / 60
    command = f"`gancli train {' '.join(STACKED)} --data stacked_mnist`"
    row = [command, f"{minutes:.1f}", found["covered"], f"{found['reverse_kl']:.3f}"]
    return table(["command", "minutes", "modes of 1,000", "reverse KL"], [row])


@click.command()
@data_option
@click.option("--only", type=click.Choice(PARTS), multiple=True, help="Parts to run [default: all].")
def main(data: str, only: tuple[str, ...]) -> None:
    """Plot three generator losses, train with them, and count modes."""
    if not only or "costs" in only:
        costs()
    if not only or "games" in only:
        save("games", "games", three_losses(data))
    if not only or "gradients" in only:
        save("games", "gradients", gradients(data))
    if not only or "modes" in only:
        save("games", "modes", modes())
    if not only or "stacked" in only:
        save("games", "stacked", stacked())


if __name__ == "__main__":
    main()
