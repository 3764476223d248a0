"""Arrays of labels and attributes, checked and converted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gancli.core.backend import np
from gancli.core.errors import DataError
from gancli.data.labels.class_names import LARGEST_NUMBER
from gancli.data.remarks import Remark, guessed, left_out, some

MOST_CLASSES = 100_000


def as_labels(values: np.ndarray, count: int, classes: tuple[str, ...], *, name: str) -> np.ndarray:
    """Labels as int64 (count,), from whole numbers (count,) or (count, 1), or one-hot rows (count, classes).

    Raises: DataError if they have another shape or type, are negative, or exceed the named classes.
    """
    values = np.asarray(values)
    if values.dtype.kind not in "iufb" or not np.isfinite(values).all():
        raise DataError(f"{name}: labels must be whole numbers, these are {values.dtype}")
    if values.ndim == 2 and values.shape[1] > 1 and np.array_equal(values.sum(axis=1), np.ones(len(values))):
        values = values.argmax(axis=1)
    values = values.reshape(len(values), -1)[:, 0] if values.ndim == 2 and values.shape[1] == 1 else values
    if values.shape != (count,):
        raise DataError(f"{name}: labels of shape {values.shape} for {count} images")
    if not np.array_equal(values, np.floor(values)):
        raise DataError(f"{name}: labels must be whole numbers, these are fractions")
    low, high = int(values.min()), int(values.max())
    if low < 0 or (classes and high >= len(classes)):
        raise DataError(f"{name}: labels from {low} to {high} for {len(classes) or high + 1} classes")
    if high > LARGEST_NUMBER:
        raise DataError(f"{name}: labels up to {high}; expected numbers of classes")
    return values.astype(np.int64)


def to_class_indices(
    labels: Mapping[str, np.ndarray], names: tuple[str, ...], *, name: str
) -> tuple[dict[str, np.ndarray], tuple[str, ...], list[Remark]]:
    """Labels as consecutive class indices, the names of the classes, and remarks.

    Classes are those that occur in a split. labels: whole numbers, by split ("train" and perhaps "test"), int64. names:
    of the numbers from 0 on; without names a class is named by its number. Returns: the labels int32, from 0 to the
    number of classes - 1. Raises: DataError for too many classes.
    """
    unique = np.unique(np.concatenate(list(labels.values())))
    if len(unique) > MOST_CLASSES:
        raise DataError(f"{name}: {len(unique):,} different labels; expected at most {MOST_CLASSES:,} classes")
    classes = tuple(names[number] if names else str(number) for number in unique.tolist())
    indices = {split: np.searchsorted(unique, values).astype(np.int32) for split, values in labels.items()}
    present, remarks = set(unique.tolist()), []
    empty = [one for number, one in enumerate(names) if number not in present]
    if empty:
        remarks.append(left_out(f"{len(empty):,} of {len(names):,} classes have no images: {some(empty)}"))
    elif not names and len(unique) <= unique[-1]:
        text = f"labels {some(classes)}: {len(classes):,} classes, named by their numbers"
        remarks.append(guessed(text, matters=False))
    unseen = sorted(set(range(len(classes))) - set(indices["train"].tolist()))
    if unseen:
        what = "class" if len(unseen) == 1 else "classes"
        text = f"{len(unseen):,} {what} only in the test split: {some([classes[at] for at in unseen])}"
        remarks.append(guessed(text))
    if len(set(classes)) < len(classes):
        twins = [one for one in set(classes) if classes.count(one) > 1]
        remarks.append(guessed(f"several classes have the same name: {some(twins)}"))
    return indices, classes, remarks


def as_attributes(values: np.ndarray, count: int, names: Sequence[str], *, name: str) -> np.ndarray:
    """Attributes as uint8 (count, attributes) of 0 and 1, from those or from -1 and 1.

    Raises: DataError for other values, or if there are not as many as names.
    """
    values = np.asarray(values)
    if values.shape != (count, len(names)):
        raise DataError(f"{name}: attributes of shape {values.shape} for {count} images and {len(names)} names")
    if values.dtype.kind not in "biuf" or not np.isin(values, (-1, 0, 1)).all():
        raise DataError(f"{name}: attributes must be 1 if present, and 0 or -1 if absent")
    return (values > 0).astype(np.uint8)
