"""The two tables of models on MNIST in the README: the first, and the conditional models and other games.

    python -m experiments.family.run
    python -m experiments.family.run --only wgan --only wgan-gp      these rows, the others stay as they are
    python -m experiments.family.run --only first                    all rows of the first table

The first table has the Parzen score of 2014 too. The Fréchet distance is in features of MNIST's classifier, 10,000
samples against the test images; real images stand beside it. Labels: how often a classifier reads the class that was
asked for.
"""

from __future__ import annotations

import shlex

import click

from experiments._harness import MNIST, data_option, gancli, on_mnist, save, table, train
from experiments.goodfellow2014.run import RECIPES

FIRST = {
    "dcgan": ["--model", "dcgan"],
    "gan": ["--model", "gan"],
    "authors": RECIPES["authors"].options,
    "vae": ["--model", "vae"],
    "autoencoder": ["--model", "autoencoder"],
}
AUTHORS = "the authors' recipe: `python -m experiments.goodfellow2014.run --only authors`"
PUBLISHED = [
    ["*published: adversarial nets (Goodfellow et al. 2014)*", "", "*225 ± 2*", ""],
    ["*published: deep GSN, DBN, stacked CAE*", "", "*214 ± 1.1, 138 ± 2, 121 ± 1.6*", ""],
]
REAL = ("frechet", "precision", "recall")
SAID = {  # what the pictures show besides
    "matching": ", each with one image: collapsed, as the lecture saw",
    "wgan": ", still far off",
    "wgan-gp": ", still far off",
}


def first_table(data: str) -> str:
    """Unconditional models: minutes of training, Parzen score, Fréchet distance."""
    rows = []
    for name, asked in FIRST.items():
        run = train(f"mnist-{name}", asked, data)
        parzen, found = gancli("eval-parzen", "--run", run["path"]), gancli("eval-fid", "--run", run["path"])
        rows.append(
            [
                AUTHORS if name == "authors" else f"`gancli train {shlex.join(asked)} --data mnist`",
                f"{run['last']['seconds'] / 60:.1f} min",
                f"{parzen['mean']:.1f} ± {parzen['standard_error']:.1f}",
                f"{found['frechet']:.2f} ± {found['frechet_deviation']:.2f}",
            ]
        )
    real = ["*real images (training images against the test split)*", "", "", f"*{found['real']['frechet']:.2f}*"]
    head = ["command", "time", "Parzen, nats (`gancli eval-parzen`)"]
    head += ["Fréchet distance, mnist-classifier features (`gancli eval-fid`)"]
    return table(head, [*rows, *PUBLISHED, real])


def row(which: str, data: str) -> tuple[list[object], list[object]]:
    """A model's row, and that of real images beside it: command, minutes, Fréchet distance, precision, recall, labels
    met or digits made."""
    name, run = on_mnist(which, data)
    found = gancli("eval-fid", "--run", name)
    labels = gancli("eval-labels", "--run", name)
    missing = len(labels.get("missing", ()))  # which models that take labels are not asked
    digits = f"{10 - missing} of ten digits" if missing else "all ten digits"
    made = f"{labels['share']:.1%} of the labels it is given" if "share" in labels else digits
    real = found["real"]
    return [
        f"`gancli train {shlex.join(MNIST[which])} --data mnist`",
        f"{run['last']['seconds'] / 60:.1f} min",
        f"{found['frechet']:.2f} ± {found['frechet_deviation']:.2f}",
        f"{found['precision']:.3f}",
        f"{found['recall']:.3f}",
        made + SAID.get(which, ""),
    ], ["*real images*", "", *(f"*{real[score]:.{n}f}*" for score, n in zip(REAL, (2, 3, 3), strict=True)), ""]


@click.command()
@data_option
@click.option("--only", type=click.Choice(["first", *MNIST]), multiple=True, help="These models alone.")
def main(data: str, only: tuple[str, ...]) -> None:
    """Train and score the models on MNIST."""
    if not only or "first" in only:
        save("family", "first", first_table(data))
    chosen = [which for which in only or MNIST if which != "first"]
    if chosen:
        head = ["command", "time", "Fréchet distance, mnist-classifier features", "precision", "recall", "makes"]
        found = [row(which, data) for which in chosen]
        save("family", "family", table(head, [*(ours for ours, _ in found), found[-1][1]]), update=bool(only))


if __name__ == "__main__":
    main()
