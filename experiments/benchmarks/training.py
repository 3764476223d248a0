"""Images per second of a full training step: gancli beside Keras' fit, train_on_batch and PyTorch.

    python -m experiments.benchmarks.training [--job gan|dcgan-28|dcgan-64] [--seconds 5] [--rounds 5]

A step is Algorithm 1 of Goodfellow et al. 2014 with k = 1: the discriminator step, then the generator step on fresh
noise. Networks, batches and data are the same. Each implementation runs in a process of its own, alternating
(rivals.py, turns.py). PyTorch is included if `pip install gancli[benchmark]` installed it. The machine's own ceiling, a
large matrix product and a large convolution in the same precision, alternates with them. "Share" is the arithmetic
throughput relative to that of the convolution (of the matrix product for the dense networks). The multiplications and
additions of a step are counted by TensorFlow in Keras' layers.
"""

from __future__ import annotations

import functools
import importlib.util
from collections.abc import Callable, Iterator

import click
import numpy as np

from experiments.benchmarks import rivals, turns
from experiments.benchmarks.rivals import Job
from gancli import models
from gancli.core.backend import has_fast_bfloat16, tf
from gancli.data import Dataset
from gancli.models import config
from gancli.training.compiled_step import CompiledStage
from gancli.training.input_pipeline import feed

JOBS = {
    "gan": ("gan", (28, 28, 1), 64),
    "dcgan-28": ("dcgan", (28, 28, 1), 128),
    "dcgan-64": ("dcgan", (64, 64, 3), 64),
}
STEPS_PER_CALL = {"gan": 200, "dcgan-28": 10, "dcgan-64": 5}
SIDE = 2048  # matrix size for the ceiling
# Convolution for the ceiling.
MAPS = (64, 32, 32)
KERNEL = 5
CHANNELS = 128


def ours(job: Job, steps: int) -> Iterator[int]:
    """gancli's loop without weight averages, as in the others; yields the number of images after each chunk."""
    dataset = Dataset("noise", {"image": rivals.pictures(job)})
    model_class = models.get(job.model)
    values = {"precision": job.precision, "batch_size": job.batch, "ema": 0.0}
    model = model_class(*config.from_mapping(model_class, values), dataset.facts())
    fed, random = feed(dataset, model), np.random.default_rng(0)
    stage = CompiledStage(model.stages()[0], model, fed.specification())
    while True:
        rows = random.integers(0, rivals.IMAGES, (steps, job.batch), np.int32)
        yield stage.run(*fed.rows(rows), steps)[0] * job.batch


def arithmetic(job: Job) -> float:
    """Multiplications and additions per image in a step, counted by TensorFlow's profiler in Keras' layers."""
    quiet = tf.compat.v1.profiler.ProfileOptionBuilder(tf.compat.v1.profiler.ProfileOptionBuilder.float_operation())
    found = tf.compat.v1.profiler.profile(rivals.step_graph(job), options=quiet.with_empty_output().build())
    return found.total_float_ops / job.batch


def products(precision: str) -> Iterator[int]:
    """Matrix products; yields the number of operations."""
    one = tf.cast(tf.random.normal((SIDE, SIDE)), precision)
    product = tf.function(lambda: tf.matmul(one, one))
    while True:
        product()
        yield 2 * SIDE**3


def convolutions(precision: str) -> Iterator[int]:
    """Convolutions; yields the number of operations."""
    maps = tf.cast(tf.random.normal((*MAPS, CHANNELS)), precision)
    kernel = tf.cast(tf.random.normal((KERNEL, KERNEL, CHANNELS, CHANNELS)), precision)
    convolution = tf.function(lambda: tf.nn.conv2d(maps, kernel, 1, "SAME"))
    while True:
        convolution()
        yield 2 * int(np.prod(MAPS)) * KERNEL**2 * CHANNELS**2


def ways(name: str, precision: str) -> dict[str, Callable[[], Iterator[int]]]:
    """All implementations of a job in one precision, by title."""
    job, steps = Job(*JOBS[name], precision), STEPS_PER_CALL[name]
    found = {
        "gancli": functools.partial(ours, job, steps),
        "keras fit": functools.partial(rivals.fit, job, steps * 5),
        "train_on_batch": functools.partial(rivals.train_on_batch, job),
    }
    if importlib.util.find_spec("torch"):
        found["pytorch"] = functools.partial(rivals.pytorch, job)
    found["ceiling"] = functools.partial(products if name == "gan" else convolutions, precision)
    return {f"{way}, {precision}": work for way, work in found.items()}


@click.command()
@click.option("--job", "names", type=click.Choice(JOBS), multiple=True, help="Jobs to run [default: all].")
@click.option("--seconds", default=5.0, show_default=True, help="Seconds per implementation and round.")
@click.option("--rounds", default=5, show_default=True)
def main(names: tuple[str, ...], seconds: float, rounds: int) -> None:
    """Print images per second, their ratio to gancli's, memory, and the share of the ceiling."""
    precisions = ["float32", *(["bfloat16"] if has_fast_bfloat16() else [])]
    for name in names or JOBS:
        all_ways = {key: way for precision in precisions for key, way in ways(name, precision).items()}
        found = turns.measure(all_ways, seconds=seconds, rounds=rounds)
        work = arithmetic(Job(*JOBS[name], "float32"))
        click.echo(f"{name}: batches of {JOBS[name][2]}, {work / 1e6:.0f} million operations an image")
        for key, (rate, memory) in found.items():
            precision = key.rpartition(", ")[2]
            ours_here, ceiling = found[f"gancli, {precision}"].rate, found[f"ceiling, {precision}"].rate
            if key.startswith("ceiling"):
                click.echo(f"  {key:26} {rate / 1e9:8,.0f} billion operations/s")
            else:
                share = f"{rate * work / ceiling:4.0%} of the ceiling"
                click.echo(
                    f"  {key:26} {rate:8,.0f} images/s  gancli is {ours_here / rate:4.2f} times as fast  "
                    f"{memory / 1e9:.2f} GB  {share}"
                )


if __name__ == "__main__":
    main()
