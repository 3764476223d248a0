"""Milliseconds of one training step on 28 x 28 images: gancli beside the usual ways of writing it.

    python experiments/benchmarks/training_step.py [--seconds 6] [--rounds 3]

All train the same two networks, gancli's own DCGAN (width 32), on batches of 64, and take turns within each round:

- "tutorial, Algorithm 1": one tf.function a step, batches from tf.data, a loss read after each step; the work of
  gancli's step: the discriminator's on one batch of fakes, then the generator's on another;
- "tutorial, one pass": the same with one batch of fakes for both updates, as TensorFlow's tutorial has it; less work;
- "train_on_batch": keras.Model.compile and train_on_batch, the discriminator frozen by its flag in a combined model,
  which puts its BatchNorm into inference mode; less work, and another algorithm;
- gancli's loop, in float32, and in bfloat16 where the CPU is fast at it.
"""

from __future__ import annotations

import dataclasses
import statistics
import time
from collections.abc import Callable, Iterator

import click
import numpy as np

from gancli.architectures import dcgan
from gancli.backend import has_fast_bfloat16, keras, tf
from gancli.batches import feed
from gancli.data import Dataset
from gancli.graph import CompiledStage
from gancli.losses import GAMES
from gancli.models.dcgan import DCGAN

BATCH, CHUNK, IMAGES = 64, 10, 6400


def pictures() -> np.ndarray:
    """Noise of MNIST's shape: speed does not depend on what is shown."""
    return np.random.default_rng(0).integers(0, 256, (IMAGES, 28, 28, 1), np.uint8)


def ours(precision: str) -> Iterator[int]:
    """gancli's loop; yields after each chunk the steps done."""
    dataset = Dataset("noise", {"image": pictures()})
    model = DCGAN(dataclasses.replace(DCGAN.Options(), precision=precision, batch_size=BATCH), dataset.facts())
    fed = feed(dataset, model)
    stage = CompiledStage(model.stages()[0], model, fed.specification())
    random = np.random.default_rng(0)
    while True:
        rows = random.integers(0, IMAGES, (CHUNK * stage.batches_per_step, BATCH), np.int32)
        yield stage.run(*fed.rows(rows), CHUNK)[0]


def networks() -> tuple:
    """The two networks and their optimizers."""
    generator = dcgan.generator((28, 28, 1), 100, width=32, kernel=5)
    discriminator = dcgan.discriminator((28, 28, 1), width=32, kernel=5)
    optimizers = [keras.optimizers.Adam(2e-4, beta_1=0.5) for _ in range(2)]
    for network, optimizer in zip((generator, discriminator), optimizers, strict=True):
        optimizer.build(network.trainable_variables)
    return generator, discriminator, *optimizers


def batches() -> Iterator:
    """tf.data as usual: floats in memory, shuffled, prefetched."""
    floats = pictures().astype(np.float32) / 127.5 - 1
    found = tf.data.Dataset.from_tensor_slices(floats).shuffle(IMAGES).repeat().batch(BATCH).prefetch(tf.data.AUTOTUNE)
    return iter(found)


def tutorial(*, one_pass: bool) -> Iterator[int]:
    """One tf.function a step, as in TensorFlow's DCGAN tutorial."""
    generator, discriminator, g_optimizer, d_optimizer = networks()
    game = GAMES["non-saturating"]

    @tf.function
    def step(real: tf.Tensor) -> tf.Tensor:
        with tf.GradientTape() as g_tape, tf.GradientTape() as d_tape:
            fake = generator(tf.random.normal((BATCH, 100)), training=True)
            fake_logits = discriminator(fake, training=True)
            g_loss = game.generator(fake_logits)
            d_loss = game.real(discriminator(real, training=True)) + game.fake(fake_logits)
        descend(d_tape, d_loss, discriminator, d_optimizer)
        if not one_pass:
            with tf.GradientTape() as g_tape:
                fake = generator(tf.random.normal((BATCH, 100)), training=True)
                g_loss = game.generator(discriminator(fake, training=True))
        descend(g_tape, g_loss, generator, g_optimizer)
        return g_loss

    for real in batches():
        float(step(real))
        yield 1


def descend(tape: tf.GradientTape, loss: tf.Tensor, network: keras.Model, optimizer: keras.Optimizer) -> None:
    """One optimizer step of a network."""
    weights = network.trainable_variables
    optimizer.apply(tape.gradient(loss, [weight.value for weight in weights]), weights)


def train_on_batch() -> Iterator[int]:
    """Compiled Keras models, as in the usual collections; the freeze is a flag."""
    generator, discriminator, *_ = networks()
    loss = keras.losses.BinaryCrossentropy(from_logits=True)
    judge = keras.Sequential([keras.Input((28, 28, 1)), discriminator])
    judge.compile(keras.optimizers.Adam(2e-4, beta_1=0.5), loss)
    judge.train_on_batch(np.zeros((BATCH, 28, 28, 1)), np.ones((BATCH, 1)))  # before the freeze: Keras looks once
    discriminator.trainable = False
    combined = keras.Sequential([keras.Input((100,)), generator, discriminator])
    combined.compile(keras.optimizers.Adam(2e-4, beta_1=0.5), loss)
    random, ones, zeros = np.random.default_rng(0), np.ones((BATCH, 1)), np.zeros((BATCH, 1))
    for real in batches():
        fake = generator.predict_on_batch(random.normal(size=(BATCH, 100)).astype(np.float32))
        judge.train_on_batch(real, ones)
        judge.train_on_batch(fake, zeros)
        combined.train_on_batch(random.normal(size=(BATCH, 100)).astype(np.float32), ones)
        yield 1


def measure(steps: Iterator[int], seconds: float) -> float:
    """Milliseconds a step."""
    done, began = 0, time.perf_counter()
    while time.perf_counter() - began < seconds:
        done += next(steps)
    return (time.perf_counter() - began) / done * 1000


@click.command()
@click.option("--seconds", default=6.0, show_default=True, help="For each way in each round.")
@click.option("--rounds", default=3, show_default=True)
def main(seconds: float, rounds: int) -> None:
    """Print the median milliseconds of a step for each way."""
    ways: dict[str, Callable[[], Iterator[int]]] = {
        "tutorial, Algorithm 1": lambda: tutorial(one_pass=False),
        "tutorial, one pass": lambda: tutorial(one_pass=True),
        "train_on_batch": train_on_batch,
        "gancli, float32": lambda: ours("float32"),
    }
    if has_fast_bfloat16():
        ways["gancli, bfloat16"] = lambda: ours("bfloat16")
    running = {name: way() for name, way in ways.items()}
    for steps in running.values():
        measure(steps, 1)  # compiling
    found = {name: [] for name in ways}
    for _ in range(rounds):
        for name, steps in running.items():
            found[name].append(measure(steps, seconds))
    for name, values in found.items():
        middle = statistics.median(values)
        click.echo(f"{name:22} {middle:6.1f} ms a step, {BATCH / middle * 1000:,.0f} images/s")


if __name__ == "__main__":
    main()
