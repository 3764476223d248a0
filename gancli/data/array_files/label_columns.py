"""Labels of array files in whatever form: brought to one number for each image, or to attributes, or left out.

Labels that do not fit never keep the images from being read, unless their number is another: then a file is damaged, or
the arrays do not belong together.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from gancli.core.backend import np
from gancli.core.errors import DataError
from gancli.data.array_set import ArrayColumn
from gancli.data.labels.class_names import natural_key
from gancli.data.remarks import Remark, changed, guessed, left_out, some

MOST_BYTES = 1_000_000_000  # of labels that are read to see what they are
FACTORS = {  # key of labels with a column for each factor: the column of the class, and the names of its values
    "latents_classes": (1, ("square", "ellipse", "heart")),  # dSprites: color, shape, scale, orientation, x, y
    "latents/classes": (1, ("square", "ellipse", "heart")),
}


class Labels(NamedTuple):
    """What the labels of a part became: a column of numbers or of attributes, or neither; remarks without its name."""

    label: ArrayColumn | None = None
    attributes: ArrayColumn | None = None
    classes: tuple[str, ...] = ()
    remarks: tuple[Remark, ...] = ()


def fitted(column: ArrayColumn, count: int, *, are_attributes: bool = False) -> Labels:
    """The labels of `count` images. are_attributes: whether several of 0 and 1 are, though each image has one.

    Raises: DataError for texts that cannot be read.
    """
    shape, key = tuple(column.shape), column.name
    if math.prod(shape) == count and len(shape) > 1 and count > 1 and count in shape:
        remarks = [] if shape == (count, 1) else [changed(f"shape {shape} is read as {count:,} labels", matters=False)]
        flat = column._replace(shape=(count,), read=lambda: column.read().reshape(-1), stored=None)
        return _one_each(flat, remarks)
    if len(shape) == 2 and shape[1] == count != shape[0]:  # MATLAB: a column for each image
        turned = column._replace(shape=shape[::-1], read=lambda: column.read().T, stored=None)
        return _several(turned, key, are_attributes)
    if len(shape) == 2 and shape[0] == count and shape[1] > 1:
        return _several(column, key, are_attributes)
    if len(shape) > 2:
        return Labels(remarks=(_misfit(key, f"shape {shape}"),))
    return _one_each(column)


def _known_factors(key: str) -> tuple[int, tuple[str, ...]] | None:
    """What FACTORS say of a key, which may begin with the name of its file."""
    return next((found for name, found in FACTORS.items() if f"/{key.lower()}".endswith(f"/{name}")), None)


def _one_each(column: ArrayColumn, remarks: Sequence[Remark] = ()) -> Labels:
    """Labels (count,): fractions are no classes, and -1 and 1 are two."""
    size = math.prod(column.shape) * column.dtype.itemsize
    if column.dtype.kind not in "if" or len(column.shape) != 1 or size > MOST_BYTES:
        return Labels(column, remarks=tuple(remarks))
    values = column.read()
    if np.isfinite(values).all() and (values != np.floor(values)).any():
        return Labels(remarks=(*remarks, _misfit(column.name, f"numbers such as {values[values % 1 != 0][0]:.6g}")))
    if set(np.unique(values).tolist()) == {-1, 1}:
        remark = guessed("-1 and 1 are read as two classes", matters=False)
        return Labels(ArrayColumn.of(column.name, values > 0), classes=("-1", "1"), remarks=(*remarks, remark))
    return Labels(column._replace(read=lambda: values, stored=None), remarks=tuple(remarks))


def _misfit(key: str, what: str) -> Remark:
    return left_out(f"no class for each image ({what}), so that the images have no labels", column="label")


def _several(column: ArrayColumn, key: str, are_attributes: bool) -> Labels:
    """Labels with several numbers for each image: one-hot, attributes, factors with a class among them, or none."""
    count, width = column.shape
    if column.dtype.kind not in "biuf" or count * width * column.dtype.itemsize > MOST_BYTES:
        return Labels(remarks=(_misfit(key, f"shape {column.shape} of {column.dtype}"),))
    values = column.read()
    if _known_factors(key):
        return _factor(values, key)
    if not np.isin(values, (-1, 0, 1)).all():
        return Labels(remarks=(_misfit(key, f"shape {column.shape}"),))
    if not are_attributes and np.array_equal((values > 0).sum(axis=1), np.ones(count)):
        return Labels(ArrayColumn.of(key, (values > 0).argmax(axis=1)))
    text = f"{width} of 0 and 1 for each image are read as attributes, named by their numbers"
    return Labels(attributes=ArrayColumn.of(key, values), remarks=(guessed(text),))


def _factor(values: np.ndarray, key: str) -> Labels:
    at, names = _known_factors(key)
    if at >= values.shape[1] or not np.isin(values[:, at], np.arange(len(names))).all():
        return Labels(remarks=(_misfit(key, f"shape {values.shape}"),))
    text = f"of {values.shape[1]} factors column {at + 1}, the shape, is read as the class"
    return Labels(ArrayColumn.of(key, values[:, at]), classes=names, remarks=(guessed(text),))


def from_zero(found: Mapping[str, Labels], names: Sequence[str]) -> tuple[dict[str, Labels], list[Remark]]:
    """Labels that count named classes from 1, as MATLAB does, counted from 0; others as they are; and remarks."""
    columns = {part: one.label for part, one in found.items() if one.label and one.label.dtype.kind in "iuf"}
    if not names or not columns or any(math.prod(one.shape) > MOST_BYTES // 8 for one in columns.values()):
        return dict(found), []
    values = {part: column.read() for part, column in columns.items()}
    lows, highs = ([function(one) for one in values.values() if one.size] for function in (np.min, np.max))
    if min(lows, default=0) != 1 or max(highs, default=0) != len(names):
        return dict(found), []
    moved = {part: ArrayColumn.of(columns[part].name, one - 1) for part, one in values.items()}
    key = next(iter(columns.values())).name
    text = f"{key}: numbers from 1 to {len(names):,} are read as the classes in their order"
    changed_labels = {part: one._replace(label=moved[part]) if part in moved else one for part, one in found.items()}
    return changed_labels, [guessed(text, matters=False)]


def are_texts(column: ArrayColumn) -> bool:
    """Whether a column holds texts."""
    return column.dtype.kind in "US"


def numbered(texts: Mapping[str, ArrayColumn], classes: Sequence[str]) -> tuple[dict[str, ArrayColumn], Labels]:
    """Texts as class numbers, by part, and the classes: those given if they hold all, else the texts in order.

    Raises: DataError for more than is read.
    """
    read = {part: decoded(column) for part, column in texts.items()}
    found = sorted({text for values in read.values() for text in values}, key=natural_key)
    names = tuple(classes) if set(found) <= set(classes) else tuple(found)
    places = {name: number for number, name in enumerate(names)}
    columns = {
        part: ArrayColumn.of(texts[part].name, np.array([places[text] for text in values], np.int64))
        for part, values in read.items()
    }
    key = next(iter(texts.values())).name
    remark = guessed(f"{key}: texts are read as the names of {len(names):,} classes: {some(names)}", matters=False)
    return columns, Labels(classes=names, remarks=(remark,))


def decoded(column: ArrayColumn) -> tuple[str, ...]:
    """A column of texts, of bytes or of numbers as texts. Raises: DataError for more than is read."""
    if math.prod(column.shape) * max(1, column.dtype.itemsize) > MOST_BYTES:
        raise DataError(f"{column.name} holds {math.prod(column.shape):,} texts; expected one for each image")
    items = np.atleast_1d(column.read()).ravel().tolist()
    return tuple(one.decode("utf-8", "replace") if isinstance(one, bytes) else str(one) for one in items)
