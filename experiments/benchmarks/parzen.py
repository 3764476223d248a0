"""Time of a Parzen score at full size: gancli beside scikit-learn and a direct float64 computation.

    python -m experiments.benchmarks.parzen [--count 10000]

All score the same images, in MNIST's shape, under the same centers (noisy copies of other such images):

- "gancli": the whole protocol, sigma among ten bandwidths on 1,000 validation images, then all test images at the best;
- "float64": the formula at that one sigma, every difference squared and summed in float64;
- "scikit-learn": KernelDensity.score_samples at that one sigma.

The three run one after another, each alone on the machine. Memory is the process's peak so far. The table is written to
experiments/benchmarks/parzen.md.
"""

from __future__ import annotations

import math
import resource
import time
from collections.abc import Callable

import click
import numpy as np
from scipy.spatial.distance import cdist
from scipy.special import logsumexp
from sklearn.neighbors import KernelDensity

from experiments.results import save, table
from gancli.evaluation.metrics import parzen

PIXELS, BLOCK = 784, 100
RELATIVE = "seconds relative to gancli"


def images(count: int, seed: int) -> np.ndarray:
    """Smooth blobs in [0, 1] on a dark background, similar to digits: float32 (count, 784)."""
    random = np.random.default_rng(seed)
    rough = random.random((count, 7, 7)).repeat(4, axis=1).repeat(4, axis=2)
    ink = np.clip(4 * (rough - 0.75), 0, 1).reshape(count, PIXELS)
    return np.clip(ink + random.normal(0, 0.1, ink.shape) * (ink > 0), 0, 1).astype(np.float32)


def direct(samples: np.ndarray, test: np.ndarray, sigma: float) -> np.ndarray:
    """Goodfellow et al. 2014, section 5, in float64: every difference squared and summed (scipy's cdist)."""
    height = math.log(len(samples)) + PIXELS * math.log(sigma * math.sqrt(2 * math.pi))
    blocks = (test[start : start + BLOCK] for start in range(0, len(test), BLOCK))
    powers = (-cdist(block, samples, "sqeuclidean") / (2 * sigma**2) for block in blocks)
    return np.concatenate([logsumexp(block, axis=1) for block in powers]) - height


def timed(work: Callable[[], object]) -> tuple[object, float]:
    """The return value, and the seconds it took."""
    began = time.perf_counter()
    return work(), time.perf_counter() - began


@click.command()
@click.option("--count", default=10_000, show_default=True, help="Number of samples, and of test images.")
def main(count: int) -> None:
    """Print score and time of each implementation."""
    samples = images(count, 0)
    validation = images(1000, 1)
    test = images(count, 2)
    ours, seconds = timed(lambda: parzen.score(samples, validation, test))
    (sigma,) = ours.sigmas
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    rows = [[f"gancli, {len(ours.curve)} bandwidths", f"{seconds:.1f}", f"{ours.mean:.5f}", "", f"{memory:.2f}"]]
    ways = {
        "float64, one bandwidth": lambda: direct(samples, test, sigma),
        "scikit-learn, one bandwidth": lambda: KernelDensity(bandwidth=sigma).fit(samples).score_samples(test),
    }
    for name, way in ways.items():
        found, took = timed(way)
        rows.append([name, f"{took:.1f}", f"{found.mean():.5f}", f"{took / seconds:.0f}", ""])
    what = f"{count:,} samples, {count:,} test images, {PIXELS} pixels; sigma {sigma:.3f}"
    save("benchmarks", "parzen", f"{what}\n\n{table(['implementation', 'seconds', 'nats', RELATIVE, 'GB'], rows)}")


if __name__ == "__main__":
    main()
