"""Denton et al. 2015, arXiv:1506.05751, on CIFAR-10: a Laplacian pyramid of GANs beside flat ones, for equal times.

    python -m experiments.denton2015.run
    python -m experiments.denton2015.run --seeds 0 --only lapgan

Each model trains for about five minutes on two idle cores; the numbers of steps were chosen for that. The Fréchet
distance uses features of CIFAR-10's classifier, 2,000 samples per seed, and the test images. Sharpness is the power
spectrum relative to that of real images. The paper's Parzen scores use pixels with mean 0 and deviation 1. Ours use
pixels in [0, 1] and are converted by the deviations of the training images. After the ± stands the deviation over
images, as apparently in the paper. Spectrum and likelihoods are those of the first seed.
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
MODELS = {  # options and title
    "lapgan": (
        ["--model", "lapgan", "--preset", "paper", "--level-steps", "2500,1000,400"],
        "8 -> 16 -> 32, the authors' networks",
    ),
    "gan": (
        ["--model", "gan", "--preset", "keras-gan", "--steps", "11000"],
        "a flat dense GAN, as the paper's baseline",
    ),
    "dcgan": (["--model", "dcgan", "--steps", "6900"], "a flat convolutional GAN of the same year, one seed"),
}
PUBLISHED = [
    ["*GAN (paper, Table 1)*", "", "", "", "", "*-3617 ± 353*", ""],
    ["*LAPGAN (paper, Table 1)*", "", "", "", "", "*-3572 ± 345*", "*-1799 ± 826*"],
]


def to_standard(source: str, data_dir: str | None) -> float:
    """Decrease of a log-likelihood of pixels in [0, 1] if each pixel is divided by its deviation, in nats."""
    pixels = images.to_unit(data.load(source, data.Request(data_dir=data_dir)).train["image"])
    return float(-np.log(pixels.std(axis=0)).sum())


def row(name: str, seeds: list[int], source: str, loss: float) -> list[object]:
    """Train if necessary, score, and return a row of the table. loss: from `to_standard`."""
    arguments, title = MODELS[name]
    runs = [train(f"denton2015-{name}-{seed}", [*arguments, "--seed", seed], source) for seed in seeds]
    found = [gancli("eval-fid", "--run", run["path"], "--num-samples", 2000) for run in runs]
    first = ["--run", runs[0]["path"]]
    spectrum, parzen = gancli("eval-spectrum", *first), gancli("eval-parzen", *first)
    gancli("sample", *first, "--num-samples", 40, "--grid", "5x8", "--out", OUT / f"{name}.png")
    levels = ""
    if name == "lapgan":
        score = gancli("eval-parzen", *first, "--multi-scale")
        levels = f"{score['mean'] - loss:.0f} ± {score['deviation']:.0f}"
        gancli("sample", *first, "--show-pyramid", "--out", OUT / "pyramid.png")
    fids = [each["frechet"] for each in found]
    spread = f"{mean(fids):.1f} ± {stdev(fids):.1f}" if len(fids) > 1 else f"{fids[0]:.1f}"
    deviation = parzen["standard_error"] * parzen["test_images"] ** 0.5
    return [
        f"{title}: `gancli train {' '.join(arguments)} --data {source}`",
        f"{mean(run['last']['seconds'] for run in runs) / 60:.1f}",
        f"{spread} ({', '.join(f'{value:.1f}' for value in fids)})",
        f"{mean(each['precision'] for each in found):.2f}, {mean(each['recall'] for each in found):.2f}",
        ", ".join(f"{value:+.1f}" for value in spectrum["decibels"]),
        f"{parzen['mean'] - loss:.0f} ± {deviation:.0f}",
        levels,
    ]


@click.command()
@click.option("--data", "source", default="cifar10", show_default=True, help="Name or path of CIFAR-10.")
@click.option("--data-dir", envvar="GANCLI_DATA", help="Data folder.")
@click.option("--seeds", type=int, multiple=True, default=(0, 1, 2), show_default=True, help="Training seeds.")
@click.option("--only", type=click.Choice(list(MODELS)), multiple=True, help="Models to run [default: all].")
def main(source: str, data_dir: str | None, seeds: tuple[int, ...], only: tuple[str, ...]) -> None:
    """Train and score the pyramid and flat GANs."""
    loss = to_standard(source, data_dir)
    head = ["model", "minutes", "Fréchet distance, cifar10-classifier features, by seed", "precision, recall"]
    head += ["power relative to real images, dB, by octave from coarse to fine"]
    head += ["Parzen, nats, standardized pixels", "multi-scale Parzen, nats"]
    rows = [row(name, list(seeds[:1] if name == "dcgan" else seeds), source, loss) for name in only or MODELS]
    save("denton2015", "denton2015", table(head, rows + PUBLISHED), update=bool(only))


if __name__ == "__main__":
    main()
