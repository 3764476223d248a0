"""A small convolutional classifier, for reading images that a generator made."""

from __future__ import annotations

from gancli.architectures.norm import batch_norm
from gancli.backend import keras

DOMAIN_SIDE = 64
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


def of_domains(shape: tuple[int, int, int], classes: int) -> keras.Model:
    """float32 (batch, *shape) in [-1, 1] -> logits (batch, classes) of photographs, few and unlike one another.

    Larger ones than 64 pixels are reduced to that. Trained on them mirrored, cut, moved, lighter and darker; mirrored
    borders take the place of what moves in.
    """
    layers, range_ = keras.layers, (-1, 1)
    net = [keras.Input(shape)]
    if min(shape[:2]) > DOMAIN_SIDE:
        net.append(layers.Resizing(DOMAIN_SIDE, DOMAIN_SIDE, antialias=True, name="reduced"))
    net += [
        layers.RandomFlip("horizontal", seed=0, name="flip"),
        layers.RandomZoom((-0.25, 0), (-0.25, 0), fill_mode="reflect", seed=1, name="zoom"),
        layers.RandomTranslation(0.1, 0.1, fill_mode="reflect", seed=2, name="move"),
        layers.RandomBrightness(0.1, value_range=range_, seed=3, name="brightness"),
        layers.RandomContrast(0.2, value_range=range_, seed=4, name="contrast"),
    ]
    strides = [("conv_32", 32, 2)] + [
        (f"{way}_{maps}", maps, 1 + (way == "down")) for maps in (64, 128, 256) for way in ("conv", "down")
    ]
    for name, maps, stride in strides:
        net += [
            layers.Conv2D(maps, 3, stride, padding="same", use_bias=False, name=name),
            batch_norm(momentum=0.9, name=f"norm_{name}"),
            layers.ReLU(name=f"relu_{name}"),
        ]
    net += [
        layers.GlobalAveragePooling2D(name="pooled"),
        layers.Dropout(0.3, seed=5, name="dropout_pooled"),
        layers.Dense(128, activation="relu", name="features"),
        layers.Dropout(0.5, seed=6, name="dropout"),
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
