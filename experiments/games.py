"""Three games (Goodfellow 2016, section 3.2) and the modes of points: costs, trainings of one length, gradients.

    python experiments/games.py                 all of it
    python experiments/games.py --only modes

Makes, in experiments/games/: costs.png, the tutorial's figure 16, the generator's costs over D(G(z)); games.md, the
three games trained equally long on MNIST (`gan`) and on the ring of eight modes (`toy`), three seeds each;
gradients.md, how noisy their gradients are; modes.md, the plain GAN and WGAN-GP on ring and grid, three seeds each;
stacked.md, how many of stacked MNIST's 1,000 modes a DCGAN reaches.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click
import numpy as np
from commands import HERE, data_option, gancli, keep, table, train
from matplotlib.figure import Figure

GAMES = ("minimax", "non-saturating", "maximum-likelihood")
SEEDS = (0, 1, 2)
ON_MNIST = ["--model", "gan", "--steps", "2000"]
ON_RING = ["--model", "toy", "--steps", "6000"]
PENALTY = [
    "--game",
    "wasserstein",
    "--penalty",
    "0.1",
    "--k",
    "5",
    "--learning-rate",
    "1e-4",
]  # the authors', of points
POINTS = [  # title, data, options
    ("plain GAN", "ring8", ["--model", "toy", "--steps", "10000"]),
    ("WGAN-GP", "ring8", ["--model", "toy", "--steps", "5000", *PENALTY]),
    ("plain GAN", "grid25", ["--model", "toy", "--steps", "10000"]),
    ("WGAN-GP", "grid25", ["--model", "toy", "--steps", "10000", *PENALTY]),
]
STACKED = ["--model", "dcgan", "--steps", "2000"]
PARTS = ("costs", "games", "gradients", "modes", "stacked")
BATCHES = 200  # of which a gradient's variance is measured


def costs() -> None:
    """The tutorial's figure 16: what a generated image costs the generator, by what the discriminator thinks of it."""
    from gancli.core.backend import tf
    from gancli.nn.losses import ADVERSARIAL_LOSSES as KNOWN

    belief = np.linspace(0.001, 0.999, 500)
    logits = np.log(belief / (1 - belief))
    figure = Figure((6, 4), dpi=110, layout="constrained")
    axes = figure.subplots()
    for name in GAMES:
        cost = [float(KNOWN[name].generator(tf.constant([[a]], tf.float64))) / 2 for a in logits]  # halved, as there
        axes.plot(belief, cost, label=name)
    axes.set(xlabel="D(G(z))", ylabel="the generator's cost", ylim=(-20, 5))
    axes.legend()
    (HERE / "games").mkdir(exist_ok=True)
    figure.savefig(HERE / "games" / "costs.png")


def spread(values: list[float], digits: int = 2) -> str:
    """Mean and standard deviation over the seeds."""
    return f"{np.mean(values):.{digits}f} ± {np.std(values, ddof=1):.{digits}f}"


def three_games(data: str) -> str:
    """Rows of the games on MNIST and on the ring."""
    return table(
        ["game", "MNIST: Fréchet distance", "classes missing", "ring: modes of 8", "good points", "reverse KL"],
        [
            [game, *_on_mnist(game, data), *_modes(f"ring-{game}", [*ON_RING, "--game", game], "ring8")]
            for game in GAMES
        ],
    )


def _on_mnist(game: str, data: str) -> Iterator[str]:
    distances, missing = [], []
    for seed in SEEDS:
        run = train(f"games-mnist-{game}-{seed}", [*ON_MNIST, "--game", game, "--seed", seed], data)["path"]
        distances.append(gancli("eval-fid", "--run", run, "--samples", 5000)["frechet"])
        missing.append(len(gancli("eval-labels", "--run", run, "--samples", 5000)["missing"]))
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
    """How much the generator's gradient differs from batch to batch, each game asked of the same networks.

    Those of the non-saturating game, after its training: the mean squared distance of a gradient from the mean
    gradient, over the squared norm of the mean.
    """
    rows = []
    for game in GAMES:
        shares = []
        for seed in SEEDS:
            run = train(f"games-mnist-non-saturating-{seed}", [*ON_MNIST, "--seed", seed], data)
            shares.append(_relative_variance(Path(run["path"]), game))
        rows.append([game, spread(shares, 1)])
    return table(["game", f"variance of the gradient over {BATCHES} batches of 32 / squared norm of its mean"], rows)


def _relative_variance(path: Path, game: str) -> float:
    from gancli.core.backend import tf
    from gancli.nn.losses import ADVERSARIAL_LOSSES as KNOWN
    from gancli.nn.network import frozen
    from gancli.runs.run import Run

    model, _ = Run(path).model(weights="raw")
    weights = [variable.value for variable in model.generator.model.trainable_variables]

    @tf.function
    def gradient() -> tf.Tensor:
        with tf.GradientTape() as tape:
            loss = KNOWN[game].generator(frozen(model.discriminator)(model.generator(model.noise())))
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
    return table(["game", "data", "modes covered, three seeds", "good points", "reverse KL"], rows)


def stacked() -> str:
    """DCGAN on stacked MNIST, its samples read colour by colour by MNIST's classifier."""
    run = train("games-stacked", STACKED, "stacked_mnist")
    found, minutes = gancli("eval-modes", "--run", run["path"]), run["last"]["seconds"] / 60
    command = f"`gancli train {' '.join(STACKED)} --data stacked_mnist`"
    row = [command, f"{minutes:.1f}", found["covered"], f"{found['reverse_kl']:.3f}"]
    return table(["command", "minutes", "modes of 1,000", "reverse KL"], [row])


@click.command()
@data_option
@click.option("--only", type=click.Choice(PARTS), multiple=True, help="These alone.")
def main(data: str, only: tuple[str, ...]) -> None:
    """Draw the costs of three games and train them."""
    if not only or "costs" in only:
        costs()
    if not only or "games" in only:
        keep("games", "games", three_games(data))
    if not only or "gradients" in only:
        keep("games", "gradients", gradients(data))
    if not only or "modes" in only:
        keep("games", "modes", modes())
    if not only or "stacked" in only:
        keep("games", "stacked", stacked())


if __name__ == "__main__":
    main()
