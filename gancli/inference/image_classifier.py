"""What inference needs of a classifier of images; gancli.evaluation.classifier trains one."""

from __future__ import annotations

from typing import Protocol

from gancli.core.backend import keras, np


class ImageClassifier(Protocol):
    """A classifier of the classes or attributes of images.

    Attributes: `model`, a Keras model from images float32 (count, height, width, channels) in [-1, 1] to logits
    float32 (count, classes or attributes).
    """

    model: keras.Model

    def probabilities(self, pixels: np.ndarray) -> np.ndarray:
        """uint8 (count, height, width, channels) -> float32 (count, classes or attributes)."""

    def predict(self, pixels: np.ndarray, *, confidence: float = 0.0) -> np.ndarray:
        """uint8 (count, height, width, channels) -> classes, int (count,); -1 where the probability is too low."""
