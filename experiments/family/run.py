"""Two tables of models on MNIST: unconditional models, and conditional ones with other losses, by the papers' settings.

    python -m experiments.family.run
    python -m experiments.family.run --only wgan --only wgan-gp      only these rows; the others are kept
    python -m experiments.family.run --only first                    all rows of the first table

The first table also has the Parzen score of Goodfellow et al. 2014. The Fréchet distance uses features of MNIST's
classifier and 10,000 samples against the test images, beside the value for real images. Label accuracy is the share of
samples that a classifier assigns to the requested class.
"""

from __future__ import annotations

import shlex

import click

from experiments._harness import MNIST, data_option, gancli, on_mnist, save, table, train
from experiments.goodfellow2014.run import RECIPES

FIRST = {
    "dcgan": ["--model", "dcgan"],
    "gan": ["--model", "gan", "--preset", "keras-gan"],
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
REMARKS = {  # what the samples show
    "matching": "; one image per class (mode collapse)",
    "wgan": ", not converged",
    "wgan-gp": ", not converged",
}


def first_table(data: str) -> str:
    """Unconditional models: minutes of training, Parzen score, Fréchet distance."""
    rows = []
    for name, arguments in FIRST.items():
        run = train(f"mnist-{name}", arguments, data)
        parzen, found = gancli("eval-parzen", "--run", run["path"]), gancli("eval-fid", "--run", run["path"])
        rows.append(
            [
                AUTHORS if name == "authors" else f"`gancli train {shlex.join(arguments)} --data mnist`",
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
    """A model's row, and that of real images: command, minutes, Fréchet distance, precision, recall, and label accuracy
    or generated digits."""
    name, run = on_mnist(which, data)
    found = gancli("eval-fid", "--run", name)
    labels = gancli("eval-labels", "--run", name)
    missing = len(labels.get("missing", ()))  # not reported for conditional models
    digits = f"{10 - missing} of ten digits" if missing else "all ten digits"
    content = f"{labels['share']:.1%} label accuracy" if "share" in labels else digits
    real = found["real"]
    return [
        f"`gancli train {shlex.join(MNIST[which])} --data mnist`",
        f"{run['last']['seconds'] / 60:.1f} min",
        f"{found['frechet']:.2f} ± {found['frechet_deviation']:.2f}",
        f"{found['precision']:.3f}",
        f"{found['recall']:.3f}",
        content + REMARKS.get(which, ""),
    ], ["*real images*", "", *(f"*{real[score]:.{n}f}*" for score, n in zip(REAL, (2, 3, 3), strict=True)), ""]


@click.command()
@data_option
@click.option("--only", type=click.Choice(["first", *MNIST]), multiple=True, help="Models to run [default: all].")
def main(data: str, only: tuple[str, ...]) -> None:
    """Train and score the models on MNIST."""
    if not only or "first" in only:
        save("family", "first", first_table(data))
    chosen = [which for which in only or MNIST if which != "first"]
    if chosen:
        head = ["command", "time", "Fréchet distance, mnist-classifier features", "precision", "recall", "samples"]
        found = [row(which, data) for which in chosen]
        save("family", "family", table(head, [*(ours for ours, _ in found), found[-1][1]]), update=bool(only))


if __name__ == "__main__":
    main()
