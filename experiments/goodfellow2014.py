"""Goodfellow et al. 2014, arXiv:1406.2661: the MNIST column of Table 1, Figure 2 and Figure 3.

    python experiments/goodfellow2014.py                      the authors' recipe on MNIST, then the others beside it
    python experiments/goodfellow2014.py --only authors
    python experiments/goodfellow2014.py --faces tfd.npz      the TFD column: any faces, brought to 48x48

It gives gancli its commands, as anybody could, prints each one, and writes a table *ours | published | gap* and the
pictures into experiments/goodfellow2014/. A run that is already there is gone on with, or scored if it is finished.
The Toronto Face Database cannot be downloaded: the Olivetti faces stand in for it, and who holds it gives its path.
"""

from __future__ import annotations

import json
import os
import platform
import shlex
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import click

HERE = Path(__file__).parent
PUBLISHED = {  # Table 1: nats, standard error
    "mnist": {"DBN": (138, 2), "Stacked CAE": (121, 1.6), "Deep GSN": (214, 1.1), "Adversarial nets": (225, 2)},
    "faces": {"DBN": (1909, 66), "Stacked CAE": (2110, 50), "Deep GSN": (1890, 29), "Adversarial nets": (2057, 26)},
}
SCORED = ["--eval-score", "parzen", "--eval-samples", "10000"]


class Recipe(NamedTuple):
    """A training: its options, and how it is called in the table."""

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
    "gan": Recipe("gan (the lecture's dense GAN)", ["--model", "gan"]),
    "dcgan": Recipe("dcgan (Radford et al. 2015, width 32)", ["--model", "dcgan"]),
}
FACES = Recipe(
    "goodfellow, the authors' code, 48x48 faces",
    [  # rate and limit of the authors' TFD code
        *(*AUTHORS, "--learning-rate", "0.05", "--max-norm", "1.9365", "--image-size", "48", "--batch-size", "64"),
        *("--steps", "8000", "--eval-every", "1000", *SCORED),
    ],
)


def gancli(*arguments: object) -> dict[str, object]:
    """Run a gancli command, its progress on our standard error; returns the JSON object that it prints."""
    command = ["gancli", *map(str, arguments), "--json"]
    click.echo(f"$ {shlex.join(command)}", err=True)
    done = subprocess.run([sys.executable, "-m", *command], stdout=subprocess.PIPE, check=True)
    return json.loads(done.stdout)


def train(name: str, recipe: Recipe, data: str) -> dict[str, object]:
    """Train the recipe as a run of that name, or go on with it; returns what `gancli runs show` tells of it."""
    known = {run["name"]: run for run in gancli("runs")["runs"]}
    if name not in known:
        gancli("train", *recipe.options, "--data", data, "--name", name)
    elif known[name]["status"] != "finished":
        gancli("train", "--resume", "--run", name)
    return gancli("runs", "show", name)


def table(rows: list[tuple[str, dict[str, object], float]], published: dict[str, tuple[float, float]]) -> str:
    """Markdown: ours beside the published adversarial nets, then the other published rows."""
    goal, error = published["Adversarial nets"]
    lines = ["| what | ours, nats | published | gap | sigma | minutes |", "|---|---|---|---|---|---|"]
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
    """A row of the table: trained where that is still to do, and scored."""
    run = train(name, recipe, data)
    return recipe.title, gancli("eval-parzen", "--run", name), run["last"]["seconds"] / 60


@click.command()
@click.option("--data", default="mnist", show_default=True, help="MNIST, by name or path.")
@click.option("--only", type=click.Choice(list(RECIPES)), multiple=True, help="Train and score these alone.")
@click.option("--faces", metavar="PATH", help="Instead: faces for the TFD column, as a .npz, .h5, .zip or folder.")
@click.option("--out", type=click.Path(path_type=Path), default=HERE / "goodfellow2014", help="Folder of the results.")
def main(data: str, only: tuple[str, ...], faces: str | None, out: Path) -> None:
    """Make Table 1, Figure 2 and Figure 3 of Goodfellow et al. 2014."""
    column = "faces" if faces else "mnist"
    recipes = {"faces": FACES} if faces else {name: RECIPES[name] for name in only or RECIPES}
    rows = [score(f"goodfellow2014-{name}", recipe, faces or data) for name, recipe in recipes.items()]
    first = f"goodfellow2014-{next(iter(recipes))}"
    gancli("eval-neighbours", "--run", first, "--out", out / f"figure2-{column}.png")
    gancli("interpolate", "--run", first, "--seeds", "3,11", "--steps", 12, "--out", out / f"figure3-{column}.png")
    command = f"python experiments/goodfellow2014.py{f' --faces {Path(faces).name}' if faces else ''}"
    text = f"`{command}`, {machine()}\n\n{table(rows, PUBLISHED[column])}\n"
    out.mkdir(parents=True, exist_ok=True)
    (out / f"table1-{column}.md").write_text(text, encoding="utf-8")
    click.echo(text)


def machine() -> str:
    """The number of cores, and the processor's name where Linux tells it."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.exists() else []
    names = [line.split(":")[1].strip() for line in lines if line.startswith("model name")]
    return f"{os.cpu_count()} cores of {names[0] if names else platform.processor()}"


if __name__ == "__main__":
    main()
