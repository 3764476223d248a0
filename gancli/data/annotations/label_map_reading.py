"""Label maps as class numbers: pixels translated by the classes of the set, or assigned to the nearest class value."""

from __future__ import annotations

from collections.abc import Iterable

from gancli.core.backend import np
from gancli.core.errors import DataError
from gancli.data.annotations.class_lists import ClassList
from gancli.data.annotations.label_map_classes import (
    AMBIGUOUS,
    LEAST_DISTANCE,
    MOST_BETWEEN,
    LabelMapClasses,
    least_distance,
)
from gancli.data.annotations.label_map_files import MapFile, apply_orientation, decode, unpack_colors
from gancli.data.annotations.label_maps import IGNORED
from gancli.data.containers.source_files import SourceFile
from gancli.data.remarks import some

NEAR = 0.4  # of the distance of classes: with three or more, pixels farther from all of them belong to none


def read(file: SourceFile, classes: LabelMapClasses, *, size: tuple[int, int], picture: str) -> np.ndarray:
    """A label map as class indices, uint8 (height, width), IGNORED where there is no label.

    size: width and height of the image; picture: its name. Raises: DataError for a map of another size, or with
    pixels of no class.
    """
    decoded = decode(file)
    if decoded.lossy or decoded.kind in classes.nearest:
        try:
            indices = nearest_classes(decoded, classes)
        except ValueError as error:
            raise DataError(f"{file.name}: {error}") from error
    else:
        values = getattr(decoded, classes.readings[decoded.kind])
        if values is None:
            raise DataError(f"{file.name}: {without_colors(classes)}")
        unique, places = np.unique(values, return_inverse=True)
        reason = unknown_value(unique.tolist(), classes, decoded.kind, is_bit=decoded.is_bit)
        if reason:
            raise DataError(f"{file.name}: {reason}")
        known = classes.known_values(decoded.kind, is_bit=decoded.is_bit)
        indices = np.array([known[value] for value in unique.tolist()], np.uint8)[places].reshape(values.shape)
    turn = classes.turns.get(file.name)
    indices = indices if turn is None else apply_orientation(indices, turn)
    if classes.can_resize and indices.shape != size[::-1]:
        return _resized(indices, size)
    if indices.shape != size[::-1]:
        raise DataError(
            f"{file.name}: {indices.shape[1]}x{indices.shape[0]} pixels, and {picture} has {size[0]}x{size[1]}"
        )
    return indices


def _resized(indices: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """A map of this width and height by nearest neighbor, pixel centers aligned."""
    rows, columns = (
        np.minimum(((np.arange(new) + 0.5) * old / new).astype(int), old - 1)
        for new, old in zip(size[::-1], indices.shape, strict=True)
    )
    return np.ascontiguousarray(indices[rows][:, columns])


def nearest_classes(file: MapFile, classes: LabelMapClasses) -> np.ndarray:
    """A map as the class of the nearest class value, uint8 (height, width).

    With three classes or more, pixels between the values have no label. Raises: ValueError with the reason if the map
    cannot be read.
    """
    why = need_png(file.lossy)
    if classes.centers is None:
        raise ValueError(why)
    rgb = unpack_colors(file.colors)
    if classes.centers.ndim == 1:
        if (np.ptp(rgb, axis=-1) > LEAST_DISTANCE // 2).mean() > MOST_BETWEEN:
            raise ValueError(f"{why} (and it is in colors, for which there is no list)")
        rgb = rgb.mean(axis=-1, keepdims=True)
    points = classes.centers.reshape(len(classes.centers), -1)
    distances = np.stack([((rgb - point) ** 2).sum(axis=-1) for point in points])
    is_between = np.sqrt(distances.min(axis=0)) > NEAR * least_distance(classes.centers)
    found = classes.of_center[distances.argmin(axis=0)]
    share = float(is_between.mean())
    if share > MOST_BETWEEN:
        text = f"{share:.0%} of the pixels lie between the values of classes"
        raise ValueError(f"{text}; {why}" if file.lossy else text)
    return found if len(points) == 2 else np.where(is_between, np.uint8(IGNORED), found)


def need_png(compression: str) -> str:
    """Why a lossy map cannot be read."""
    return f"a {compression}, whose compression changes numbers: save label maps as PNG"


def unknown_value(values: Iterable[int], classes: LabelMapClasses, kind: str, *, is_bit: bool) -> str:
    """The first value that belongs to no class, in words; empty if all do."""
    in_colors, known = classes.readings[kind] == "colors", classes.known_values(kind, is_bit=is_bit)
    for value in sorted(values):
        what = f"the color {value:06x}" if in_colors else f"label {value}"
        if value not in known:
            return f"{what}, none of the {len(classes.names)} classes: {some(classes.names, 20)}"
        if known.get(value) == AMBIGUOUS:
            return f"{what}, which the list gives to two classes"
    return ""


def without_colors(classes: LabelMapClasses | ClassList | None) -> str:
    """Why a map in colors cannot be read: the list of classes names no colors, or there is none."""
    name = classes.list_name if isinstance(classes, LabelMapClasses) else classes.file if classes else ""
    lack = f"{name} names no colors" if name else "there is no list of its colors: add a classes.txt"
    return f"a map in RGB, and {lack}"
