"""Two widely used DCGANs for MNIST, reimplemented from their published settings, for comparison with gancli.

Each is trained until a deadline as its page describes and then generates images. An error here would favor gancli, so
every layer, every number and the order of operations are as published.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from gancli.core.backend import Tensor, keras, tf

SAMPLE_BATCH = 500


def tensorflow_tutorial(images: np.ndarray, seconds: float, count: int) -> tuple[int, np.ndarray]:
    """TensorFlow's "Deep Convolutional Generative Adversarial Network": batch 256, Adam 1e-4, dropout .3.

    images: uint8 (all, 28, 28, 1). Returns: steps done, uint8 (count, 28, 28, 1).
    """
    layers = keras.layers
    z_dim = 100
    batch = 256
    generator = [keras.Input((z_dim,)), layers.Dense(7 * 7 * 256, use_bias=False)]
    generator += [layers.BatchNormalization(), layers.LeakyReLU(), layers.Reshape((7, 7, 256))]
    for channels, stride in ((128, 1), (64, 2)):
        generator += [layers.Conv2DTranspose(channels, 5, stride, "same", use_bias=False)]
        generator += [layers.BatchNormalization(), layers.LeakyReLU()]
    generator += [layers.Conv2DTranspose(1, 5, 2, "same", use_bias=False, activation="tanh")]
    discriminator = [keras.Input((28, 28, 1))]
    for channels in (64, 128):
        discriminator += [layers.Conv2D(channels, 5, 2, "same"), layers.LeakyReLU(), layers.Dropout(0.3)]
    discriminator += [layers.Flatten(), layers.Dense(1)]
    generator, discriminator = keras.Sequential(generator), keras.Sequential(discriminator)
    of_generator, of_discriminator = keras.optimizers.Adam(1e-4), keras.optimizers.Adam(1e-4)
    entropy = keras.losses.BinaryCrossentropy(from_logits=True)

    @tf.function
    def step(real: Tensor) -> None:
        with tf.GradientTape() as tape_g, tf.GradientTape() as tape_d:
            fake = generator(tf.random.normal((batch, z_dim)), training=True)
            of_real, of_fake = discriminator(real, training=True), discriminator(fake, training=True)
            loss_g = entropy(tf.ones_like(of_fake), of_fake)
            loss_d = entropy(tf.ones_like(of_real), of_real) + entropy(tf.zeros_like(of_fake), of_fake)
        for tape, loss, net, optimizer in (
            (tape_g, loss_g, generator, of_generator),
            (tape_d, loss_d, discriminator, of_discriminator),
        ):
            optimizer.apply(tape.gradient(loss, net.trainable_variables), net.trainable_variables)

    for net, optimizer in ((generator, of_generator), (discriminator, of_discriminator)):
        optimizer.build(net.trainable_variables)
    floats = (images.astype(np.float32) - 127.5) / 127.5
    data = tf.data.Dataset.from_tensor_slices(floats).shuffle(60000).batch(batch, drop_remainder=True)
    return _train(step, data, seconds), _sampled(generator, z_dim, count, lambda made: made * 127.5 + 127.5)


def keras_guide(images: np.ndarray, seconds: float, count: int) -> tuple[int, np.ndarray]:
    """The Keras guide "Writing a training loop from scratch", its GAN: batch 64, Adam 3e-4 and 4e-4, noisy labels.

    images: uint8 (all, 28, 28, 1). Returns: steps done, uint8 (count, 28, 28, 1).
    """
    layers = keras.layers
    z_dim = 128
    batch = 64
    discriminator = [keras.Input((28, 28, 1))]
    for channels in (64, 128):
        discriminator += [layers.Conv2D(channels, 3, 2, "same"), layers.LeakyReLU(negative_slope=0.2)]
    discriminator += [layers.GlobalMaxPooling2D(), layers.Dense(1)]
    generator = [keras.Input((z_dim,)), layers.Dense(7 * 7 * 128), layers.LeakyReLU(negative_slope=0.2)]
    generator += [layers.Reshape((7, 7, 128))]
    for _ in range(2):
        generator += [layers.Conv2DTranspose(128, 4, 2, "same"), layers.LeakyReLU(negative_slope=0.2)]
    generator += [layers.Conv2D(1, 7, padding="same", activation="sigmoid")]
    generator, discriminator = keras.Sequential(generator), keras.Sequential(discriminator)
    of_discriminator, of_generator = keras.optimizers.Adam(3e-4), keras.optimizers.Adam(4e-4)
    entropy = keras.losses.BinaryCrossentropy(from_logits=True)

    @tf.function
    def step(real: Tensor) -> None:
        fake = generator(tf.random.normal((batch, z_dim)))
        both = tf.concat([fake, real], axis=0)
        labels = tf.concat([tf.ones((batch, 1)), tf.zeros((batch, 1))], axis=0)
        labels += 0.05 * tf.random.uniform(tf.shape(labels))
        with tf.GradientTape() as tape:
            loss = entropy(labels, discriminator(both))
        of_discriminator.apply(tape.gradient(loss, discriminator.trainable_variables))
        with tf.GradientTape() as tape:
            made = discriminator(generator(tf.random.normal((batch, z_dim))))
            loss = entropy(tf.zeros((batch, 1)), made)
        of_generator.apply(tape.gradient(loss, generator.trainable_variables))

    for net, optimizer in ((generator, of_generator), (discriminator, of_discriminator)):
        optimizer.build(net.trainable_variables)
    floats = images.astype(np.float32) / 255
    data = tf.data.Dataset.from_tensor_slices(floats).shuffle(1024).batch(batch, drop_remainder=True)
    return _train(step, data, seconds), _sampled(generator, z_dim, count, lambda made: made * 255)


def _train(step: Callable[[Tensor], None], data: tf.data.Dataset, seconds: float) -> int:
    """The number of steps until the deadline."""
    began = time.monotonic()
    for done, real in enumerate(data.repeat().prefetch(tf.data.AUTOTUNE), start=1):  # noqa: B007 (returned after the loop)
        step(real)
        if time.monotonic() - began > seconds:
            break
    return done


def _sampled(generator: keras.Model, z_dim: int, count: int, pixels: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    samples = [
        generator(tf.random.normal((SAMPLE_BATCH, z_dim)), training=False).numpy()
        for _ in range(0, count, SAMPLE_BATCH)
    ]
    return np.clip(np.rint(pixels(np.concatenate(samples)[:count])), 0, 255).astype(np.uint8)
