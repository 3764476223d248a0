"""The conditional models and the other games on MNIST: the README's table (gan and dcgan: goodfellow2014.py).

    python experiments/family.py
    python experiments/family.py --only wgan --only wgan-gp

The Fréchet distance is in features of MNIST's classifier, 10,000 samples against the test images; real images stand
beside it. Labels: how often a classifier reads the class that was asked for.
"""

from __future__ import annotations

import shlex

import click
from commands import MNIST, data_option, gancli, keep, on_mnist, table


def row(which: str, data: str) -> list[object]:
    """A model's row: its command, minutes, Fréchet distance, recall, labels met or digits made."""
    name, run = on_mnist(which, data)
    found = gancli("eval-fid", "--run", name)
    labels = gancli("eval-labels", "--run", name)
    made = f"{labels['share']:.1%} of labels" if "share" in labels else f"{10 - len(labels['missing'])} digits"
    return [
        f"`gancli train {shlex.join(MNIST[which])} --data mnist`",
        f"{run['last']['seconds'] / 60:.1f} min",
        f"{found['frechet']:.2f} ± {found['frechet_deviation']:.2f}",
        f"{found['precision']:.3f}",
        f"{found['recall']:.3f}",
        made,
    ]


@click.command()
@data_option
@click.option("--only", type=click.Choice(list(MNIST)), multiple=True, help="These models alone.")
def main(data: str, only: tuple[str, ...]) -> None:
    """Train and score the models on MNIST."""
    head = ["command", "time", "Fréchet distance, mnist-classifier features", "precision", "recall", "makes"]
    keep("family", "family", table(head, [row(which, data) for which in only or MNIST]))


if __name__ == "__main__":
    main()
