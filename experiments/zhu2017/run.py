"""CycleGAN (Zhu et al. 2017, arXiv:1703.10593) between summer and winter, and pix2pix (Isola et al. 2017).

    python -m experiments.zhu2017.run --data summer2winter_yosemite.zip   with and without the cycle loss
    python -m experiments.zhu2017.run --streets camvid.zip                label maps to photographs

Seasons are scored by a classifier of the real ones: the share of translated test images that it assigns to the target,
and the share above a confidence that 15 in 100 untranslated images exceed; the Fréchet distance in its features; and
the cycle error. The same numbers for untranslated images, and for real images of the target, stand beside them.
"""

from __future__ import annotations

import io
import shutil
import tempfile
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import TypeVar

import click
import numpy as np
from PIL import Image

from experiments._harness import gancli, save, table, train
from experiments.luc2016.run import COMMON as STANDARD

T = TypeVar("T")
OUT = Path(__file__).parent
SIDE = 64
COMMON = ["--model", "cyclegan", "--image-size", str(SIDE)]
RESIDUAL = ["--residual-output", "--anti-checkerboard", "--cycle-weight", "0.5", "--d-steps", "5", "--ema", "0.99"]
RESIDUAL += ["--steps", "6000"]
WAYS = {
    "cycle": ["--steps", "8000"],
    "no cycle": ["--steps", "8000", "--cycle-weight", "0"],
    "residual output": RESIDUAL,
}
PAIRED = ["--model", "pix2pix", "--direction", "b-to-a", "--image-size", str(SIDE), "--batch-size", "4"]
PAIRED_WAYS = {"pix2pix": ["--steps", "6000"], "L1 only": ["--steps", "6000", "--adversarial-weight", "0"]}
FALSE_ALARMS = 0.15
SHARES = ("read", "read_before", "read_real", "sure", "sure_before", "sure_real")
SHOWN = 6  # images of each domain
HEIGHT = 120  # pixels, at which the segmentation network was trained


def seasons(data: str) -> None:
    """The table of shares, distances and errors, and figures."""
    lines = []
    for way, more in WAYS.items():
        run = train(f"zhu2017-{way}", [*COMMON, *more], data)
        scores = gancli("eval-translation", "--run", run["path"], "--false-positive-rate", FALSE_ALARMS)
        for direction, one in scores["directions"].items():
            line = [f"{way}, {direction}", f"`gancli train {' '.join([*COMMON, *more])}`"]
            line += [f"{run['last']['seconds'] / 60:.0f}"]
            line += [f"{one[name]:.1%}" for name in SHARES]
            line += [f"{one[name]:.1f}" for name in ("frechet", "frechet_before")]
            line += [f"{one[name]:.3f}" for name in ("changed", "lost")]
            lines.append(line)
        draw(way, data, run["path"])
    head = ["model", f"command, `--data {Path(data).name}`", "minutes", "classified as target", "untranslated"]
    head += ["real images", "confidently classified", "untranslated", "real images", "Fréchet", "untranslated"]
    head += ["change", "cycle error"]
    save("zhu2017", "seasons", table(head, lines))


def draw(way: str, data: str, run: str) -> None:
    """Test images of both seasons, translated and translated back."""
    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(data) as archive:
        for kind, direction in (("A", "a-to-b"), ("B", "b-to-a")):
            names = [name for name in archive.namelist() if name.startswith(f"test{kind}/") and name[-1] != "/"]
            (place := Path(folder, kind)).mkdir()
            for name in _some(names):
                with Image.open(io.BytesIO(archive.read(name))) as picture:
                    small = picture.convert("RGB").resize((SIDE, SIDE), Image.Resampling.BICUBIC)
                small.save(place / f"{Path(name).stem}.png")
            _draw(place, f"{way}-{direction}", run, "--direction", direction)


def streets(data: str) -> None:
    """Photographs generated from label maps of test images, scored by a segmentation network for real ones."""
    segmenter = train("luc2016-standard", STANDARD, data)["path"]
    lines = []
    for way, more in PAIRED_WAYS.items():
        run = train(f"zhu2017-{way}", [*PAIRED, *more], data)
        scores = score_streets(data, segmenter, run["path"], way)
        lines.append(
            [way, f"`gancli train {' '.join([*PAIRED, *more])}`", f"{run['last']['seconds'] / 60:.0f}", *scores]
        )
    real = score_streets(data, segmenter, None, "photographs")
    lines.append(["real photographs", "", "", *real])
    head = [
        "model",
        f"command, `--data {Path(data).name}`",
        "minutes",
        "pixel accuracy",
        "class accuracy",
        "mean IoU",
    ]
    save("zhu2017", "streets", table(head, lines))


def score_streets(data: str, segmenter: str, run: str | None, way: str) -> list[str]:
    """Scores of a segmentation network on images generated from the maps, or on the photographs."""
    with (
        tempfile.TemporaryDirectory() as folder,
        tempfile.TemporaryDirectory() as maps,
        tempfile.TemporaryDirectory() as shown,
        zipfile.ZipFile(data) as archive,
    ):
        (Path(folder) / "classes.txt").write_bytes(archive.read("classes.txt"))
        palette = _palette(archive)
        places = {name: Path(folder, name) for name in ("images", "labels")}
        for place in places.values():
            place.mkdir()
        for name in sorted(name for name in archive.namelist() if name.startswith("testannot/") and name[-1] != "/"):
            with Image.open(io.BytesIO(archive.read(name))) as picture:
                labels = _square(picture, Image.Resampling.NEAREST)
            labels.save(places["labels"] / Path(name).name)
            Image.fromarray(palette[np.asarray(labels)]).save(Path(maps, Path(name).name))
            if run is None:
                with Image.open(io.BytesIO(archive.read(name.replace("annot", "")))) as picture:
                    _square(picture.convert("RGB"), Image.Resampling.BICUBIC).save(places["images"] / Path(name).name)
        if run is not None:
            gancli("translate", maps, "--run", run, "--out", places["images"])
            for path in _some(Path(maps).iterdir()):
                shutil.copy(path, shown)
            _draw(shown, way, run)
        found = gancli("eval-segmentation", "--run", segmenter, "--data", folder, "--split", "all", "--resize", HEIGHT)
    return [f"{found[name]:.1%}" for name in ("pixel_accuracy", "class_accuracy", "mean_iou")]


def _some(names: Iterable[T]) -> list[T]:
    """A few, evenly spaced in sorted order."""
    ordered = sorted(names)
    return [ordered[at] for at in np.linspace(0, len(ordered) - 1, SHOWN).astype(int)]


def _draw(place: str | Path, name: str, run: str, *arguments: str) -> None:
    """A run's translations of the images in a folder, at half the size."""
    grid = OUT / f"{name.lower().replace(' ', '-')}.png"
    gancli("translate", place, "--run", run, *arguments, "--comparison", grid, "--rows", SHOWN)
    with Image.open(grid) as whole:
        whole.convert("RGB").reduce(2).save(grid, optimize=True)


def _palette(archive: zipfile.ZipFile) -> np.ndarray:
    """The color of each class number, uint8 (256, 3)."""
    table = np.zeros((256, 3), np.uint8)
    for line in archive.read("classes.txt").decode().splitlines():
        number, _, *color = line.split()
        table[int(number)] = [int(part) for part in color] if int(number) < 11 else 0
    return table


def _square(picture: Image.Image, how: Image.Resampling) -> Image.Image:
    left = (picture.width - picture.height) // 2
    return picture.crop((left, 0, left + picture.height, picture.height)).resize((SIDE, SIDE), how)


@click.command()
@click.option("--data", metavar="PATH", help="Images of two seasons, in CycleGAN's layout.")
@click.option("--streets", "maps", metavar="PATH", help="Images with label maps: CamVid in SegNet's layout.")
def main(data: str | None, maps: str | None) -> None:
    """Translate, and score the translations."""
    if data is None and maps is None:
        raise click.UsageError("pass --data or --streets")
    if data is not None:
        seasons(data)
    if maps is not None:
        streets(maps)


if __name__ == "__main__":
    main()
