"""Text to image: Reed et al. 2016 (arXiv:1605.05396). What wrong pairs and texts between two texts are worth.

    python experiments/reed2016.py                          on drawn glyphs, where obedience can be measured
    python experiments/reed2016.py --flowers flowers.zip    Oxford-102 with the captions of Reed et al.

The first trains models with equal numbers of steps: GAN-CLS, GAN-INT, both, a plain conditional GAN, and wrong pairs as
the authors make them; it writes the share of attributes that each obeys. The second trains on flowers at 64x64, and it
draws what captions ask for.
"""

from __future__ import annotations

import click
from commands import HERE, gancli, keep, table, train

STEPS = 12_000
VARIANTS = {
    "GAN-CLS": [],
    "GAN-INT-CLS": ["--interpolate-text"],
    "GAN-INT": ["--interpolate-text", "--mismatch", "none"],
    "plain": ["--mismatch", "none"],
    "GAN-CLS, wrong images": ["--mismatch", "image"],
}
SHOWN = (
    "a small red seven above a large blue square on a white ground",
    "a large green three at the top left on a yellow ground",
    "a small white circle right of a large black eight on a red ground",
)
FLOWERS = ["--image-size", "64", "--width", "24", "--steps", "30000", "--text-steps", "4000"]
CAPTIONS = (
    "this flower has bright yellow petals",
    "a flower with long purple petals and a yellow center",
    "this flower is white and has round petals",
    "the flower has red petals that are ruffled",
    "a pink flower with many thin petals",
)
OUT = HERE / "reed2016"


def row(name: str, data: str) -> list[object]:
    """A variant's row: trained where that is still to do, and scored."""
    run = train(f"reed2016-{name.lower().replace(', ', '-').replace(' ', '-')}", _command(name), data)
    found = gancli("eval-captions", "--run", run["path"])
    texts = [word for text in SHOWN for word in ("--text", text)]
    gancli("sample", "--run", run["path"], *texts, "--out", OUT / f"glyphs-{_file(name)}.png")
    groups = found["by_group"]["held out"]
    shapes = (groups["first shape"] + groups["second shape"]) / 2
    return [
        name,
        f"`gancli train {' '.join(_command(name))}`",
        f"{run['last']['seconds'] / 60:.1f}",
        *(f"{found[kind]:.1%}" for kind in ("seen", "held_out", "real", "by_chance")),
        f"{shapes:.1%}",
    ]


def _command(name: str) -> list[str]:
    return ["--model", "gan-cls", "--steps", str(STEPS), *VARIANTS[name]]


def _file(name: str) -> str:
    return name.lower().replace(", ", "-").replace(" ", "-")


def glyphs(only: tuple[str, ...]) -> None:
    """The table of obedience."""
    head = [
        "model",
        "command, `--data glyphs`",
        "minutes",
        "obeyed, seen",
        "obeyed, held out",
        "real pictures",
        "by chance",
    ]
    keep("reed2016", "glyphs", table([*head, "shapes, held out"], [row(name, "glyphs") for name in only or VARIANTS]))


def flowers(data: str) -> None:
    """Flowers for sentences, between sentences, and in the style of another picture."""
    asked = ["--model", "gan-cls", *FLOWERS, "--interpolate-text"]
    run = train("reed2016-flowers", asked, data)
    found = gancli("eval-captions", "--run", run["path"])
    texts = [word for text in CAPTIONS for word in ("--text", text)]
    gancli("sample", "--run", run["path"], *texts, "--seeds", "0-7", "--out", OUT / "flowers.png")
    two = ["--text", CAPTIONS[0], "--text", CAPTIONS[1]]
    gancli("interpolate", "--run", run["path"], "--seeds", "0-3", *two, "--out", OUT / "flowers-between-texts.png")
    one = ["--text", CAPTIONS[0]]
    gancli("interpolate", "--run", run["path"], "--seeds", "0-3", *one, "--out", OUT / "flowers-between-seeds.png")
    head = [
        "command, `--data flowers.zip`",
        "minutes",
        "R-precision",
        "of real pictures",
        "Fréchet distance",
        "of two halves",
    ]
    values = [f"{found['r_precision']:.1%}", f"{found['real']:.1%}", f"{found['frechet']:.2f}"]
    minutes = f"{run['last']['seconds'] / 60:.1f}"
    shown = [f"`gancli train {' '.join(asked)}`", minutes, *values, f"{found['frechet_of_halves']:.2f}"]
    keep("reed2016", "flowers", table(head, [shown]))


@click.command()
@click.option("--only", type=click.Choice(list(VARIANTS)), multiple=True, help="Train and score these alone.")
@click.option("--flowers", "data", metavar="PATH", help="Instead: Oxford-102 with captions, such as flowers.zip.")
def main(only: tuple[str, ...], data: str | None) -> None:
    """Train GAN-CLS and its kin, and measure how well they obey."""
    OUT.mkdir(exist_ok=True)
    if data:
        flowers(data)
    else:
        glyphs(only)


if __name__ == "__main__":
    main()
