"""A small convolutional classifier, for reading images that a generator made."""

from __future__ import annotations

from gancli.backend import keras


def classifier(shape: tuple[int, int, int], classes: int) -> keras.Model:
    """float32 (batch, *shape) in [-1, 1] -> logits (batch, classes). The layer before the last has 128 units."""
    layers = keras.layers
    net = [keras.Input(shape)]
    for channels in (32, 64):
        net += [
            layers.Conv2D(channels, 3, padding="same", activation="relu", name=f"conv_{channels}"),
            layers.MaxPooling2D(2, name=f"pool_{channels}"),
        ]
    net += [
        layers.Flatten(name="flat"),
        layers.Dense(128, activation="relu", name="features"),
        layers.Dropout(0.4, seed=0, name="dropout"),
        layers.Dense(classes, dtype="float32", name="logits"),
    ]
    return keras.Sequential(net, name="classifier")
