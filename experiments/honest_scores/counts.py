"""The Fréchet distance of one distribution by the number of images, and its extrapolation to infinitely many."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from experiments._harness import table
from experiments.honest_scores._shared import dataset, distance, features, number, samples, shuffled

SIZES = (100, 200, 500, 1000, 2000, 5000, 10_000)
REPEATS = 5
HERE = Path(__file__).parent


def infinity(fake: np.ndarray, real: np.ndarray) -> float:
    """The distance for infinitely many samples, as `gancli eval-fid --fid-infinity`."""
    from gancli.evaluation.metrics import fid_infinity, frechet

    return fid_infinity.extrapolate(fake, frechet.moments(real)).value


def of_size(draw: Callable[[int, int], tuple[np.ndarray, np.ndarray]], size: int, most: int) -> list[float]:
    """Distances of as many disjoint pairs of this size as there are, at most REPEATS."""
    return [distance(*draw(at * size, size)) for at in range(min(REPEATS, most // size))]


def part(run: Path) -> str:
    """A table, and the figure counts.png."""
    real = features(shuffled("mnist"))
    fake = features(samples(run, 0, max(SIZES) * 2))
    colored = features(shuffled("cifar10"), "cifar10")
    test = features(dataset("mnist").test["image"])
    half, third = len(colored) // 2, len(real) // 3
    columns = {
        "MNIST: real, real": (lambda at, size: (real[at : at + size], real[third + at : third + at + size]), third),
        "MNIST: `dcgan`, real": (lambda at, size: (fake[at : at + size], real[third + at : third + at + size]), 20_000),
        "CIFAR-10: real, real": (
            lambda at, size: (colored[at : at + size], colored[half + at : half + at + size]),
            half,
        ),
    }
    found = {title: [of_size(draw, size, most) for size in SIZES] for title, (draw, most) in columns.items()}
    rows = []
    for at, size in enumerate(SIZES):
        cells = [number(values[at]) if values[at] else "" for values in found.values()]
        real_bias = f"{np.mean(found['MNIST: real, real'][at]) * size:,.0f}"
        rows.append([f"{size:,}", cells[0], real_bias, *cells[1:]])
    figure(found)
    head = ["images of each set", "MNIST: real, real", "the same, times the count", *list(columns)[1:]]
    second = []
    for size in SIZES[2:]:
        cells = []
        for one in (fake, real):
            draws = [one[at * size : (at + 1) * size] for at in range(min(REPEATS, len(one) // size))]
            plain, endless = ([measure(rows, test) for rows in draws] for measure in (distance, infinity))
            cells += [number(plain), number(endless)]
        second.append([f"{size:,}", *cells])
    titles = [
        "`dcgan`: distance",
        "`dcgan`: extrapolated",
        "training images: distance",
        "training images: extrapolated",
    ]
    return "\n\n".join(
        [
            "Both sets with the same number of images, features of the data's classifier; ± is the deviation over "
            f"at most {REPEATS} disjoint pairs. The two sets of the first and the last column are of one distribution, "
            "so their distance would be 0 with infinitely many images.",
            table(head, rows),
            "Against all 10,000 test images of MNIST:",
            table(["images", *titles], second),
        ]
    )


def figure(found: dict[str, list[list[float]]]) -> None:
    """counts.png: the distance against 1 / count, on which a line means a bias of one over the count."""
    from matplotlib.figure import Figure

    picture = Figure((6.0, 3.2), layout="constrained")
    axes = picture.subplots()
    for (title, values), mark in zip(found.items(), "os^", strict=True):
        pairs = [(1 / size, np.mean(one)) for size, one in zip(SIZES, values, strict=True) if one and size >= 500]
        axes.plot(*zip(*pairs, strict=True), marker=mark, label=title.replace("`", ""))
    axes.set_xticks([1 / size for size in SIZES if size >= 500], [f"{size:,}" for size in SIZES if size >= 500])
    axes.tick_params(axis="x", rotation=45)
    axes.set(xlabel="images of each set, on a scale of 1 / count", ylabel="Fréchet distance", ylim=(0, None))
    axes.legend(frameon=False)
    picture.savefig(HERE / "counts.png", dpi=90)
