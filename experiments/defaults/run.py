"""The defaults of adversarial models that a user tries first, each three times: scores and their spread.

    python -m experiments.defaults.run
    python -m experiments.defaults.run --only wgan --only cgan --seeds 0      only these rows; the others are kept

Each is trained by its default options on MNIST (lapgan: on CIFAR-10). The Fréchet distance uses features of the data's
classifier, 10,000 samples (CIFAR-10: 2,000) and the test images. MS-SSIM is that of two images of one class, beside
that of real ones; 1 means a class of equal images. After a ± stands the standard deviation over the seeds.
"""

from __future__ import annotations

import click
import numpy as np

from experiments._faces import spread
from experiments._harness import gancli, save, table, train

DATA = {"lapgan": ("cifar10", 2_000)}  # and the number of samples; else MNIST
MNIST = ("mnist", 10_000)
MODELS = ("dcgan", "gan", "cgan", "wgan", "wgan-gp", "matching", "lapgan")
SCORES = {"frechet": 2, "kid": 3, "precision": 3, "recall": 3}  # decimals
HEAD = ["model", "minutes", "Fréchet distance", "KID", "precision", "recall", "MS-SSIM within classes"]


def similarity(runs: list[str]) -> str:
    """Mean MS-SSIM of two samples of a class, and of two real images; empty for models without classes."""
    found = [gancli("eval-diversity", "--run", run) for run in runs]
    if "by_class" not in found[0]:
        return ""
    ours, real = ([float(np.mean(list(one[key].values()))) for one in found] for key in ("by_class", "real_by_class"))
    return f"{spread(ours, 3)} (real {real[0]:.3f})"


def row(model: str, seeds: tuple[int, ...]) -> list[object]:
    """Train with each seed if necessary, score, and return a row of the table."""
    source, samples = DATA.get(model, MNIST)
    runs = [train(f"defaults-{model}-{seed}", ["--model", model, "--seed", seed], source) for seed in seeds]
    scores = [gancli("eval-fid", "--run", run["path"], "--num-samples", samples) for run in runs]
    columns = [spread([one[score] for one in scores], digits) for score, digits in SCORES.items()]
    minutes = spread([run["last"]["seconds"] / 60 for run in runs], 1)
    return [
        f"`gancli train --model {model} --data {source}`",
        minutes,
        *columns,
        similarity([run["path"] for run in runs]),
    ]


@click.command()
@click.option("--seeds", default="0,1,2", show_default=True, help="Seeds of the trainings, such as 0,1,2.")
@click.option("--only", type=click.Choice(MODELS), multiple=True, help="Models to run [default: all].")
def main(seeds: str, only: tuple[str, ...]) -> None:
    """Train and score the defaults."""
    chosen = tuple(int(seed) for seed in seeds.split(","))
    for model in only or MODELS:  # each row is saved once it is there
        save("defaults", "defaults", table(HEAD, [row(model, chosen)]), update=True)


if __name__ == "__main__":
    main()
