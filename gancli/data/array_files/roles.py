"""An ArraySet from named arrays of any general file: which is what, in which order, and what is not used."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from gancli.core.backend import np
from gancli.core.errors import DataError
from gancli.data.array_files import axes, label_columns
from gancli.data.array_files.axes import Layout
from gancli.data.array_files.key_words import Meaning, are_names, meaning_of
from gancli.data.array_set import ArrayColumn, ArraySet
from gancli.data.remarks import Remark, left_out, some

EXPECTED = "expected x_train, or images (or image, imgs, data, X, faces or arr_0; with labels, label, target or y)"
OWN = {"attributes", "attribute_names"}  # keys
MOST_KEYS = 1000  # in a message


@dataclass
class Roles:
    """Columns by part and kind while they are assigned; names: of the classes; attributes: those in gancli's own keys;
    used: keys that are read."""

    images: dict[str, ArrayColumn] = field(default_factory=dict)
    labels: dict[str, ArrayColumn] = field(default_factory=dict)
    names: tuple[str, ...] = ()
    attributes: ArrayColumn | None = None
    attribute_names: tuple[str, ...] = ()
    used: set[str] = field(default_factory=set)
    remarks: list[Remark] = field(default_factory=list)


def array_set(
    columns: Mapping[str, ArrayColumn], *, name: str, layout: Layout | None = None, remarks: Sequence[Remark] = ()
) -> ArraySet:
    """The data set of arrays by their keys. layout: what all files of this kind have in common.

    Raises: DataError that names all keys if none is of images, or if images have no shape of images.
    """
    roles = assigned(columns, name=name)
    arranged, told = {}, {}
    for part, column in roles.images.items():
        count = count_by_labels(roles.labels.get(part), column)
        arranged[part], told[column.name] = axes.arranged(column, name=name, count=count, layout=layout)
    roles.remarks += axes.named(told)
    unused = tuple(key for key in columns if key not in roles.used)
    if unused:
        roles.remarks.append(left_out(f"not used: {some(unused)}", matters=False))
    found = with_labels(arranged, roles.labels, roles.names, remarks=(*remarks, *roles.remarks))
    if roles.attributes is None:
        return found
    train = {**found.parts["train"], "attributes": roles.attributes}
    return replace(found, parts={**found.parts, "train": train}, attributes=roles.attribute_names)


def assigned(columns: Mapping[str, ArrayColumn], *, name: str) -> Roles:
    """Which arrays are images and labels of which part. Raises: DataError that names all keys if none is of images."""
    meanings = {key: meaning_of(key) for key in columns}
    roles = Roles()
    images = _by_part(columns, meanings, "image")
    chosen = _trainable(images, roles)
    if "train" not in chosen:
        raise DataError(f"{name} holds {described(columns)}; {EXPECTED}")
    for part, keys in chosen.items():
        roles.images[part] = joined([columns[key] for key in keys])
        if roles.images[part].dtype.hasobject:
            roles.images[part].read()  # which says why not
        roles.used |= set(keys)
    labels = _by_part(columns, meanings, "label")
    for part, column in roles.images.items():
        own = meanings[chosen[part][0]].part  # of the key: none, or extra, for images that are for training
        keys = labels.get(part) or labels.get(own) or (labels.get("", []) if part == "train" else [])
        keys = [key for key in keys if not are_names(key) or _fits(columns[key], column)]
        if keys:
            roles.labels[part] = joined([columns[key] for key in keys])
            roles.used |= set(keys)
    roles.used |= set(labels.pop("extra", []))
    for part in sorted(labels.keys() - roles.images.keys() - {""}):
        keys = ", ".join(labels[part])
        roles.remarks.append(left_out(f"{keys} without {'x_test' if keys == 'y_test' else 'images of this part'}"))
        roles.used |= set(labels[part])
    _add_names(columns, roles)
    return roles


def _add_names(columns: Mapping[str, ArrayColumn], roles: Roles) -> None:
    """Add the names of classes, and gancli's own attributes with their names."""
    if columns.keys() >= OWN:
        roles.attributes = columns["attributes"]
        roles.attribute_names = label_columns.decoded(columns["attribute_names"])
        roles.used |= OWN
    for key, column in columns.items():
        if are_names(key) and key not in roles.used and len(column.shape) <= 2 and column.dtype.kind in "SUiu":
            roles.names = label_columns.decoded(column)
            roles.used.add(key)
            break


def described(columns: Mapping[str, ArrayColumn]) -> str:
    """All keys with their shapes, for a message."""
    listed = [
        f"{key} {column.shape}" + " of Python objects, which are not loaded" * column.dtype.hasobject
        for key, column in list(columns.items())[:MOST_KEYS]
    ]
    return ", ".join(listed) or "no arrays of numbers"


def with_labels(
    images: Mapping[str, ArrayColumn],
    labels: Mapping[str, ArrayColumn],
    names: tuple[str, ...] = (),
    *,
    remarks: Sequence[Remark] = (),
) -> ArraySet:
    """The data set of images in order and labels of any form, both by part. Raises: DataError."""
    parts: dict[str, dict[str, ArrayColumn]] = {part: {"image": column} for part, column in images.items()}
    found = {part: label_columns.fitted(column, images[part].shape[0]) for part, column in labels.items()}
    if any(one.attributes for one in found.values()):  # then those of all parts are, also where each image has one
        counts = {part: images[part].shape[0] for part in labels}
        found = {part: label_columns.fitted(labels[part], counts[part], are_attributes=True) for part in labels}
    told = [*remarks, *axes.named({labels[part].name: one.remarks for part, one in found.items()})]
    texts = {part: one.label for part, one in found.items() if one.label and label_columns.are_texts(one.label)}
    found, more = label_columns.from_zero(found, names)
    told += more
    classes = next((one.classes for one in found.values() if one.classes), names)
    if texts:
        numbers, more = label_columns.numbered(texts, names)
        found |= {part: found[part]._replace(label=column) for part, column in numbers.items()}
        classes, told = more.classes, [*told, *more.remarks]
    width = 0
    for part, one in found.items():
        parts[part] |= {"label": one.label} if one.label else {}
        parts[part] |= {"attributes": one.attributes} if one.attributes else {}
        width = one.attributes.shape[1] if one.attributes else width
    classes = classes if any("label" in part for part in parts.values()) else ()
    return ArraySet(parts, classes, tuple(map(str, range(width))), tuple(told))


def count_by_labels(labels: ArrayColumn | None, images: ArrayColumn) -> int | None:
    """The number of images by their labels; None if no axis of the images has this length."""
    if labels is None:
        return None
    counts = [size for size in labels.shape if size > 1 and size in images.shape]
    return counts[0] if len(counts) == 1 or (counts and labels.shape[0] == counts[0]) else None


def _fits(labels: ArrayColumn, images: ArrayColumn) -> bool:
    """Whether there is a label for each image, so that these are no names of classes."""
    first, last = images.shape[0], images.shape[-1]
    return first in labels.shape or (last in labels.shape and last not in axes.CHANNELS)


def _may_be_images(column: ArrayColumn) -> bool:
    return len(column.shape) > 1 or column.dtype.hasobject  # objects are refused by name


def _by_part(columns: Mapping[str, ArrayColumn], meanings: Mapping[str, Meaning], what: str) -> dict[str, list[str]]:
    """The keys of the likeliest array of a kind by part; several are batches of one array, in order."""
    found: dict[str, list[str]] = {}
    for key, meaning in meanings.items():
        if meaning.column == what and (what == "label" or _may_be_images(columns[key])):
            found.setdefault(meaning.part, []).append(key)
    chosen = {}
    for part, keys in found.items():
        best = min(keys, key=lambda key: (meanings[key].rank, -len(columns[key].shape)))
        same = [key for key in keys if meanings[key].batch == meanings[best].batch]
        chosen[part] = sorted(same, key=label_columns.natural_key)
    return chosen


def _trainable(images: Mapping[str, list[str]], roles: Roles) -> dict[str, list[str]]:
    """The images by part, in order."""
    parts = dict(images)
    whole = parts.pop("", None)
    if "train" not in parts and whole:
        parts["train"] = whole
    elif whole:
        roles.remarks.append(left_out(f"{', '.join(whole)}: {parts['train'][0]} is used"))
    extra = parts.pop("extra", None)
    if extra and "train" in parts:
        roles.remarks.append(left_out(f"{', '.join(extra)}: further training images, give that file by itself"))
        roles.used |= set(extra)
    elif extra:
        parts["train"] = extra
    return {part: parts[part] for part in ("train", "validation", "test") if part in parts}


def joined(columns: Sequence[ArrayColumn]) -> ArrayColumn:
    """Batches of one array, one after the other. Raises: DataError if their shapes differ."""
    first = columns[0]
    if len(columns) == 1:
        return first
    for column in columns:
        if column.shape[1:] != first.shape[1:] or column.dtype != first.dtype:
            raise DataError(
                f"{column.name} has shape {column.shape} of {column.dtype}, {first.name} has {first.shape} of "
                f"{first.dtype}: expected the same for all batches"
            )
    shape = (sum(column.shape[0] for column in columns), *first.shape[1:])
    name = f"{first.name} to {columns[-1].name}"
    return ArrayColumn(name, shape, first.dtype, lambda: np.concatenate([column.read() for column in columns]))
