"""Image files with their annotations decoded into one HDF5 file."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from gancli.core.backend import np
from gancli.core.environment import total_memory
from gancli.core.errors import DataError
from gancli.core.progress import track
from gancli.data.annotations import label_map_reading, label_map_survey
from gancli.data.annotations.label_map_classes import LabelMapClasses
from gancli.data.annotations.label_maps import IGNORED
from gancli.data.containers.source_files import SourceFile
from gancli.data.formats import hdf5
from gancli.data.formats.hdf5 import Description
from gancli.data.images import image_decoding, image_survey, value_ranges
from gancli.data.images.decoding_pool import Decoding, decode_all
from gancli.data.images.image_survey import ImageSurvey
from gancli.data.images.value_ranges import Range
from gancli.data.picture_set import TRAIN, PictureSet
from gancli.data.remarks import Remark, left_out, some
from gancli.data.request import Request

DECODING = "decoding the pictures"


def _ignore(remarks: Sequence[Remark]) -> None:
    pass


@dataclass(frozen=True)
class PackInputs:
    """The pictures that are packed, the survey of their headers, and their color."""

    pictures: PictureSet
    request: Request
    survey: ImageSurvey
    color: str

    @classmethod
    def of(cls, pictures: PictureSet, request: Request, files: Sequence[SourceFile]) -> PackInputs:
        """Read the headers of these files. Raises: DataError for a bad image, or none."""
        path = pictures.entries.path
        if not files:
            raise DataError(pictures.why_none())
        survey = image_survey.survey(files, pixel_range=request.pixel_range, known=request.known)
        survey.raise_if_bad(str(path))
        return cls(pictures, request, survey, survey.color if request.color == "auto" else request.color)

    @functools.cached_property
    def ranges(self) -> dict[str, Range]:
        """The value range of each kind of number."""
        return self.survey.ranges()[0]

    @property
    def where(self) -> Path:
        """The folder or archive, for messages."""
        return self.pictures.entries.path

    @property
    def channels(self) -> int:
        """The number of channels of each image: 1 for gray, else 3."""
        return 1 if self.color == "gray" else 3

    def size_remarks(self, side: int) -> tuple[Remark, ...]:
        """How the images become squares of `side`."""
        request = self.request
        return self.survey.size_remarks(side, crop=request.crop, is_requested=request.image_size is not None)

    def decode(self, file: SourceFile, side: int, *, columns: int = 1) -> list[np.ndarray]:
        """An image, or its parts from left to right, each as uint8 (side, side, channels)."""
        with image_decoding.open_image(file) as picture:
            parts = [picture] if columns == 1 else image_decoding.split_columns(picture, columns, name=file.name)
            return [
                image_decoding.decode_square(
                    part, side, self.color, name=file.name, crop=self.request.crop, ranges=self.ranges
                )
                for part in parts
            ]

    def decode_all(self, files: Sequence[SourceFile], side: int | None) -> Iterator[np.ndarray]:
        """The images in order, uint8 (side, side, channels), at their own sizes for None; by several processes if there
        are many. Raises: DataError for a bad image."""
        decoding = Decoding(self.color, side, self.request.crop if side else None, self.ranges)
        for found in track(decode_all(decoding, files), DECODING, total=len(files)):
            if isinstance(found, DataError):
                raise found
            yield found

    def classes(self) -> tuple[LabelMapClasses | None, tuple[Remark, ...]]:
        """The classes of the label maps, and remarks on the maps.

        Raises: DataError that names bad maps; if the request can leave maps, there are no classes then, with a remark.
        """
        try:
            survey = label_map_survey.survey(self.pictures, self.survey)
            return survey.raise_if_bad(str(self.where)), survey.remarks
        except DataError as error:
            if not self.request.can_leave_maps:
                raise
            return None, (left_out(f"label maps left out: {error}", column="map"),)

    def square_maps(self, classes: LabelMapClasses, side: int) -> np.ndarray:
        """The label maps of square images, uint8 (count, side, side)."""
        maps = zip(read_maps(classes, self.pictures, self.survey), self.pictures.label_maps.files, strict=True)
        crop = self.request.crop
        return np.stack([image_decoding.square_map(one, side, name=file.name, crop=crop) for one, file in maps])

    def describe(self, remarks: Sequence[Remark], classes: LabelMapClasses | None = None) -> Description:
        """The names in the packed file. classes: of label maps, if there are any."""
        texts = value_ranges.to_texts(value_ranges.to_remember(self.ranges, self.survey.pixel_range))
        if classes is None:
            return Description(remarks=remarks, pixel_ranges=texts)
        return Description(classes.names, remarks, palette=classes.palette, numbers=classes.numbers, pixel_ranges=texts)


def pack(
    pictures: PictureSet, out: Path, request: Request, *, tell: Callable[[Sequence[Remark]], None] = _ignore
) -> None:
    """Decode images to squares of one size into one HDF5 file. tell: receives the remarks before anything is written.

    Raises: DataError if there are no images, or one is bad.
    """
    files = pictures.pictures
    inputs = PackInputs.of(pictures, request, files)
    side = request.image_size or request.crop or inputs.survey.natural_side()
    columns = dict(pictures.columns)
    classes, map_remarks = None, ()
    if pictures.label_maps:
        classes, map_remarks = inputs.classes()
        if classes:
            columns = {"maps": inputs.square_maps(classes, side), "tests": pictures.splits}
    images = inputs.decode_all(files, side)
    remarks = (*inputs.size_remarks(side), *inputs.survey.remarks(), *pictures.remarks, *map_remarks)
    tell(remarks)
    description = inputs.describe(remarks, classes)
    if classes is None:
        description = replace(description, classes=pictures.classes, attributes=pictures.attributes)
    shape = (len(files), side, side, inputs.channels)
    hdf5.write(out, images, shape, columns=columns, description=description)


def pack_native(pictures: PictureSet, out: Path, request: Request) -> None:
    """Decode images at their own sizes into one HDF5 file.

    Training images with a side below `request.least` are left out with a remark; test and validation images are used
    whole, so all of them stay. Raises: DataError if one is bad, none is large enough, or their label maps would not fit
    into a quarter of the memory.
    """
    files, least = pictures.pictures, request.least
    inputs = PackInputs.of(pictures, request, files)
    survey, splits = inputs.survey, pictures.splits
    is_large = np.array([min(survey.by_name[file.name]) >= least for file in files])
    rows = np.flatnonzero(is_large | (splits != TRAIN))
    if not (splits[rows] == TRAIN).any():
        what = f"{len(files)} pictures" + (" to train on" if len(rows) else "")
        raise DataError(f"{pictures.entries.path}: none of its {what} has {least} pixels each way")
    chosen = pictures.select(rows.tolist())
    sizes = np.array([survey.by_name[file.name][::-1] for file in chosen.pictures], np.int32)
    room = sizes.max(axis=0)
    columns = {"sizes": sizes} | {name: chosen.columns[name] for name in ("labels", "tests") if name in chosen.columns}
    classes, map_remarks = None, ()
    if pictures.label_maps:
        classes, map_remarks = inputs.classes()
        if classes:
            columns |= {"maps": _native_maps(classes, chosen, survey, room)}
    remarks = list(survey.remarks())
    small = [files[row].name for row in np.setdiff1d(np.arange(len(files)), rows)]
    if small:
        what = "to train on " if (splits != TRAIN).any() else ""
        remarks.append(left_out(f"{len(small)} {what}smaller than {least} pixels, left out: {some(small)}"))
    description = inputs.describe((*remarks, *pictures.remarks, *map_remarks), classes)
    description = description if classes else replace(description, classes=pictures.classes)
    images = _padded_images(inputs, chosen.pictures, sizes, room)
    hdf5.write(out, images, (len(rows), *map(int, room), inputs.channels), columns=columns, description=description)


def _padded_images(
    inputs: PackInputs, files: Sequence[SourceFile], sizes: np.ndarray, room: np.ndarray
) -> Iterator[np.ndarray]:
    """Images at their own sizes in the upper left corner of uint8 (*room, channels)."""
    for pixels, size in zip(inputs.decode_all(files, None), sizes, strict=True):
        yield np.pad(pixels, [*((0, side) for side in room - size), (0, 0)])


def _native_maps(classes: LabelMapClasses, pictures: PictureSet, survey: ImageSurvey, room: np.ndarray) -> np.ndarray:
    count = len(pictures.pictures)
    if count * math.prod(map(int, room)) > total_memory() // 4:
        raise DataError(
            f"{count:,} label maps in a room of {room[1]}x{room[0]} pixels take more than a quarter of the memory"
        )
    padded = np.full((count, *room), IGNORED, np.uint8)
    for row, one in zip(padded, read_maps(classes, pictures, survey), strict=True):
        row[: one.shape[0], : one.shape[1]] = one
    return padded


def read_maps(classes: LabelMapClasses, pictures: PictureSet, survey: ImageSurvey) -> Iterator[np.ndarray]:
    """The label map of each image, uint8 (height, width), read one by one.

    Raises: DataError for a map that differs in size from its image, or with pixels of no class.
    """
    maps = track(pictures.label_maps.files, "decoding the label maps")
    for picture, file in zip(pictures.pictures, maps, strict=True):
        yield label_map_reading.read(file, classes, size=survey.by_name[picture.name], picture=picture.name)
