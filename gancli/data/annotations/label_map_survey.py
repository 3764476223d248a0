"""Survey of all label maps of a set: their classes, maps that cannot be read, and how they lie beside their images.

Images with an EXIF orientation and maps without EXIF: a map is rotated too if its size fits the image only that way.
If both ways fit, the map is taken as it is, unless all maps of the set whose sizes decide are rotated.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from gancli.core.backend import np
from gancli.core.errors import DataError
from gancli.core.progress import track
from gancli.data.annotations import class_lists
from gancli.data.annotations.class_lists import ClassList
from gancli.data.annotations.label_map_classes import LabelMapClasses, infer_classes
from gancli.data.annotations.label_map_files import KINDS, ON_SIDE, MapFile, decode, unpack_colors
from gancli.data.annotations.label_map_reading import (
    nearest_classes,
    need_png,
    unknown_value,
    without_colors,
)
from gancli.data.annotations.label_map_values import MOST_COLORS, MapValues, choose_reading, values_of
from gancli.data.annotations.label_maps import IGNORED
from gancli.data.containers.source_files import SourceFile
from gancli.data.images.bad_files import BadFilesError
from gancli.data.images.image_survey import ImageSurvey
from gancli.data.picture_set import PictureSet
from gancli.data.remarks import Remark, changed, guessed, left_out, some


class LabelMapSurvey(NamedTuple):
    """The findings on all label maps. classes: None if all maps are bad; bad: names of files and reasons; shares: of
    each class among the labeled pixels, float64 (classes,)."""

    classes: LabelMapClasses | None
    bad: list[tuple[str, str]]
    shares: np.ndarray
    remarks: tuple[Remark, ...]

    def raise_if_bad(self, where: str) -> LabelMapClasses:
        """The classes. Raises: BadFilesError that names the bad maps."""
        if self.bad or self.classes is None:
            raise BadFilesError.all_of(where, self.bad, "label map")
        return self.classes


@dataclass
class _MapFiles:
    """The decoded maps of a set. alignments: names and EXIF orientations of their images, by how the maps lie."""

    values: list[MapValues] = field(default_factory=list)
    can_resize: bool = False
    lossy: dict[str, SourceFile] = field(default_factory=dict)
    lossy_levels: np.ndarray = field(default_factory=lambda: np.zeros(256, np.int64))
    resized: list[str] = field(default_factory=list)
    alignments: dict[str, list[tuple[str, int]]] = field(default_factory=dict)
    bad: dict[str, str] = field(default_factory=dict)
    facts: Counter = field(default_factory=Counter)

    def add(self, file: SourceFile, picture: str, survey: ImageSurvey) -> None:
        """Decode the map of the image with this name; a map that cannot be decoded is bad."""
        try:
            decoded = decode(file)
        except DataError as error:
            self.bad[file.name] = str(error).removeprefix(f"{file.name}: ")
            return
        size = survey.by_name.get(picture)  # unknown for a bad image
        turn = survey.turns.get(picture, 1)
        alignment = _alignment(decoded, size, turn) if size else "upright"
        if alignment == "neither" and self.can_resize:
            self.resized.append(file.name)
            alignment = "upright"
        if alignment == "neither":
            height, width = decoded.shape
            self.bad[file.name] = f"{width}x{height} pixels, and {picture} has {size[0]}x{size[1]}"
            return
        self.facts.update(pages=decoded.frames > 1, alpha=decoded.has_alpha)
        self.alignments.setdefault(alignment, []).append((file.name, turn))
        if decoded.lossy:
            self.lossy[file.name] = file
            levels = unpack_colors(decoded.colors).mean(axis=-1).round().astype(np.int64)
            self.lossy_levels += np.bincount(levels.ravel(), minlength=256)
        elif (values := values_of(file, decoded)) is not None:
            self.values.append(values)
        else:
            self.bad[file.name] = f"more than {MOST_COLORS:,} colors, like a photograph"

    def remarks(self) -> list[Remark]:
        found = []
        if self.resized:
            text = f"{len(self.resized):,} label maps of another size than their pictures, resized by nearest neighbor"
            found.append(changed(f"{text}: {some(self.resized)}"))
        if self.facts["pages"]:
            found.append(changed(f"{self.facts['pages']:,} label maps of several pages, first one taken"))
        if self.facts["alpha"]:
            found.append(
                guessed(f"{self.facts['alpha']:,} label maps with transparency, read by the colors without it")
            )
        return found


def survey(pictures: PictureSet, image_survey: ImageSurvey) -> LabelMapSurvey:
    """Decode every map of pictures that have some, and find the classes and the bad maps.

    Raises: DataError for a malformed list of classes, too few or too many classes.
    """
    found = pictures.label_maps
    class_list = found.class_list or class_lists.find(pictures.entries.files)
    maps = _MapFiles(can_resize=found.can_resize)
    for picture, file in zip(pictures.pictures, track(found.files, "reading the label maps"), strict=True):
        maps.add(file, picture.name, image_survey)
    turns, remarks = _orientations(maps.alignments)
    remarks += maps.remarks()
    readings = {
        kind: choose_reading(kind, [one for one in maps.values if one.kind == kind], class_list) for kind in KINDS
    }
    classes, class_remarks = infer_classes(class_list, maps.values, readings, lossy=maps.lossy_levels)
    if classes is None:
        maps.bad |= {one.file.name: without_colors(class_list) for one in maps.values}
        maps.bad |= {name: need_png(decode(file).lossy) for name, file in maps.lossy.items()}
        return LabelMapSurvey(None, list(maps.bad.items()), np.zeros(0), tuple(remarks))
    classes.turns, classes.can_resize = turns, found.can_resize
    counts = _count_pixels(classes, maps)
    remarks += [] if classes.are_assumed and maps.bad else class_remarks
    if maps.lossy and not maps.bad.keys() & maps.lossy.keys():
        text = f"{len(maps.lossy):,} label maps with lossy compression"
        text += ", each pixel assigned to the nearest class"
        text += " (pixels between classes get no label)" if len(classes.centers) > 2 else ""
        remarks.append(changed(f"{text}: {some(list(maps.lossy))}"))
    if not counts.any() and not maps.bad:
        raise DataError("no pixel of the label maps has a class")
    remarks += [] if maps.bad else _absent_classes(classes, counts, class_list, maps.values)
    order = {file.name: row for row, file in enumerate(found.files)}
    bad = sorted(maps.bad.items(), key=lambda one: order[one[0]])
    return LabelMapSurvey(classes, bad, counts / max(counts.sum(), 1), tuple(remarks))


def _alignment(file: MapFile, size: tuple[int, int], turn: int) -> str:
    """How a map lies beside an image of this width, height and EXIF orientation: "upright" as the image is displayed,
    "stored" as its pixels are stored, "either" if sizes do not decide, "neither" if none fits."""
    is_upright = file.shape == size[::-1]
    if turn == 1 or file.turn != 1:
        return "upright" if is_upright else "neither"
    is_stored = file.shape == (size if turn in ON_SIDE else size[::-1])
    return {(1, 1): "either", (1, 0): "upright", (0, 1): "stored", (0, 0): "neither"}[is_upright, is_stored]


def _orientations(alignments: Mapping[str, Sequence[tuple[str, int]]]) -> tuple[dict[str, int], list[Remark]]:
    """The EXIF orientation to apply to maps that lie as the stored pixels of their images, and remarks on it."""
    stored, either = dict(alignments.get("stored", ())), dict(alignments.get("either", ()))
    remarks = []
    if stored:
        text = f"{len(stored):,} label maps rotated by the EXIF orientation of their pictures"
        remarks.append(changed(f"{text}, since their sizes only fit that way: {some(list(stored))}"))
    all_stored = bool(stored) and not any(turn in ON_SIDE for _, turn in alignments.get("upright", ()))
    if either:
        how = "are rotated too, like others here" if all_stored else "are used as they are"
        text = f"{len(either):,} pictures are rotated by their EXIF orientation, their label maps {how}"
        remarks.append(guessed(f"{text}: {some(list(either))}"))
    return stored | (either if all_stored else {}), remarks


def _count_pixels(classes: LabelMapClasses, maps: _MapFiles) -> np.ndarray:
    """The number of pixels of each class, int64 (classes,); maps that cannot be read are added to the bad ones."""
    counts = np.zeros(256, np.int64)
    by_nearest = dict(maps.lossy)
    for one in maps.values:
        name = one.file.name
        if one.kind in classes.nearest:
            by_nearest[name] = one.file
            continue
        values = one.counts.get(classes.readings[one.kind])
        if values is None:
            maps.bad[name] = without_colors(classes)
        elif reason := unknown_value(values, classes, one.kind, is_bit=one.is_bit):
            maps.bad[name] = reason
        else:
            known = classes.known_values(one.kind, is_bit=one.is_bit)
            for value, count in values.items():
                counts[known[value]] += count
    for name, file in by_nearest.items():
        try:
            counts += np.bincount(nearest_classes(decode(file), classes).ravel(), minlength=256)
        except ValueError as error:
            maps.bad[name] = str(error)
    if classes.are_assumed and not counts[: len(classes.names)].all():
        maps.bad |= dict.fromkeys(maps.lossy, need_png(decode(next(iter(maps.lossy.values()))).lossy))
    return counts[: len(classes.names)]


def _absent_classes(
    classes: LabelMapClasses, counts: np.ndarray, class_list: ClassList | None, maps: Sequence[MapValues]
) -> list[Remark]:
    """A remark on classes of a list without any pixel."""
    names = [name for name, count in zip(classes.names, counts, strict=True) if not count]
    if not names or class_list is None:
        return []
    title = class_list.file if class_list.is_published else f"the classes in {class_list.file}"
    text = f"no pixel of a label map is of {len(names):,} of {title}: {some(names)}"
    has_top = any(255 in one.counts.get(classes.readings[one.kind], ()) for one in maps)
    if has_top and classes.of_number.get(255) == IGNORED and not classes.of_color:
        text += f" (255 counts as no label; if it is a class, write '255 {names[-1]}' in the list)"
    return [left_out(text, matters=not class_list.is_published)]
