"""Goodfellow et al. 2014, arXiv:1406.2661: the MNIST column of Table 1, Figure 2 and Figure 3.

    python -m experiments.goodfellow2014.run                      the authors' recipe on MNIST, then the others
    python -m experiments.goodfellow2014.run --only authors
    python -m experiments.goodfellow2014.run --faces tfd.npz      the TFD column: any faces, resized to 48x48

It runs ordinary gancli commands, prints each one, and writes a table *ours | published | gap* and the figures into
experiments/goodfellow2014/. An existing run is resumed, or scored if it is finished. The Toronto Face Database cannot
be downloaded: the Olivetti faces replace it, and if you have TFD, pass its path.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import click

from experiments._harness import data_option, gancli, save, train

HERE = Path(__file__).parent
PUBLISHED = {  # Table 1: nats, standard error
    "mnist": {"DBN": (138, 2), "Stacked CAE": (121, 1.6), "Deep GSN": (214, 1.1), "Adversarial nets": (225, 2)},
    "faces": {"DBN": (1909, 66), "Stacked CAE": (2110, 50), "Deep GSN": (1890, 29), "Adversarial nets": (2057, 26)},
}
SCORED = ["--eval-score", "parzen", "--eval-samples", "10000"]


class Recipe(NamedTuple):
    """Options of a training, and its title in the table."""

    title: str
    options: list[str]


AUTHORS = ["--model", "goodfellow", "--updates", "simultaneous", "--optimizer", "sgd"]
RECIPES = {
    "authors": Recipe(
        "goodfellow, the authors' code",
        [*AUTHORS, "--learning-rate", "0.1", "--steps", "170000", "--eval-every", "6250", *SCORED],
    ),
    "paper": Recipe(
        "goodfellow, Algorithm 1 (Adam)",
        ["--model", "goodfellow", "--steps", "15000", "--eval-every", "2500", *SCORED],
    ),
    "gan": Recipe("gan (dense GAN)", ["--model", "gan", "--preset", "keras-gan"]),
    "dcgan": Recipe("dcgan (Radford et al. 2015, width 32)", ["--model", "dcgan"]),
}
FACES = Recipe(
    "goodfellow, the authors' code, 48x48 faces",
    [  # learning rate and norm limit of the authors' TFD code
        *(*AUTHORS, "--learning-rate", "0.05", "--max-norm", "1.9365", "--image-size", "48", "--batch-size", "64"),
        *("--steps", "8000", "--eval-every", "1000", *SCORED),
    ],
)


def table(rows: list[tuple[str, dict[str, object], float]], published: dict[str, tuple[float, float]]) -> str:
    """Markdown: ours and the published adversarial nets, then the other published rows."""
    goal, error = published["Adversarial nets"]
    lines = ["| model | ours, nats | published | gap | sigma | minutes |", "|---|---|---|---|---|---|"]
    for title, score, minutes in rows:
        sigma = ", ".join(f"{value:.3f}" for value in score["sigma"])
        lines.append(
            f"| {title} | {score['mean']:.1f} ± {score['standard_error']:.1f} | {goal} ± {error:g} | "
            f"{score['mean'] - goal:+.1f} | {sigma} | {minutes:.0f} |"
        )
    others = (
        f"| *{name}* | | {mean} ± {spread:g} | | | |" for name, (mean, spread) in published.items() if mean != goal
    )
    return "\n".join([*lines, *others])


def score(name: str, recipe: Recipe, data: str) -> tuple[str, dict[str, object], float]:
    """Train if necessary, score, and return a row of the table."""
    run = train(name, recipe.options, data)
    return recipe.title, gancli("eval-parzen", "--run", run["path"]), run["last"]["seconds"] / 60


@click.command()
@data_option
@click.option(
    "--only", type=click.Choice(list(RECIPES)), multiple=True, help="Models to train and score [default: all]."
)
@click.option("--faces", metavar="PATH", help="Faces for the TFD column instead: .npz, .h5, .zip or folder.")
@click.option("--out", type=click.Path(path_type=Path), default=HERE, help="Results folder.")
def main(data: str, only: tuple[str, ...], faces: str | None, out: Path) -> None:
    """Reproduce Table 1, Figure 2 and Figure 3 of Goodfellow et al. 2014."""
    column = "faces" if faces else "mnist"
    recipes = {"faces": FACES} if faces else {name: RECIPES[name] for name in only or RECIPES}
    rows = [score(f"goodfellow2014-{name}", recipe, faces or data) for name, recipe in recipes.items()]
    first = rows[0][1]["run"]
    gancli("eval-neighbors", "--run", first, "--out", out / f"figure2-{column}.png")
    gancli("interpolate", "--run", first, "--seeds", "3,11", "--steps", 12, "--out", out / f"figure3-{column}.png")
    save(str(out), f"table1-{column}", table(rows, PUBLISHED[column]), update=bool(only))


if __name__ == "__main__":
    main()
