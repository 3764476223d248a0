"""Stacked MNIST: three digits as the colours of one image, a thousand classes. Metz et al. 2016 (1611.02163)."""

from __future__ import annotations

import dataclasses

from gancli.core.backend import np
from gancli.core.errors import DataError
from gancli.data.dataset import Dataset, Request
from gancli.data.datasets import mnist

SUMMARY = "128,000 + 10,000 images of three MNIST digits as red, green and blue: 1,000 classes"
TRAIN, TEST = 128_000, 10_000  # the papers' training images


def load(request: Request) -> Dataset:
    """Triples of MNIST's digits, always the same; the class 385 is a red 3, a green 8 and a blue 5.

    Raises: DataError if a file in the place of MNIST lacks labels or a test split.
    """
    if request.color == "gray":
        raise DataError("stacked_mnist's digits are its colours: leave --color out")
    digits = mnist.load(dataclasses.replace(request, color="gray"))
    for name, split in (("y_train", digits.train), ("y_test", digits.test)):
        if "label" not in split:
            raise DataError(f"stacked_mnist needs the digits of both parts, and {digits.source} has no {name}")
    values = np.array([int(name) for name in digits.classes])  # a file may lack some
    train, test = (
        _stacked(split | {"label": values[split["label"]]}, count, seed=seed)
        for split, count, seed in ((digits.train, TRAIN, 0), (digits.test, TEST, 1))
    )
    return Dataset("stacked_mnist", train, test, tuple(f"{number:03}" for number in range(1000)), digits.source)


def classes_of(digits: np.ndarray) -> np.ndarray:
    """Digits int (count, 3) of red, green and blue -> classes int32 (count,)."""
    return (digits @ (100, 10, 1)).astype(np.int32)


def _stacked(split: dict[str, np.ndarray], count: int, *, seed: int) -> dict[str, np.ndarray]:
    rows = np.random.default_rng(seed).integers(0, len(split["label"]), (count, 3))
    images = np.concatenate([split["image"][rows[:, channel]] for channel in range(3)], axis=-1)
    return {"image": images, "label": classes_of(split["label"][rows])}
