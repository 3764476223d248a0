"""The gradient penalty with Keras' and with gancli's layer normalization: error of its gradient, and time per step.

    python -m experiments.benchmarks.penalty [--steps 400] [--precision auto]

Two trainings of wgan-gp on MNIST alternate, one with each layer, from the same weights, noise and batches. At the start
and after each quarter, on each critic, the gradients of the penalty and of the whole critic loss are computed with
either layer in float32, as a training computes the penalty. They are compared with float64 and a variance by
`reduce_mean`, which is itself checked by central differences. 64 real images and 64 generated ones are used.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click
import numpy as np

from gancli import data
from gancli.cli.flags import data_dir_option
from gancli.core.backend import Tensor, keras, tf
from gancli.data import Dataset, Request
from gancli.imaging import images
from gancli.models import regularization
from gancli.models.config import TrainingConfig
from gancli.models.families.dcgan_networks import dcgan_sizes
from gancli.models.precision import compute_precision
from gancli.models.wgan_gp import WGANGP
from gancli.nn.architectures import dcgan
from gancli.nn.layers import batch_norm
from gancli.nn.regularization import penalties
from gancli.training.compiled_step import CompiledStage
from gancli.training.input_pipeline import feed

COUNT = 64
CHUNK = 10
PARTS = 4
STEP = 1e-9  # for weights; larger steps cross kinks of the LeakyReLU, where the penalty jumps


def keras_own(**settings: object) -> keras.Layer:
    """The layer that gancli used before."""
    return keras.layers.GroupNormalization(groups=1, **settings)


LAYERS = {"Keras": keras_own, "gancli": batch_norm.layer_norm}


@contextmanager
def with_layer(layer: Callable[..., keras.Layer]) -> Iterator[None]:
    """Build critics with this layer normalization, without the check of second derivatives."""
    original, guard = dcgan.layer_norm, regularization.check_second_derivatives
    dcgan.layer_norm, regularization.check_second_derivatives = layer, lambda critic, flag: None
    try:
        yield
    finally:
        dcgan.layer_norm, regularization.check_second_derivatives = original, guard


class Training:
    """wgan-gp with one of the layers. Attributes: `times` per step, wall-clock and CPU milliseconds; the last
    `metrics`."""

    def __init__(self, name: str, dataset: Dataset, precision: str) -> None:
        self.name = name
        self.times = []
        self.metrics = {}
        with with_layer(LAYERS[name]):
            self.model = WGANGP(TrainingConfig(precision=precision), WGANGP.Options(), dataset.facts())
        self.fed, self.random = feed(dataset, self.model), np.random.default_rng(0)
        self.stage = CompiledStage(self.model.stages()[0], self.model, self.fed.specification())

    def train(self, steps: int) -> None:
        """Train for a number of generator steps."""
        count = self.model.pipeline.training_count()
        shape = (steps * self.stage.batches_per_step, self.model.options.batch_size)
        rows = self.fed.rows(self.random.integers(0, count, shape, np.int32))
        begin, work = time.perf_counter(), time.process_time()
        done, sums, _ = self.stage.run(*rows, steps)
        passed = time.perf_counter() - begin, time.process_time() - work
        self.times.append(1000 * np.array(passed) / steps)
        self.metrics = {name: value / done for name, value in sums.items()}

    def critic(self, name: str, dtype: str = "float32") -> keras.Model:
        """A copy of the critic with one of the layers, in a dtype."""
        policy = keras.config.dtype_policy()
        keras.config.set_dtype_policy(dtype)
        try:
            with with_layer(LAYERS[name]):
                made = dcgan.discriminator(
                    self.model.data.shape, norm="layer", deviation=None, **dcgan_sizes(self.model)
                )
        finally:
            keras.config.set_dtype_policy(policy)
        inputs = [keras.Input(made.inputs[0].shape[1:], dtype=dtype)]
        copy = keras.models.clone_model(
            made,
            input_tensors=inputs,
            clone_function=lambda part: type(part).from_config(part.get_config() | {"dtype": dtype}),
        )
        copy.set_weights(self.model.discriminator.model.get_weights())
        return copy


def costs(critic: keras.Model, real: Tensor, fake: Tensor, share: Tensor) -> tuple[Tensor, Tensor]:
    """The penalty, and the whole critic loss."""
    real, fake, share = (tf.cast(one, critic.inputs[0].dtype) for one in (real, fake, share))
    penalty = penalties.gradient_penalty(lambda x: critic(x, training=True), real, fake, share)
    apart = tf.reduce_mean(critic(fake, training=True)) - tf.reduce_mean(critic(real, training=True))
    return penalty, apart + WGANGP.Options().gradient_penalty * penalty


def gradients(critic: keras.Model, *batch: Tensor) -> list[np.ndarray]:
    """Gradients of both with respect to all weights of the critic."""
    with tf.GradientTape(persistent=True) as tape:
        both = costs(critic, *batch)
    found = [tape.gradient(cost, critic.trainable_variables, unconnected_gradients="zero") for cost in both]
    return [np.concatenate([np.ravel(part).astype(np.float64) for part in slopes]) for slopes in found]


def gap(critic: keras.Model, slopes: np.ndarray, *batch: Tensor) -> float:
    """Relative difference between the penalty's gradient and central differences along one direction."""
    weights, ends = critic.trainable_variables, []
    parts = [np.random.default_rng(number).normal(size=weight.shape) for number, weight in enumerate(weights)]
    for step in (STEP, -2 * STEP):
        for weight, part in zip(weights, parts, strict=True):
            weight.assign_add(step * part)
        ends.append(float(costs(critic, *batch)[0]))
    along = np.concatenate([part.ravel() for part in parts])
    return abs((ends[0] - ends[1]) / (2 * STEP) - slopes @ along) / np.linalg.norm(slopes)


def compared(found: np.ndarray, wanted: np.ndarray) -> str:
    """Relative error and cosine."""
    cosine = found @ wanted / np.linalg.norm(found) / np.linalg.norm(wanted)
    return f"{np.linalg.norm(found - wanted) / np.linalg.norm(wanted):8.3%} (cosine {cosine:.3f})"


def measure(training: Training, step: int, real: Tensor) -> None:
    """Print the error of both gradients with either layer on a training's critic."""
    z = tf.constant(training.model.latents(range(COUNT)))
    batch = (real, training.model.generator(z), tf.constant(np.random.default_rng(0).random((COUNT, 1, 1, 1))))
    exact = training.critic("gancli", "float64")
    wanted = gradients(exact, *batch)
    logged = "".join(f", {name} {value:.3g}" for name, value in training.metrics.items() if name == "distance")
    click.echo(f"step {step}, trained with the layer of {training.name}{logged}")
    for name in LAYERS:
        found = gradients(training.critic(name), *batch)
        penalty, whole = (compared(*pair) for pair in zip(found, wanted, strict=True))
        click.echo(f"  by {name:7s} penalty {penalty}, whole loss {whole}")
    click.echo(f"  float64 and central differences differ by {gap(exact, wanted[0], *batch):.0e}")


@click.command()
@click.option(
    "--steps",
    type=click.IntRange(PARTS * CHUNK),
    default=400,
    show_default=True,
    help="Generator steps of each training.",
)
@click.option("--precision", default="auto", show_default=True, help="Precision, as in gancli train.")
@data_dir_option
def main(steps: int, precision: str, data_dir: str | None) -> None:
    """Compare the penalty's gradient with Keras' and gancli's layer normalization with the exact one."""
    dataset = data.load("mnist", Request(data_dir=data_dir))
    real = images.from_uint8(tf.constant(dataset.sample(COUNT)))
    trainings = [Training(name, dataset, precision) for name in LAYERS]
    for part in range(PARTS + 1):
        for training in trainings[part == 0 :]:  # both start from the same weights
            measure(training, part * steps // PARTS, real)
        for _ in range(steps // PARTS // CHUNK if part < PARTS else 0):
            for training in trainings:
                training.train(CHUNK)
    for training in trainings:
        precision = compute_precision(training.model.config)
        (clock, work), (least, _) = np.median(training.times[1:], axis=0), np.min(training.times[1:], axis=0)
        click.echo(
            f"{precision}, {training.name}: {clock:.0f} ms per step, minimum {least:.0f}, CPU time "
            f"{work:.0f} ms; medians of {len(training.times) - 1} times {CHUNK} steps"
        )


if __name__ == "__main__":
    main()
