"""Data sets from arrays, points and sentences in memory."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from gancli.core.backend import np
from gancli.core.errors import DataError, OptionError
from gancli.core.names.similar import did_you_mean
from gancli.data.annotations import label_maps
from gancli.data.array_files import roles
from gancli.data.array_set import ArrayColumn
from gancli.data.dataset import Dataset
from gancli.data.formats import arrays, sentences
from gancli.data.images import value_ranges
from gancli.data.in_memory import annotations, images
from gancli.data.in_memory.origin import source_of
from gancli.data.in_memory.values import array_of
from gancli.data.remarks import Remark, guessed

COLUMNS = ("images", "labels", "captions", "attributes", "maps", "partners")
PREFIXES = {"train": "", "validation": "validation ", "test": "test "}

Part = Mapping[str, object]


def from_arrays(
    parts: Mapping[str, object],
    *,
    classes: Sequence[object] | None,
    attribute_names: Sequence[str] | None,
    pixel_range: str | tuple[float, float],
    name: str,
) -> Dataset:
    """See Dataset.from_arrays. parts: the arrays of "train", "validation" and "test" by their names."""
    given = {part: _named(part, columns) for part, columns in parts.items() if columns is not None}
    _need_same_columns(given)
    names = annotations.class_names(classes)
    if any({"labels", "maps"} <= columns.keys() for columns in given.values()):
        raise DataError("labels and maps are both given, and classes are either of images or of pixels: leave one out")
    _need_use_of_names(given["train"], names, attribute_names)
    labels = {
        part: annotations.labels_of(columns["labels"], f"{PREFIXES[part]}labels", names)
        for part, columns in given.items()
        if "labels" in columns
    }
    pixels = _pixels(given, labels, pixel_range)
    columns = {part: {"image": pixels.images[f"{PREFIXES[part]}images"]} for part in given}
    found, remarks = _with_labels(columns, labels, names, name)
    classes, numbers, more = _add_maps(columns, given, names) if "maps" in given["train"] else (found, (), ())
    attributes = _add_others(columns, given, pixels, attribute_names)
    _need_one_count(columns)
    train, validation = columns["train"], columns.get("validation", {})
    return Dataset(
        name,
        {key: np.concatenate([value, validation[key]]) for key, value in train.items()} if validation else train,
        columns.get("test", {}),
        classes,
        source_of(name),
        (*pixels.remarks, *remarks, *more),
        attributes,
        len(validation.get("image", ())),
        label_maps.default_palette(len(classes)) if "map" in train else (),
        numbers,
        pixel_ranges=pixels.ranges,
    )


def _named(part: str, columns: object) -> Part:
    """The arrays of a part by name. columns: such a mapping, images and labels, or images. Raises: OptionError."""
    if isinstance(columns, tuple) and len(columns) == 2:
        columns = dict(zip(COLUMNS, columns, strict=False))
    columns = columns if isinstance(columns, Mapping) else {"images": columns}
    columns = {key: values for key, values in columns.items() if values is not None}
    for key in columns:
        if key not in COLUMNS:
            raise OptionError(f"{PREFIXES[part]}{key}: expected {', '.join(COLUMNS)}{did_you_mean(key, COLUMNS)}")
    if "images" not in columns:
        raise DataError(f"{part} has no images; expected images, (images, labels) or {{'images': …, 'labels': …}}")
    return columns


def _need_same_columns(given: Mapping[str, Part]) -> None:
    """Raise DataError for a part that lacks a column of the training part, or has another one."""
    train = given["train"].keys()
    for part, columns in given.items():
        lacking = sorted(train - columns.keys()) if part == "validation" else []
        for key in [*lacking, *sorted(columns.keys() - train)]:
            those, others = ("training", part) if key in columns else (part, "training")
            raise DataError(f"the {others} images have {key}, and the {those} images have none: give {key} for both")


def _need_use_of_names(train: Part, names: Sequence[str], attribute_names: Sequence[str] | None) -> None:
    """Raise DataError for names of classes or attributes that are not there."""
    if names and not {"labels", "maps"} & train.keys():
        raise DataError(f"classes names {len(names)}, and there are no labels: give labels, or maps, or leave it out")
    if attribute_names is not None and ("attributes" not in train or isinstance(train["attributes"], Mapping)):
        raise DataError("attribute_names are given without an array of attributes: give both, or leave it out")


def _pixels(
    given: Mapping[str, Part], labels: Mapping[str, np.ndarray], pixel_range: str | tuple[float, float]
) -> images.Pixels:
    """The images and partners of all parts, in one range."""
    if not isinstance(pixel_range, str):
        try:
            low, high = pixel_range
            pixel_range = str(value_ranges.Range(float(low), float(high)))
        except (TypeError, ValueError) as error:
            text = f"pixel_range {pixel_range!r}: expected 'auto', 'LOW:HIGH' or (low, high)"
            raise OptionError(text) from error
    kinds = ("images", "partners")
    found = {f"{PREFIXES[part]}{kind}": (part, kind) for part in given for kind in kinds if kind in given[part]}
    known = {key: labels.get(part) for key, (part, _) in found.items()}
    return images.read({key: given[part][kind] for key, (part, kind) in found.items()}, known, pixel_range)


def _with_labels(
    columns: dict[str, dict[str, np.ndarray]], labels: Mapping[str, np.ndarray], names: tuple[str, ...], name: str
) -> tuple[tuple[str, ...], list[Remark]]:
    """Add the column `label`, as class indices from 0. Returns: the classes, and remarks. Raises: DataError."""
    if not labels:
        return (), []
    for part, values in labels.items():
        if len(values) != (count := len(columns[part]["image"])):
            raise DataError(
                f"{PREFIXES[part]}labels: {len(values):,} for {count:,} images; expected one for each image"
            )
    found = {part: {"image": ArrayColumn.of(f"{PREFIXES[part]}images", one["image"])} for part, one in columns.items()}
    given = {part: ArrayColumn.of(f"{PREFIXES[part]}labels", values) for part, values in labels.items()}
    arrayset = roles.with_labels({part: one["image"] for part, one in found.items()}, given, names)
    classes, remarks = arrays.add_annotations(columns, arrayset, name)
    if len(classes) == 1:
        remarks.append(guessed(f"all labels are {classes[0]}: a model of classes has nothing to tell apart"))
    return classes, [*arrayset.remarks, *arrays.label_remarks(arrayset), *remarks]


def _add_maps(
    columns: dict[str, dict[str, np.ndarray]], given: Mapping[str, Part], names: tuple[str, ...]
) -> tuple[tuple[str, ...], tuple[int, ...], tuple[Remark, ...]]:
    """Add the column `map`. Returns: the classes, their numbers, and remarks. Raises: DataError."""
    wanted = {f"{PREFIXES[part]}maps": (part, one["maps"]) for part, one in given.items() if "maps" in one}
    found = annotations.maps_of({key: values for key, (_, values) in wanted.items()}, names)
    for key, (part, _) in wanted.items():
        shape, own = columns[part]["image"].shape[1:3], found.maps[key].shape[1:]
        if own != shape:
            raise DataError(
                f"{key} are of {own[1]}x{own[0]} pixels, the images of {shape[1]}x{shape[0]}: expected one "
                "size, a class for each pixel"
            )
        columns[part]["map"] = found.maps[key]
    return found.classes, found.numbers, found.remarks


def _add_others(
    columns: dict[str, dict[str, np.ndarray]],
    given: Mapping[str, Part],
    pixels: images.Pixels,
    names: Sequence[str] | None,
) -> tuple[str, ...]:
    """Add attributes, captions and partners. Returns: the names of the attributes. Raises: DataError."""
    known: tuple[str, ...] = ()
    for part, one in given.items():
        prefix = PREFIXES[part]
        if "attributes" in one:
            columns[part]["attributes"], own = annotations.attributes_of(
                one["attributes"], f"{prefix}attributes", names
            )
            if known and own != known:
                raise DataError(
                    f"{prefix}attributes are {', '.join(own)}; expected those of the training images, "
                    f"{', '.join(known)}"
                )
            known = own
        if "partners" in one:
            columns[part]["other"] = pixels.images[f"{prefix}partners"]
        if "captions" in one:
            columns[part]["caption"] = annotations.captions_of(one["captions"], f"{prefix}captions")
    if "caption" in columns["train"]:
        most = max(one["caption"].shape[1] for one in columns.values() if "caption" in one)
        for one in columns.values():
            if "caption" in one:
                missing = most - one["caption"].shape[1]
                one["caption"] = np.pad(one["caption"], [(0, 0), (0, missing)], constant_values="")
    return known


def _need_one_count(columns: Mapping[str, Mapping[str, np.ndarray]]) -> None:
    """Raise DataError for a column that has not a row for each image."""
    words = {"caption": "captions", "map": "maps", "other": "partners"}
    for part, found in columns.items():
        for key, values in found.items():
            if len(values) != (count := len(found["image"])):
                text = f"{PREFIXES[part]}{words.get(key, key)}: {len(values):,} for {count:,} images"
                raise DataError(f"{text}; expected one for each image")


def from_points(points: object, labels: object | None, *, classes: Sequence[object] | None, name: str) -> Dataset:
    """See Dataset.from_points."""
    found = array_of(points, "points")
    if found.dtype.kind not in "biuf" or found.ndim not in (1, 2) or 0 in found.shape:
        raise DataError(f"points have shape {found.shape} of {found.dtype}; expected numbers (count, dimensions)")
    found = found.reshape(len(found), -1).astype(np.float32)
    if not np.isfinite(found).all():
        row = int(np.flatnonzero(~np.isfinite(found).all(axis=1))[0])
        raise DataError(f"points hold NaN or infinity, first in point {row:,}: leave such points out")
    columns = {"train": {"image": found}}
    names = annotations.class_names(classes)
    given = {} if labels is None else {"train": annotations.labels_of(labels, "labels", names)}
    known, remarks = _with_labels(columns, given, names, name)
    train = {"point": found} | {key: values for key, values in columns["train"].items() if key != "image"}
    return Dataset(name, train, {}, known, source_of(name), tuple(remarks))


def from_texts(texts: Iterable[object], *, name: str) -> Dataset:
    """See Dataset.from_texts."""
    if isinstance(texts, str | bytes) or not hasattr(texts, "__iter__"):
        raise DataError(f"texts is {type(texts).__name__}; expected a list of sentences, or a list of such lists")
    lines: list[str] = []
    for number, one in enumerate(texts):
        found = [one] if isinstance(one, str) else list(one) if isinstance(one, list | tuple | np.ndarray) else [None]
        if not all(isinstance(line, str) for line in found):
            raise DataError(
                f"texts: item {number:,} holds {type(one).__name__}; expected a sentence, or a list of them"
            )
        lines += [*(" ".join(line.split()) for line in found), *([] if isinstance(one, str) else [""])]
    dataset = sentences.to_dataset(Path(name), {"train": lines}, ())
    return Dataset(name, dataset.train, dataset.test, source=source_of(name), validation=dataset.validation)
