"""Peak memory of the distances between large sets: 50,000 samples and as many real images, of 2,048 features each.

    python -m experiments.benchmarks.fid_memory [--count 50000] [--size 2048] [--side 32] [--channels 3]

The features are random numbers, so that no network adds to the time; TensorFlow is imported all the same. The peak is
that of the whole process: libraries, the images of both sides, and all scores. It is printed after each part.
"""

from __future__ import annotations

import resource
import time

import click

from gancli.core import backend
from gancli.core.backend import np, tf
from gancli.data import Dataset
from gancli.evaluation.evaluation_set import EvaluationSet
from gancli.evaluation.feature_extractors import FeatureExtractor
from gancli.evaluation.sample_quality import fid

OTHERS = 10_000  # images of a test split


def peak() -> int:
    """The largest memory of this process so far, in megabytes."""
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def extractor(size: int) -> FeatureExtractor:
    """Random features, the same for the same images, and probabilities of 1,008 classes."""

    def extract(pixels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        random = np.random.default_rng(pixels.ravel()[:8].tolist())
        features = random.random((len(pixels), size), np.float32)
        classes = random.random((len(pixels), 1008), np.float32)
        classes /= classes.sum(axis=1, keepdims=True)
        return features, classes

    return FeatureExtractor("random", extract, {"dims": size})


@click.command(help=__doc__.partition("\n")[0])
@click.option("--count", default=50_000, show_default=True, help="Samples, and training images.")
@click.option("--size", default=2048, show_default=True, help="Numbers in a feature.")
@click.option("--side", default=32, show_default=True, help="Pixels a side.")
@click.option("--channels", default=3, show_default=True, help="Channels of the images.")
def main(count: int, size: int, side: int, channels: int) -> None:
    """Print the peak after each part."""
    backend.own_process()
    _ = tf.constant(0.0)
    click.echo(f"TensorFlow imported: {peak():,} MB")
    random = np.random.default_rng(0)
    shape = (side, side, channels)
    train, test, samples = (
        random.integers(0, 256, (rows, *shape), np.uint8) for rows in (count, min(OTHERS, count), count)
    )
    click.echo(f"{count:,} samples, {len(train):,} training and {len(test):,} test images in memory: {peak():,} MB")
    evaluated = EvaluationSet(samples, None, Dataset("random", {"image": train}, {"image": test}))
    began = time.perf_counter()
    result = fid.score(evaluated, extractor(size), fid.FidChoice(reference="train"))
    click.echo(f"all scores of {result.features:,} features: {peak():,} MB, {time.perf_counter() - began:,.0f} s")
    click.echo(f"Fréchet distance {result.frechet:.3f}, KID {result.samples.kid:.3g}")


if __name__ == "__main__":
    main()
