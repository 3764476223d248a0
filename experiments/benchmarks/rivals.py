"""Training steps as they are usually written, on gancli's own networks: Keras' fit, train_on_batch, and PyTorch.

Each generator trains forever and yields the number of images. All implement Algorithm 1 of Goodfellow et al. 2014 with
k = 1 and fresh noise for the generator, on noise in the shape of the images; speed does not depend on image content.
Where one does less, or something else, its docstring says so.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

from gancli import models
from gancli.core.backend import Tensor, keras, tf
from gancli.data.dataset import DataFacts
from gancli.models import config
from gancli.models.dcgan import DCGAN
from gancli.nn.architectures.dcgan import LEAK, ladder
from gancli.nn.losses import ADVERSARIAL_LOSSES

IMAGES = 4096
SHUFFLED = 1024
RATE = 2e-4
BETA1 = 0.5


class Job(NamedTuple):
    """A training job: model name, image shape, batch size, float32 or bfloat16."""

    model: str
    shape: tuple[int, int, int]
    batch: int
    precision: str


def pictures(job: Job) -> np.ndarray:
    """Noise, uint8 (images, *shape)."""
    return np.random.default_rng(0).integers(0, 256, (IMAGES, *job.shape), np.uint8)


def networks(job: Job) -> tuple[keras.Model, keras.Model]:
    """gancli's generator and discriminator, built from standard Keras layers."""
    model_class = models.get(job.model)
    values = {"batch_size": job.batch, "precision": job.precision, "jit": "off", "ema": 0.0}
    facts = DataFacts("noise", job.shape, IMAGES, ("image",), ())
    built = model_class(*config.from_mapping(model_class, values), facts).networks
    generator, discriminator = (
        keras.models.clone_model(built[name].model, clone_function=_plain) for name in ("generator", "discriminator")
    )
    return generator, discriminator


def _plain(layer: keras.Layer) -> keras.Layer:
    original = next(kind for kind in type(layer).__mro__ if kind.__module__.startswith("keras."))
    return original.from_config(layer.get_config())


def batches(job: Job) -> tf.data.Dataset:
    """As in most tutorials: floats in memory, shuffled, prefetched."""
    floats = pictures(job).astype(np.float32) / 127.5 - 1
    found = tf.data.Dataset.from_tensor_slices(floats).shuffle(SHUFFLED).repeat()
    return found.batch(job.batch, drop_remainder=True).prefetch(tf.data.AUTOTUNE)


def fit(job: Job, steps: int) -> Iterator[int]:
    """A keras.Model with its own train_step, under fit; `steps` in each call of fit."""
    network, data = _keras_gan()(*networks(job), job.batch), batches(job)
    network.compile()
    while True:
        network.fit(data, steps_per_epoch=steps, verbose=0)
        yield steps * job.batch


def step_graph(job: Job) -> tf.Graph:
    """The graph of one step of `fit`."""
    step = tf.function(_keras_gan()(*networks(job), job.batch).train_step)
    return step.get_concrete_function(tf.TensorSpec((job.batch, *job.shape))).graph


def _keras_gan() -> type:
    """The class, defined once Keras is imported."""
    game = ADVERSARIAL_LOSSES["non-saturating"]

    class KerasGAN(keras.Model):
        """As in the Keras examples, with two optimizers and two tapes."""

        def __init__(self, generator: keras.Model, discriminator: keras.Model, batch: int) -> None:
            super().__init__()
            self.generator = generator
            self.discriminator = discriminator
            self.batch = batch
            self.of_generator, self.of_discriminator = (keras.optimizers.Adam(RATE, beta_1=BETA1) for _ in range(2))
            self.of_generator.build(generator.trainable_variables)
            self.of_discriminator.build(discriminator.trainable_variables)

        def noise(self) -> Tensor:
            return tf.random.normal((self.batch, self.generator.input_shape[-1]))

        def train_step(self, real: Tensor) -> dict[str, Tensor]:
            fake = self.generator(self.noise(), training=True)
            with tf.GradientTape() as tape:
                judged = game.real(self.discriminator(real, training=True))
                judged += game.fake(self.discriminator(fake, training=True))
            _descend(tape, judged, self.discriminator, self.of_discriminator)
            with tf.GradientTape() as tape:
                made = game.generator(self.discriminator(self.generator(self.noise(), training=True), training=True))
            _descend(tape, made, self.generator, self.of_generator)
            return {"d_loss": judged, "g_loss": made}

    return KerasGAN


def _descend(tape: tf.GradientTape, loss: Tensor, network: keras.Model, optimizer: keras.Optimizer) -> None:
    optimizer.apply(tape.gradient(loss, network.trainable_variables), network.trainable_variables)


def train_on_batch(job: Job) -> Iterator[int]:
    """As in older Keras scripts: a combined model with the discriminator frozen by its flag.

    This puts its BatchNorm into inference mode in the generator step: less work, and another algorithm.
    """
    generator, discriminator = networks(job)
    loss = keras.losses.BinaryCrossentropy(from_logits=True)
    judge = keras.Sequential([keras.Input(job.shape), discriminator])
    judge.compile(keras.optimizers.Adam(RATE, beta_1=BETA1), loss)
    judge.train_on_batch(np.zeros((job.batch, *job.shape), np.float32), np.ones((job.batch, 1)))  # traced unfrozen
    discriminator.trainable = False
    z_dim = generator.input_shape[-1]
    combined = keras.Sequential([keras.Input((z_dim,)), generator, discriminator])
    combined.compile(keras.optimizers.Adam(RATE, beta_1=BETA1), loss)
    random = np.random.default_rng(0)
    ones = np.ones((job.batch, 1))
    zeros = np.zeros((job.batch, 1))

    def noise() -> np.ndarray:
        return random.normal(size=(job.batch, z_dim)).astype(np.float32)

    for real in batches(job):
        fake = generator.predict_on_batch(noise())
        judge.train_on_batch(real, ones)
        judge.train_on_batch(fake, zeros)
        combined.train_on_batch(noise(), ones)
        yield job.batch


def pytorch(job: Job) -> Iterator[int]:
    """The plain eager loop of the PyTorch tutorials. The generator step computes discriminator gradients too."""
    import torch

    generator, discriminator = (_torch_dcgan if job.model == "dcgan" else _torch_dense)(job)
    of_generator, of_discriminator = (
        torch.optim.Adam(net.parameters(), RATE, betas=(BETA1, 0.999)) for net in (generator, discriminator)
    )
    cost = torch.nn.BCEWithLogitsLoss()
    images = torch.from_numpy(pictures(job)).permute(0, 3, 1, 2).contiguous()
    ones, zeros = torch.ones(job.batch, 1), torch.zeros(job.batch, 1)
    while True:
        rows = torch.randint(0, IMAGES, (job.batch,))
        real = images[rows].float() / 127.5 - 1
        with torch.autocast("cpu", torch.bfloat16, enabled=job.precision == "bfloat16"):
            discriminator.zero_grad()
            fake = generator(torch.randn(job.batch, 100)).detach()
            judged = cost(discriminator(real).float(), ones) + cost(discriminator(fake).float(), zeros)
        judged.backward()
        of_discriminator.step()
        with torch.autocast("cpu", torch.bfloat16, enabled=job.precision == "bfloat16"):
            generator.zero_grad()
            made = cost(discriminator(generator(torch.randn(job.batch, 100))).float(), ones)
        made.backward()
        of_generator.step()
        made.item()
        yield job.batch


def _torch_dcgan(job: Job) -> tuple[Any, Any]:
    """The networks of gancli.nn.architectures.dcgan in PyTorch."""
    from torch import nn

    width = DCGAN.Options().width
    kernel = DCGAN.Options().kernel
    sides = ladder(job.shape[0])
    first, half = width * 2 ** (len(sides) - 2), kernel // 2
    generator = [nn.Linear(100, first * sides[0] ** 2, bias=False), nn.BatchNorm1d(first * sides[0] ** 2), nn.ReLU()]
    generator += [nn.Unflatten(1, (first, sides[0], sides[0]))]
    discriminator, channels = [], job.shape[2]
    for floor, (small, large) in enumerate(itertools.pairwise(sides)):
        rest, last = large - ((small - 1) * 2 + kernel - 2 * half), large == sides[-1]
        outputs = channels if last else first // 2 ** (floor + 1)
        generator += [nn.ConvTranspose2d(first // 2**floor, outputs, kernel, 2, half, rest, bias=False)]
        generator += [nn.Tanh()] if last else [nn.BatchNorm2d(outputs), nn.ReLU()]
    for floor in range(len(sides) - 1):
        inputs = width * 2 ** (floor - 1) if floor else channels
        discriminator += [nn.Conv2d(inputs, width * 2**floor, kernel, 2, half, bias=False)]
        discriminator += ([nn.BatchNorm2d(width * 2**floor)] if floor else []) + [nn.LeakyReLU(LEAK)]
    discriminator += [nn.Flatten(), nn.Linear(first * sides[0] ** 2, 1, bias=False)]
    return nn.Sequential(*generator), nn.Sequential(*discriminator)


def _torch_dense(job: Job) -> tuple[Any, Any]:
    """The networks of gancli.nn.architectures.dense in PyTorch."""
    from torch import nn

    pixels = math.prod(job.shape)
    generator = []
    size = 100
    for units in (256, 512, 1024):
        generator += [nn.Linear(size, units), nn.LeakyReLU(LEAK), nn.BatchNorm1d(units)]
        size = units
    generator += [nn.Linear(size, pixels), nn.Tanh(), nn.Unflatten(1, (job.shape[2], *job.shape[:2]))]
    discriminator = [nn.Flatten(), nn.Linear(pixels, 512), nn.LeakyReLU(LEAK)]
    discriminator += [nn.Linear(512, 256), nn.LeakyReLU(LEAK), nn.Linear(256, 1)]
    return nn.Sequential(*generator), nn.Sequential(*discriminator)


WAYS: dict[str, Callable[..., Iterator[int]]] = {
    "keras fit": fit,
    "train_on_batch": train_on_batch,
    "pytorch": pytorch,
}
