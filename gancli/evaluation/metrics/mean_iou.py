"""How well classes of pixels are told: scores of a confusion matrix, as Luc et al. 2016 report them."""

from __future__ import annotations

from typing import NamedTuple

from gancli.core.backend import np


class Scores(NamedTuple):
    """Shares in [0, 1]: of all labelled pixels those that are right; and the means over the classes that are in the
    truth of each one's share that is right, and of its intersection over union. `present`, bool (classes,), says which
    those are; `accuracies` and `unions` hold each class's, NaN for the others."""

    pixel_accuracy: float
    class_accuracy: float
    mean_iou: float
    present: np.ndarray
    accuracies: np.ndarray
    unions: np.ndarray


def confusion_matrix(truth: np.ndarray, found: np.ndarray, classes: int) -> np.ndarray:
    """Pixels of each class (rows) that were found to be of each (columns), int64 (classes, classes).

    truth, found: uint8 of one shape; where the truth is `classes` or more, nothing is counted.
    """
    is_told = truth < classes
    pairs = truth[is_told].astype(np.int64) * classes + found[is_told]
    return np.bincount(pairs, minlength=classes**2).reshape(classes, classes)


def scores(matrix: np.ndarray) -> Scores:
    """What a confusion matrix says. Raises: ValueError where nothing is labelled."""
    right, told, found = np.diag(matrix), matrix.sum(axis=1), matrix.sum(axis=0)
    present = told > 0
    if not present.any():
        raise ValueError("no pixel has a label")
    with np.errstate(invalid="ignore"):
        accuracies, unions = right / told, right / (told + found - right)
    unions[~present] = np.nan
    return Scores(
        float(right.sum() / told.sum()),
        float(accuracies[present].mean()),
        float(unions[present].mean()),
        present,
        accuracies,
        unions,
    )
