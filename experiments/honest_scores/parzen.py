"""The Parzen score: sets of different quality, widths, and counts."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from experiments._harness import table
from experiments.honest_scores._shared import dataset, distance, features, samples
from gancli.evaluation.metrics import parzen
from gancli.imaging import images

CENTROIDS = (100, 500)
COUNTS = (100, 1000, 10_000, 50_000)
SIGMAS = (0.1, 0.129, 0.167, 0.2, 0.25, 0.3)
VALIDATION = 1000


def centroids(count: int, pixels: np.ndarray) -> np.ndarray:
    """k-means centroids of images, as images."""
    from sklearn.cluster import MiniBatchKMeans

    means = MiniBatchKMeans(count, batch_size=8192, max_iter=30, n_init=1, random_state=0)
    found = means.fit(images.flat(pixels)).cluster_centers_
    return np.clip(np.round(found * 255), 0, 255).astype(np.uint8).reshape(-1, *pixels.shape[1:])


def part(run: Path) -> str:
    """Three tables: sets at their best sigma, the curve over sigma, the score by the number of samples."""
    mnist = dataset("mnist")
    rows = mnist.split()[1][:VALIDATION]
    tuning, test = images.flat(mnist.take(rows)), images.flat(mnist.test["image"])
    rest = np.setdiff1d(np.arange(len(mnist)), mnist.split()[1])  # not among the images that sigma is chosen on
    real = mnist.take(np.random.default_rng(1).permutation(rest))
    sampled = samples(run, 0, max(COUNTS))
    sets = {f"{count:,} k-means centroids": centroids(count, real) for count in CENTROIDS}
    sets |= {"10,000 training images": real[:10_000], "10,000 samples of `dcgan`": sampled[:10_000]}
    judged = features(mnist.test["image"])
    first = []
    for name, pixels in sets.items():
        found = parzen.score(images.flat(pixels), tuning, test)
        near = distance(features(pixels), judged)
        score = f"{found.mean:.1f} ± {found.standard_error:.1f}"
        first.append([name, score, f"{found.sigmas[0]:.3f}", f"{near:.2f}"])
    second = []
    for name in (f"{CENTROIDS[1]:,} k-means centroids", *list(sets)[-2:]):
        curve = parzen.log_likelihoods(images.flat(sets[name]), test, SIGMAS).mean(axis=1)
        second.append([name, *(f"{value:.0f}" for value in curve)])
    third = [[name, *_by_count(pixels, tuning, test)] for name, pixels in (("real", real), ("`dcgan`", sampled))]
    return "\n\n".join(
        [
            "Sigma is chosen on 1,000 training images; nats are the mean over the 10,000 test images.",
            table(["set", "nats", "sigma", "Fréchet distance to the test images"], first),
            "The same sets with one sigma for all, nats:",
            table(["sigma", *SIGMAS], second),
            "By the number of images that stand for the distribution, each with its best sigma, nats (sigma):",
            table(["images", *(f"{count:,}" for count in COUNTS)], third),
        ]
    )


def _by_count(pixels: np.ndarray, tuning: np.ndarray, test: np.ndarray) -> list[str]:
    cells = []
    for count in COUNTS:
        found = parzen.score(images.flat(pixels[:count]), tuning, test)
        cells.append(f"{found.mean:.0f} ({found.sigmas[0]:.3f})")
    return cells
