"""The networks of the authors' MNIST code: a dense generator with ReLU, and maxout layers with dropout.

Goodfellow et al. 2014, section 5; layers and numbers from mnist.yaml of goodfeli/adversarial. Maxout: Goodfellow et
al. 2013, arXiv:1302.4389. And the conditional ones that Mirza & Osindero 2014 built from them.
"""

from __future__ import annotations

import math

from gancli.core.backend import Tensor, keras, np
from gancli.nn.layers.batch_norm import batch_norm

GENERATOR_RANGE, DISCRIMINATOR_RANGE = 0.05, 0.005  # weights from U(-range, range)
PIECES, JOINT_PIECES = 5, 4
JOINT_UNITS, MAXOUT_UNITS = 1200, 240
MOMENTUM = 0.9  # of BatchNorm


def generator(shape: tuple[int, ...], z_dim: int, *, units: int, scale: float) -> keras.Model:
    """float32 (batch, z_dim) -> (batch, *shape) in [-1, 1]; z is multiplied by `scale` first.

    2,503,984 parameters for (28, 28, 1), z_dim 100 and 1,200 units. The authors' sigmoid gives [0, 1], scaled here.
    """
    layers = keras.layers
    net = [keras.Input((z_dim,), name="z"), layers.Rescaling(scale, name="scale")]
    for number in (1, 2):
        net.append(_dense(units, GENERATOR_RANGE, f"dense_{number}", activation="relu"))
    net += [
        _dense(math.prod(shape), GENERATOR_RANGE, "pixels", activation="sigmoid", dtype="float32"),
        layers.Rescaling(2.0, -1.0, dtype="float32", name="stretch"),
        layers.Reshape(shape, dtype="float32", name="image"),
    ]
    return keras.Sequential(net, name="generator")


def begin_with_mean(network: keras.Model, mean: np.ndarray) -> None:
    """Set the output bias so that every image starts as the mean image, float (pixels,) in [0, 1]."""
    inside = np.clip(mean, 1e-7, 1 - 1e-7)  # the authors' bounds
    network.get_layer("pixels").bias.assign(np.log(inside / (1 - inside)))


def discriminator(
    shape: tuple[int, ...], *, units: int, input_dropout: float, dropout: float, max_norm: float | None = None
) -> keras.Model:
    """float32 (batch, *shape) in [-1, 1] -> logits (batch, 1): two maxout layers of `units` with five pieces each.

    max_norm: limit of the L2 norm of the weights into a unit after an update, if any.
    1,231,441 parameters for (28, 28, 1) and 240 units. Its first layer maps pixels to the authors' [0, 1].
    """
    layers, limit = keras.layers, {"kernel_constraint": keras.constraints.MaxNorm(max_norm, axis=0)} if max_norm else {}
    image = keras.Input(shape, name="image")
    net = _unit_pixels(image)
    for number, share in ((1, input_dropout), (2, dropout)):
        net = layers.Dropout(share, name=f"dropout_{number}")(net)
        net = _maxout(net, units, PIECES, str(number), **limit)
    net = layers.Dropout(dropout, name="dropout_3")(net)
    logit = _dense(1, DISCRIMINATOR_RANGE, "logit", dtype="float32", **limit)(net)
    return keras.Model(image, logit, name="discriminator")


def conditional_generator(
    shape: tuple[int, ...],
    z_dim: int,
    classes: int,
    *,
    scale: float,
    dropout: float,
    units: int = JOINT_UNITS,
    normalized: bool = False,
) -> keras.Model:
    """z float32 (batch, z_dim) and one-hot labels (batch, classes) -> (batch, *shape) in [-1, 1].

    z is multiplied by `scale` first. Mirza & Osindero 2014, section 4.1: 200 ReLU for z, 1,000 for the label, 1,200 for
    both (`units`, of which z has a sixth and the label five); 2,413,984 parameters for (28, 28, 1), z_dim 100 and ten
    classes. normalized: BatchNorm before each ReLU, and five sixths of the units for z; with a sixth, the label counts
    more than z, and images of a class are alike.
    """
    layers = keras.layers
    z, label = keras.Input((z_dim,), name="z"), keras.Input((classes,), name="label")
    net = layers.Rescaling(scale, name="scale")(z)
    few, many = max(1, units // 6), max(1, 5 * units // 6)
    of_z = _hidden(net, many if normalized else few, "z", normalized)
    of_label = _hidden(label, few if normalized else many, "label", normalized)
    net = layers.Dropout(dropout, name="dropout_1")(layers.Concatenate(name="join")([of_z, of_label]))
    net = _hidden(net, units, "join", normalized)
    net = layers.Dropout(dropout, name="dropout_2")(net)
    net = _dense(math.prod(shape), GENERATOR_RANGE, "pixels", activation="sigmoid", dtype="float32")(net)
    net = layers.Rescaling(2.0, -1.0, dtype="float32", name="stretch")(net)
    image = layers.Reshape(shape, dtype="float32", name="image")(net)
    return keras.Model([z, label], image, name="generator")


def conditional_discriminator(
    shape: tuple[int, ...], classes: int, *, dropout: float, units: int = MAXOUT_UNITS
) -> keras.Model:
    """Images float32 (batch, *shape) in [-1, 1] and one-hot labels (batch, classes) -> logits (batch, 1).

    Mirza & Osindero 2014, section 4.1: maxout layers of 240 units (`units`) for the image and 50 for the label, five
    pieces each, of 240 units and four pieces for both; 1,224,351 parameters for (28, 28, 1) and ten classes.
    """
    layers = keras.layers
    image, label = keras.Input(shape, name="image"), keras.Input((classes,), name="label")
    of_image = _maxout(_unit_pixels(image), units, PIECES, "image")
    of_label = _maxout(label, max(1, 5 * units // 24), PIECES, "label")
    net = layers.Dropout(dropout, name="dropout_1")(layers.Concatenate(name="join")([of_image, of_label]))
    net = layers.Dropout(dropout, name="dropout_2")(_maxout(net, units, JOINT_PIECES, "join"))
    logit = _dense(1, DISCRIMINATOR_RANGE, "logit", dtype="float32")(net)
    return keras.Model([image, label], logit, name="discriminator")


def _hidden(net: Tensor, units: int, name: str, normalized: bool) -> Tensor:
    """A layer of ReLU, with BatchNorm if asked."""
    if not normalized:
        return _dense(units, GENERATOR_RANGE, f"dense_{name}", activation="relu")(net)
    net = _dense(units, GENERATOR_RANGE, f"dense_{name}", use_bias=False)(net)
    net = batch_norm(momentum=MOMENTUM, epsilon=1e-5, name=f"norm_{name}")(net)
    return keras.layers.ReLU(name=f"relu_{name}")(net)


def _unit_pixels(image: Tensor) -> Tensor:
    """Flattened, in the authors' [0, 1]."""
    layers = keras.layers
    net = layers.Rescaling(0.5, 0.5, dtype="float32", name="unit")(image)
    return layers.Flatten(dtype="float32", name="flat")(net)


def _maxout(net: Tensor, units: int, pieces: int, name: str, **more: object) -> Tensor:
    """Each unit is the maximum of this many linear functions of its input."""
    layers = keras.layers
    net = _dense(units * pieces, DISCRIMINATOR_RANGE, f"pieces_{name}", **more)(net)
    net = layers.Reshape((pieces, units), name=f"reshape_{name}")(net)
    return layers.GlobalMaxPooling1D(name=f"maxout_{name}")(net)


def _dense(units: int, limit: float, name: str, **more: object) -> keras.Layer:
    weights = keras.initializers.RandomUniform(-limit, limit)
    return keras.layers.Dense(units, kernel_initializer=weights, name=name, **more)
