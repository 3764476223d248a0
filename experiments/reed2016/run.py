"""Text to image: Reed et al. 2016 (arXiv:1605.05396). What wrong pairs and texts between two texts are worth.

    python -m experiments.reed2016.run                          on drawn glyphs, where obedience can be measured
    python -m experiments.reed2016.run --flowers flowers.zip    Oxford-102 with the captions of Reed et al.

The first trains models for equal numbers of steps: GAN-CLS, GAN-INT, both, a plain conditional GAN, and wrong pairs as
the paper and as the authors' code make them, and GAN-CLS for twice as many; it writes the share of attributes that each
obeys. The second trains on flowers at 64x64, and it draws what captions ask for.
"""

from __future__ import annotations

import tempfile
import zipfile
from pathlib import Path

import click

from experiments._harness import gancli, save, table, train

LONG, SHORT = 16_000, 6_000  # steps: of the model that is to obey, and of all that are compared
TEXT_STEPS = 2000
VARIANTS = {
    "GAN-CLS": [],
    "plain": ["--mismatch", "none"],
    "GAN-INT-CLS": ["--interpolate-text"],
    "GAN-INT": ["--interpolate-text", "--mismatch", "none"],
    "GAN-CLS, any wrong text": ["--wrong", "any"],
    "GAN-CLS, wrong images": ["--mismatch", "image"],
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
FLOWERS += ["--mirror", "--wrong", "any", "--z-dim", "16", "--style-weight", "3"]
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
    """A variant's rows: trained where that is still to do, and scored; the first also after as many steps as others."""
    is_first = name == FIRST
    asked = ["--model", "gan-cls", *VARIANTS[name], "--steps", LONG if is_first else SHORT]
    run = train(f"reed2016-{_file(name)}", [*asked, "--keep-every", TEXT_STEPS + SHORT], "glyphs")
    texts = [word for text in SHOWN for word in ("--text", text)]
    gancli("sample", "--run", run["path"], *texts, "--out", OUT / f"glyphs-{_file(name)}.png")
    command, minutes = f"`gancli train --data glyphs {' '.join(map(str, asked))}`", f"{run['last']['seconds'] / 60:.0f}"
    last = _scored(run["path"], "last")
    made = [[name, command, minutes, *_shares(last, "held out", last["seen"])]]
    if is_first:
        two = ["--text", BETWEEN[0], "--text", BETWEEN[1]]
        gancli("interpolate", "--run", run["path"], "--seeds", "0-2", *two, "--out", OUT / "glyphs-between-texts.png")
        early = _scored(run["path"], TEXT_STEPS + SHORT)
        made[0][0] += f", {LONG:,} steps"
        made.append([name, "the same", "", *_shares(early, "held out", early["seen"])])
        made.append(["*real pictures*", "", "", *_shares(last, "real")])
        made.append(["*other captions' pictures*", "", "", *_shares(last, "by chance")])
    return made


def _scored(path: str, checkpoint: object) -> dict[str, object]:
    return gancli("eval-captions", "--run", path, "--checkpoint", checkpoint)


def _shares(found: dict[str, object], of: str, seen: float | None = None) -> list[str]:
    """What is obeyed: all on seen and on held-out combinations, then of the latter by kind."""
    groups = found["by_group"][of]
    kinds = [(groups[f"first {kind}"] + groups[f"second {kind}"]) / 2 for kind in ("size", "colour", "shape")]
    shares = [found[of.replace(" ", "_")], groups["place"], groups["ground"], *kinds]
    return ["" if seen is None else f"{seen:.1%}", *(f"{share:.1%}" for share in shares)]


def _file(name: str) -> str:
    return name.lower().replace(", ", "-").replace(" ", "-")


def glyphs(only: tuple[str, ...]) -> None:
    """The table of obedience."""
    head = ["model", "command", "minutes", "obeyed, seen", "obeyed, held out"]
    head += ["place", "ground", "size", "colour", "shape"]
    made = {name: rows(name) for name in only or VARIANTS}
    long, *others = made.pop(FIRST, [None])
    lines = [*others[:1], *(row for of in made.values() for row in of), long, *others[1:]]
    save("reed2016", "glyphs", table(head, [line for line in lines if line]))


def flowers(data: str) -> None:
    """Flowers for sentences, between sentences, and in the style of another picture."""
    asked = ["--model", "gan-cls", *FLOWERS]
    run = train("reed2016-flowers", asked, data)
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
        "of real pictures",
        "Fréchet distance",
        "of two halves",
    ]
    values = [f"{found['r_precision']:.1%}", f"{found['real']:.1%}", f"{found['frechet']:.2f}"]
    minutes = f"{run['last']['seconds'] / 60:.1f}"
    shown = [f"`gancli train {' '.join(asked)}`", minutes, *values, f"{found['frechet_of_halves']:.2f}"]
    save("reed2016", "flowers", table(head, [shown]))


@click.command()
@click.option("--only", type=click.Choice(list(VARIANTS)), multiple=True, help="Train and score these alone.")
@click.option("--flowers", "data", metavar="PATH", help="Instead: Oxford-102 with captions, such as flowers.zip.")
def main(only: tuple[str, ...], data: str | None) -> None:
    """Train GAN-CLS and its kin, and measure how well they obey."""
    if data:
        flowers(data)
    else:
        glyphs(only)


if __name__ == "__main__":
    main()
