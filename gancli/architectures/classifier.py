"""A small convolutional classifier, for reading images that a generator made."""

from __future__ import annotations

from gancli.architectures.norm import batch_norm
from gancli.backend import keras

LARGE = 48  # from this side on the first convolution has a stride of 2, and there is one more


def classifier(shape: tuple[int, int, int], classes: int, *, flips: bool = False) -> keras.Model:
    """float32 (batch, *shape) in [-1, 1] -> logits (batch, classes). The layer before the last has 128 units.

    flips: whether it is trained on images and their mirror images alike.
    """
    layers = keras.layers
    net = [keras.Input(shape)]
    if flips:
        net.append(layers.RandomFlip("horizontal", seed=0, name="flip"))
    net += [
        *_convolved(3 if min(shape[:2]) >= LARGE else 2),
        layers.Flatten(name="flat"),
        layers.Dense(128, activation="relu", name="features"),
        layers.Dropout(0.4, seed=0, name="dropout"),
        layers.Dense(classes, dtype="float32", name="logits"),
    ]
    return keras.Sequential(net, name="classifier")


def convolutions(depth: int, channels: int = 3) -> keras.Model:
    """The classifier's convolutions alone, to the last one's rectifier, for images of any size.

    depth: 3 of one for large images, else 2.
    """
    return keras.Sequential([keras.Input((None, None, channels)), *_convolved(depth)[:-1]], name="convolutions")


def _convolved(depth: int) -> list[keras.Layer]:
    """Convolutions of 32, 64 and perhaps 128 channels, each with its pooling; of three the first has a stride of 2."""
    layers, net = keras.layers, []
    for channels in (32, 64, 128)[:depth]:
        stride = 2 if depth == 3 and channels == 32 else 1
        net += [
            layers.Conv2D(channels, 3, stride, padding="same", activation="relu", name=f"conv_{channels}"),
            layers.MaxPooling2D(2, name=f"pool_{channels}"),
        ]
    return net


def of_many(shape: tuple[int, int, int], outputs: int) -> keras.Model:
    """float32 (batch, *shape) in [-1, 1] -> logits (batch, outputs) of a dozen things that are seen at once.

    With BatchNorm: without it the shapes of small glyphs are not learned in ten times as many steps.
    """
    layers = keras.layers
    net = [keras.Input(shape)]
    for channels in (32, 64, 128):
        net += [
            layers.Conv2D(channels, 3, padding="same", use_bias=False, name=f"conv_{channels}"),
            batch_norm(momentum=0.9, name=f"norm_{channels}"),
            layers.ReLU(name=f"relu_{channels}"),
            layers.MaxPooling2D(2, name=f"pool_{channels}"),
        ]
    net += [
        layers.Flatten(name="flat"),
        layers.Dense(128, activation="relu", name="features"),
        layers.Dense(outputs, dtype="float32", name="logits"),
    ]
    return keras.Sequential(net, name="classifier")
