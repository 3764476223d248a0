"""Scores of semantic segmentation from a confusion matrix, as Luc et al. 2016 report them."""

from __future__ import annotations

from typing import NamedTuple

from gancli.core.backend import np


class Scores(NamedTuple):
    """Pixel accuracy, and the means of class accuracy and of intersection over union over the classes that are present
    in the truth, in [0, 1]. `present`: bool (classes,); `accuracies` and `unions`: of each class, NaN for absent ones.
    """

    pixel_accuracy: float
    class_accuracy: float
    mean_iou: float
    present: np.ndarray
    accuracies: np.ndarray
    unions: np.ndarray


def confusion_matrix(truth: np.ndarray, predicted: np.ndarray, classes: int) -> np.ndarray:
    """Pixels of each class (rows) by predicted class (columns), int64 (classes, classes).

    truth, predicted: uint8 of the same shape; pixels whose truth is `classes` or more do not count.
    """
    has_label = truth < classes
    pairs = truth[has_label].astype(np.int64) * classes + predicted[has_label]
    return np.bincount(pairs, minlength=classes**2).reshape(classes, classes)


def scores(matrix: np.ndarray) -> Scores:
    """Scores of a confusion matrix, int (classes, classes). Raises: ValueError if no pixel has a label."""
    right = np.diag(matrix)
    true = matrix.sum(axis=1)
    predicted = matrix.sum(axis=0)
    present = true > 0
    if not present.any():
        raise ValueError("no pixel has a label")
    with np.errstate(invalid="ignore"):
        accuracies, unions = right / true, right / (true + predicted - right)
    unions[~present] = np.nan
    return Scores(
        float(right.sum() / true.sum()),
        float(accuracies[present].mean()),
        float(unions[present].mean()),
        present,
        accuracies,
        unions,
    )
