"""What arrays may say about images: labels, captions, attributes and label maps, checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from gancli.core.backend import np
from gancli.core.errors import DataError
from gancli.data.annotations.label_maps import IGNORED
from gancli.data.in_memory.values import array_of
from gancli.data.remarks import Remark, guessed, some

MOST_NUMBER = 65_535  # of a class in label maps


class Maps(NamedTuple):
    """Label maps by name, uint8 (count, height, width), the names of their classes, and their numbers."""

    maps: dict[str, np.ndarray]
    classes: tuple[str, ...]
    numbers: tuple[int, ...]
    remarks: tuple[Remark, ...]


def class_names(classes: Sequence[object] | None) -> tuple[str, ...]:
    """Names of classes as texts. Raises: DataError for names that are repeated."""
    if classes is None:
        return ()
    if isinstance(classes, str):
        raise DataError(f"classes is the text '{classes}'; expected a list of names, one for each class")
    names = tuple(str(one) for one in classes)
    repeated = sorted({one for one in names if names.count(one) > 1})
    if repeated:
        raise DataError(f"classes names {some(repeated)} more than once: give each class a name of its own")
    return names


def labels_of(values: object, what: str, classes: Sequence[str]) -> np.ndarray:
    """Labels as whole numbers or texts (count,), or one-hot (count, classes). Raises: DataError for others."""
    found = array_of(values, what)
    found = found.reshape(-1) if found.ndim == 2 and found.shape[1] == 1 else found
    if found.ndim not in (1, 2) or 0 in found.shape:
        raise DataError(f"{what} have shape {found.shape}; expected (count,), or one-hot (count, classes)")
    if found.dtype.kind in "SU":
        return _texts_of(found, what, classes)
    if found.dtype.kind not in "biuf":
        raise DataError(f"{what} are of type {found.dtype}; expected whole numbers, names of classes, or one-hot rows")
    if not np.isfinite(found).all():
        raise DataError(f"{what} hold NaN or infinity; expected whole numbers from 0: remove these images")
    if found.ndim == 2 and not (np.isin(found, (0, 1)).all() and (found.sum(axis=1) == 1).all()):
        raise DataError(
            f"{what} of shape {found.shape} are not one-hot; expected one 1 in each row: give others as attributes="
        )
    if found.ndim == 1:
        _need_numbers(found, what, classes)
    elif classes and found.shape[1] != len(classes):
        raise DataError(f"{what} are one-hot for {found.shape[1]} classes; classes names {len(classes)}")
    return found


def _texts_of(found: np.ndarray, what: str, classes: Sequence[str]) -> np.ndarray:
    if found.ndim != 1:
        raise DataError(f"{what} are texts of shape {found.shape}; expected one for each image")
    names = np.array([one.decode("utf-8", "replace") for one in found]) if found.dtype.kind == "S" else found
    unknown = sorted(set(names.tolist()) - set(classes)) if classes else []
    if unknown:
        raise DataError(f"{what} hold {some(unknown)}, which classes does not name; it names {some(list(classes))}")
    return names


def _need_numbers(found: np.ndarray, what: str, classes: Sequence[str]) -> None:
    """Raise DataError for labels that number no classes from 0."""
    if found.dtype.kind == "f" and (found != np.floor(found)).any():
        value = found[found != np.floor(found)][0]
        raise DataError(f"{what} hold {value:.6g}; expected whole numbers from 0, names of classes, or one-hot rows")
    low, high = int(found.min()), int(found.max())
    is_from_one = (low, high) == (1, len(classes))
    if low < 0 and set(np.unique(found).tolist()) != {-1, 1}:
        raise DataError(f"{what} hold {low}; expected 0 or more: images without a class have no place among labels")
    if classes and high >= len(classes) and not is_from_one:
        raise DataError(
            f"{what} are from {low} to {high}, and classes names {len(classes)}: expected labels from 0 to "
            f"{len(classes) - 1}, or a name for each of {high + 1}"
        )


def captions_of(values: object, what: str) -> np.ndarray:
    """Captions str (count, most), empty where an image has fewer. values: a text for each image, or a list of texts.

    Raises: DataError for others, and for an image without one.
    """
    if isinstance(values, str | bytes) or not hasattr(values, "__iter__"):
        raise DataError(f"{what} is {type(values).__name__}; expected a text, or a list of texts, for each image")
    rows = [[one] if isinstance(one, str) else list(one) if hasattr(one, "__iter__") else [one] for one in values]
    for number, row in enumerate(rows):
        if not all(isinstance(text, str) for text in row):
            odd = next(text for text in row if not isinstance(text, str))
            raise DataError(f"{what}: item {number:,} holds {odd!r}; expected a text, or a list of texts")
    rows = [[str(text) for text in row if text.strip()] for row in rows]
    for number, row in enumerate(rows):
        if not row:
            raise DataError(f"{what}: item {number:,} is empty; expected a text for each image: leave such images out")
    most = max(map(len, rows), default=1)
    found = np.empty((len(rows), most), object)
    for number, row in enumerate(rows):
        found[number] = [*row, *[""] * (most - len(row))]
    return found


def attributes_of(values: object, what: str, names: Sequence[str] | None) -> tuple[np.ndarray, tuple[str, ...]]:
    """Attributes uint8 (count, attributes) of 0 and 1, and their names.

    values: such an array, or a column for each name. Raises: DataError for other values, or another number of names.
    """
    if isinstance(values, Mapping):
        names = tuple(values)
        columns = [array_of(one, f"{what} '{key}'") for key, one in values.items()]
        if not columns or len({one.shape for one in columns}) > 1 or columns[0].ndim != 1:
            shapes = ", ".join(f"'{key}' {one.shape}" for key, one in zip(names, columns, strict=True))
            raise DataError(f"{what} have the shapes {shapes or '()'}; expected (count,) for each")
        found = np.stack(columns, axis=1)
    else:
        names = getattr(values, "columns", None) if names is None else names  # of a data frame
        found = array_of(values, what)
    if found.ndim != 2 or 0 in found.shape:
        raise DataError(f"{what} have shape {found.shape}; expected (count, attributes)")
    names = class_names(range(found.shape[1]) if names is None else names)
    if len(names) != found.shape[1]:
        raise DataError(f"{what} have {found.shape[1]} columns, and attribute_names names {len(names)}")
    if found.dtype.kind not in "biuf" or not np.isin(found, (-1, 0, 1)).all():
        raise DataError(f"{what} hold other values than 0 and 1, or -1 and 1: 1 says that an attribute is present")
    return (found > 0).astype(np.uint8), names


def maps_of(given: Mapping[str, object], classes: Sequence[str]) -> Maps:
    """Label maps of all parts with one numbering: the class of each pixel, 255 for none.

    Without classes these are the numbers that occur, and named by them. Raises: DataError for fractions, for numbers
    of no class, and for more than 255 classes.
    """
    found = {name: _whole_numbers(values, name) for name, values in given.items()}
    unique = sorted(set().union(*(np.unique(one).tolist() for one in found.values())))
    if not classes and unique == [0, IGNORED]:
        remark = guessed(f"{' and '.join(found)} hold 0 and 255: read as two classes, 0 and 1")
        return Maps(
            {name: (one == IGNORED).astype(np.uint8) for name, one in found.items()}, ("0", "1"), (0, 1), (remark,)
        )
    numbers = list(range(len(classes))) if classes else [one for one in unique if one != IGNORED]
    unknown = [one for one in unique if one not in numbers and one != IGNORED]
    if unknown or not numbers or min(numbers) < 0 or max(numbers) > MOST_NUMBER or len(numbers) > IGNORED:
        value = unknown[0] if unknown else min(numbers) if numbers and min(numbers) < 0 else max(unique)
        last = f"to {len(classes) - 1}" if classes else f"to {IGNORED - 1}"
        raise DataError(
            f"{' and '.join(found)} hold {value}; expected the class of each pixel, from 0 {last}, and 255 for none"
        )
    if len(numbers) < 2:
        raise DataError(f"{' and '.join(found)} hold one class only, {numbers[0]}; expected two or more to tell apart")
    table = np.full(max(*numbers, IGNORED) + 1, IGNORED, np.uint8)
    table[numbers] = np.arange(len(numbers))
    names = tuple(classes) or tuple(map(str, numbers))
    return Maps({name: table[one] for name, one in found.items()}, names, tuple(numbers), ())


def _whole_numbers(values: object, what: str) -> np.ndarray:
    """Label maps as whole numbers (count, height, width). Raises: DataError."""
    found = array_of(values, what)
    found = found[..., 0] if found.ndim == 4 and found.shape[-1] == 1 else found
    found = found[:, 0] if found.ndim == 4 and found.shape[1] == 1 else found
    if found.ndim != 3 or 0 in found.shape:
        raise DataError(
            f"{what} have shape {found.shape}; expected (count, height, width), the class of each pixel: for "
            "one-hot maps give maps.argmax(axis=-1)"
        )
    if found.dtype.kind not in "biuf":
        raise DataError(f"{what} are of type {found.dtype}; expected whole numbers")
    if found.dtype.kind == "f" and not (np.isfinite(found).all() and (found == np.floor(found)).all()):
        raise DataError(f"{what} hold fractions or NaN; expected whole numbers, the class of each pixel")
    return found if found.dtype == np.uint8 else found.astype(np.int64)
