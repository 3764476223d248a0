"""Reed et al. 2016 (arXiv:1605.05396), text to image: the effect of mismatched pairs and of interpolated captions.

    python -m experiments.reed2016.run                          on glyphs, where attributes can be checked
    python -m experiments.reed2016.run --flowers flowers.zip    Oxford-102 with the captions of Reed et al.

The first command trains models for equal numbers of steps: GAN-CLS, GAN-INT, both, a plain conditional GAN, and
mismatched pairs as in the paper and as in the authors' code. GAN-CLS is also trained longer. It writes the share of
attributes that each generates correctly. The second command trains on flowers at 64x64 and draws images for captions.
"""

from __future__ import annotations

import tempfile
import zipfile
from pathlib import Path

import click

from experiments._harness import gancli, save, table, train

LONG, SHORT = 16_000, 6_000  # steps: of the final model, and of the models compared
TEXT_STEPS = 2000
VARIANTS = {
    "GAN-CLS": [],
    "plain": ["--mismatched-pair", "none"],
    "GAN-INT-CLS": ["--interpolate-text"],
    "GAN-INT": ["--interpolate-text", "--mismatched-pair", "none"],
    "GAN-CLS, random mismatched captions": ["--negatives", "any"],
    "GAN-CLS, mismatched images": ["--mismatched-pair", "image"],
}
SHOWN = (
    "a small red seven above a large blue square on a white ground",
    "a large green three at the top left on a yellow ground",
    "a small white circle right of a large black eight on a red ground",
    "a large blue cross in the middle on a green ground",
)
BETWEEN = (
    "a small red seven in the middle on a blue ground",
    "a large white two in the middle on a red ground",
)
FLOWERS = ["--image-size", "64", "--steps", "6000", "--batch-size", "64", "--learning-rate", "4e-4"]
FLOWERS += ["--mirror", "--negatives", "any", "--z-dim", "16", "--style-weight", "3"]
CAPTIONS = (
    "this flower has bright yellow petals",
    "a flower with long purple petals and a yellow center",
    "this flower is white and has round petals",
    "the flower has red petals that are ruffled",
    "a pink flower with many thin petals",
)
STYLES = tuple(f"jpg/image_{number:05}.jpg" for number in (1, 3000, 5000, 7000, 2000, 4000))
FIRST = "GAN-CLS"
OUT = Path(__file__).parent


def rows(name: str) -> list[list[object]]:
    """Train a variant if necessary, score it, and return its rows; the first also after as many steps as the others."""
    is_first = name == FIRST
    arguments = ["--model", "gan-cls", *VARIANTS[name], "--steps", LONG if is_first else SHORT]
    run = train(f"reed2016-{_file(name)}", [*arguments, "--keep-every", TEXT_STEPS + SHORT], "glyphs")
    texts = [word for text in SHOWN for word in ("--text", text)]
    gancli("sample", "--run", run["path"], *texts, "--out", OUT / f"glyphs-{_file(name)}.png")
    command = f"`gancli train --data glyphs {' '.join(map(str, arguments))}`"
    minutes = f"{run['last']['seconds'] / 60:.0f}"
    last = _scored(run["path"], "last")
    made = [[name, command, minutes, *_shares(last, "held out", last["seen"])]]
    if is_first:
        two = ["--text", BETWEEN[0], "--text", BETWEEN[1]]
        gancli("interpolate", "--run", run["path"], "--seeds", "0-2", *two, "--out", OUT / "glyphs-between-texts.png")
        early = _scored(run["path"], TEXT_STEPS + SHORT)
        made[0][0] += f", {LONG:,} steps"
        made.append([name, "same run", "", *_shares(early, "held out", early["seen"])])
        made.append(["*real images*", "", "", *_shares(last, "real")])
        made.append(["*images of other captions*", "", "", *_shares(last, "by chance")])
    return made


def _scored(path: str, checkpoint: object) -> dict[str, object]:
    return gancli("eval-captions", "--run", path, "--checkpoint", checkpoint)


def _shares(found: dict[str, object], of: str, seen: float | None = None) -> list[str]:
    """Attribute accuracy: on seen and on held-out combinations, then on the latter by kind of attribute."""
    groups = found["by_group"][of]
    kinds = [(groups[f"first {kind}"] + groups[f"second {kind}"]) / 2 for kind in ("size", "colour", "shape")]
    shares = [found[of.replace(" ", "_")], groups["place"], groups["ground"], *kinds]
    return ["" if seen is None else f"{seen:.1%}", *(f"{share:.1%}" for share in shares)]


def _file(name: str) -> str:
    return name.lower().replace(", ", "-").replace(" ", "-")


def glyphs(only: tuple[str, ...]) -> None:
    """The table of attribute accuracy."""
    head = ["model", "command", "minutes", "attributes correct, seen"]
    head += ["attributes correct, held out", "position", "background", "size", "color", "shape"]
    made = {name: rows(name) for name in only or VARIANTS}
    long, *others = made.pop(FIRST, [None])
    lines = [*others[:1], *(row for of in made.values() for row in of), long, *others[1:]]
    save("reed2016", "glyphs", table(head, [line for line in lines if line]))


def flowers(data: str) -> None:
    """Flowers for captions, interpolations, and flowers in the style of another image."""
    arguments = ["--model", "gan-cls", *FLOWERS]
    run = train("reed2016-flowers", arguments, data)
    found = gancli("eval-captions", "--run", run["path"])
    texts = [word for text in CAPTIONS for word in ("--text", text)]
    gancli("sample", "--run", run["path"], *texts, "--seeds", "0-7", "--out", OUT / "flowers.png")
    two = ["--text", CAPTIONS[0], "--text", CAPTIONS[1]]
    gancli("interpolate", "--run", run["path"], "--seeds", "0-3", *two, "--out", OUT / "flowers-between-texts.png")
    one = ["--text", CAPTIONS[0]]
    gancli("interpolate", "--run", run["path"], "--seeds", "0-3", *one, "--out", OUT / "flowers-between-seeds.png")
    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(data) as archive:
        of = [word for name in STYLES for word in ("--style-of", archive.extract(name, folder))]
        gancli("sample", "--run", run["path"], *texts, *of, "--out", OUT / "flowers-style.png")
    head = [
        "command, `--data flowers.zip`",
        "minutes",
        "R-precision",
        "R-precision of real images",
        "Fréchet distance",
        "Fréchet distance of two halves of the real images",
    ]
    values = [f"{found['r_precision']:.1%}", f"{found['real']:.1%}", f"{found['frechet']:.2f}"]
    minutes = f"{run['last']['seconds'] / 60:.1f}"
    shown = [f"`gancli train {' '.join(arguments)}`", minutes, *values, f"{found['frechet_of_halves']:.2f}"]
    save("reed2016", "flowers", table(head, [shown]))


@click.command()
@click.option(
    "--only", type=click.Choice(list(VARIANTS)), multiple=True, help="Variants to train and score [default: all]."
)
@click.option("--flowers", "data", metavar="PATH", help="Oxford-102 with captions instead, such as flowers.zip.")
def main(only: tuple[str, ...], data: str | None) -> None:
    """Train GAN-CLS and its variants, and measure attribute accuracy."""
    if data:
        flowers(data)
    else:
        glyphs(only)


if __name__ == "__main__":
    main()
