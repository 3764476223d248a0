"""Denton et al. 2015, arXiv:1506.05751, on CIFAR-10: a pyramid of GANs beside flat ones, for equal minutes.

    python -m experiments.denton2015.run
    python -m experiments.denton2015.run --seeds 0 --only lapgan

Each model trains for some five minutes on two cores, alone: the steps below were measured to take that. The Fréchet
distance is in features of CIFAR-10's classifier, 2,000 samples of a seed against the test images; sharpness is the
power spectrum beside that of real images. The paper's Parzen figures are of pixels of mean 0 and deviation 1; ours, of
pixels in [0, 1], are brought there by the deviations of the training images. After the ± stands the deviation over
images, as it seems to do in the paper; spectrum and likelihoods are of the first seed.
"""

from __future__ import annotations

from pathlib import Path
from statistics import mean, stdev

import click
import numpy as np

from experiments._harness import gancli, save, table, train
from gancli import data
from gancli.imaging import images

OUT = Path(__file__).parent
MODELS = {  # options, and what they are
    "lapgan": (["--model", "lapgan", "--level-steps", "2500,1000,400"], "8 -> 16 -> 32, the authors' networks"),
    "gan": (["--model", "gan", "--steps", "11000"], "a flat dense GAN, as the paper's baseline"),
    "dcgan": (["--model", "dcgan", "--steps", "6900"], "a flat convolutional GAN of the same year, one seed"),
}
PUBLISHED = [
    ["*GAN (paper, Table 1)*", "", "", "", "", "*-3617 ± 353*", ""],
    ["*LAPGAN (paper, Table 1)*", "", "", "", "", "*-3572 ± 345*", "*-1799 ± 826*"],
]


def to_standard(source: str, data_dir: str | None) -> float:
    """What a log-likelihood of pixels in [0, 1] loses when each pixel is divided by its deviation, nats."""
    pixels = images.to_unit(data.load(source, data.Request(data_dir=data_dir)).train["image"])
    return float(-np.log(pixels.std(axis=0)).sum())


def row(name: str, seeds: list[int], source: str, loss: float) -> list[object]:
    """Trained where that is still to do, and scored; a model's row of the table. loss: of `to_standard`."""
    asked, title = MODELS[name]
    runs = [train(f"denton2015-{name}-{seed}", [*asked, "--seed", seed], source) for seed in seeds]
    found = [gancli("eval-fid", "--run", run["path"], "--samples", 2000) for run in runs]
    first = ["--run", runs[0]["path"]]
    spectrum, parzen = gancli("eval-spectrum", *first), gancli("eval-parzen", *first)
    gancli("sample", *first, "--count", 40, "--grid", "5x8", "--out", OUT / f"{name}.png")
    levels = ""
    if name == "lapgan":
        score = gancli("eval-parzen", *first, "--multi-scale")
        levels = f"{score['mean'] - loss:.0f} ± {score['deviation']:.0f}"
        gancli("sample", *first, "--show-pyramid", "--out", OUT / "pyramid.png")
    fids = [each["frechet"] for each in found]
    spread = f"{mean(fids):.1f} ± {stdev(fids):.1f}" if len(fids) > 1 else f"{fids[0]:.1f}"
    deviation = parzen["standard_error"] * parzen["test_images"] ** 0.5
    return [
        f"{title}: `gancli train {' '.join(asked)} --data {source}`",
        f"{mean(run['last']['seconds'] for run in runs) / 60:.1f}",
        f"{spread} ({', '.join(f'{value:.1f}' for value in fids)})",
        f"{mean(each['precision'] for each in found):.2f}, {mean(each['recall'] for each in found):.2f}",
        ", ".join(f"{value:+.1f}" for value in spectrum["decibels"]),
        f"{parzen['mean'] - loss:.0f} ± {deviation:.0f}",
        levels,
    ]


@click.command()
@click.option("--data", "source", default="cifar10", show_default=True, help="CIFAR-10, by name or path.")
@click.option("--data-dir", envvar="GANCLI_DATA", help="Folder of the data.")
@click.option("--seeds", type=int, multiple=True, default=(0, 1, 2), show_default=True, help="Of the trainings.")
@click.option("--only", type=click.Choice(list(MODELS)), multiple=True, help="These models alone.")
def main(source: str, data_dir: str | None, seeds: tuple[int, ...], only: tuple[str, ...]) -> None:
    """Train and score the pyramid and flat GANs."""
    loss = to_standard(source, data_dir)
    head = ["model", "minutes", "Fréchet distance, cifar10-classifier features, by seed", "precision, recall"]
    head += ["power beside real, dB, by octave from coarse to fine", "Parzen, nats, standardised", "multi-scale"]
    rows = [row(name, list(seeds[:1] if name == "dcgan" else seeds), source, loss) for name in only or MODELS]
    save("denton2015", "denton2015", table(head, rows + PUBLISHED), update=bool(only))


if __name__ == "__main__":
    main()
