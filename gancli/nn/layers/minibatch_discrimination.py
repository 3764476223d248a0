"""Minibatch discrimination. Salimans et al. 2016, arXiv:1606.03498, section 3.2."""

from __future__ import annotations

from gancli.core.backend import keras

DEPTH = 5  # numbers that a kernel compares: the authors' code


def discriminating(discriminator: keras.Model, kernels: int) -> keras.Model:
    """The same discriminator with features of the whole batch beside its own before the layer `logit`.

    Each of `kernels` new features is sum over the other images of exp(-‖M_i - M_j‖₁), M being five linear functions of
    the old features: near 0 for an image unlike all others, near the batch's size where all are alike. The authors'
    code normalizes the weights and starts with a bias of -1; here neither is done.
    """
    layers, ops = keras.layers, keras.ops
    features = discriminator.get_layer("logit").input
    compared = layers.Dense(kernels * DEPTH, use_bias=False, dtype="float32", name="kernels")(features)
    compared = layers.Reshape((kernels, DEPTH), dtype="float32", name="kernel_rows")(compared)
    apart = ops.sum(ops.abs(ops.expand_dims(compared, 1) - ops.expand_dims(compared, 0)), axis=-1)
    near = ops.sum(ops.exp(-apart), axis=1) - 1.0  # less the image itself
    joined = layers.Concatenate(dtype="float32", name="with_batch")([features, near])
    logit = layers.Dense(1, dtype="float32", name="logit")(joined)
    return keras.Model(discriminator.inputs, logit, name=discriminator.name)
