"""Survey of all image files of a set: sizes, modes, value ranges, and files that cannot be read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from gancli.core.backend import Image, np
from gancli.core.errors import DataError
from gancli.core.progress import track
from gancli.data.containers.source_files import SourceFile
from gancli.data.images import pillow_warnings, value_range_detection, value_ranges
from gancli.data.images.bad_files import BadFilesError, listed
from gancli.data.images.image_decoding import (
    EXIF_ORIENTATION,
    GRAY_MODES,
    count_frames,
    decode_square,
    has_alpha,
    is_signed,
    kind_of,
    mode_of,
    naming_errors,
    open_image,
)
from gancli.data.images.size_remarks import size_remarks
from gancli.data.images.value_ranges import Range
from gancli.data.remarks import Remark, changed, left_out

FALLBACK_SIDE = 64  # for images of different sizes if no size is requested
LYING = (5, 6, 7, 8)  # EXIF orientations that swap width and height


@dataclass
class ImageSurvey:
    """Counts by size and by mode, and the bad files with their reasons.

    by_name: width and height of each image, upright; turns: the EXIF orientation of images that are not stored upright.
    extents: for each kind of number (value_ranges.KINDS) the lowest and highest pixel of all files, as far as they can
    decide anything. pixel_range, known: the requested range, and the ranges of the set that the images belong to.
    """

    sizes: Counter = field(default_factory=Counter)
    modes: Counter = field(default_factory=Counter)
    by_name: dict[str, tuple[int, int]] = field(default_factory=dict)
    turns: dict[str, int] = field(default_factory=dict)
    animated: int = 0
    deep: int = 0
    bad: list[tuple[str, str]] = field(default_factory=list)
    extents: dict[str, value_ranges.Extent] = field(default_factory=dict)
    pixel_range: str = value_ranges.AUTO
    known: Mapping[str, Range] = field(default_factory=dict)

    def add(self, file: SourceFile, *, decode: bool) -> None:
        """Read the header of an image file, or with `decode` its pixels too. Raises: DataError if it is bad."""
        with open_image(file) as picture:
            is_deep = kind_of(picture) == value_ranges.BYTE and any(";16" in str(tile[3]) for tile in picture.tile)
            with naming_errors(file.name):
                turn = picture.getexif().get(EXIF_ORIENTATION, 1)  # before a TIFF is decoded, which rotates it
            if decode:
                decode_square(picture, 8, "rgb", name=file.name)
            with naming_errors(file.name):  # orientation and frames may be stored behind the pixels
                size, frames = _upright_size(picture), count_frames(picture)
            mode, kind = mode_of(picture), kind_of(picture)
            if not value_range_detection.is_settled(kind, self.extents.get(kind)):
                self.extents[kind] = _extent(picture, name=file.name).union(self.extents.get(kind))
            self.sizes[size] += 1
            self.by_name[file.name] = size
            self.modes[mode] += 1
            self.animated += frames > 1
            self.turns |= {file.name: turn} if turn in range(2, 9) else {}
            self.deep += is_deep

    def add_or_note(self, file: SourceFile, *, decode: bool) -> None:
        """As `add`, but a bad file is only noted, with the reason."""
        try:
            self.add(file, decode=decode)
        except DataError as error:
            self.bad.append((file.name, str(error).removeprefix(f"{file.name}: ")))

    def ranges(self) -> tuple[dict[str, Range], list[Remark]]:
        """The value range of each kind of number, and remarks on it."""
        return value_range_detection.detect(
            {"pictures": self.extents}, self.pixel_range, name="pictures", known=self.known, stretches=True
        )

    @property
    def color(self) -> str:
        """ "gray" if every image is, else "rgb"."""
        return "gray" if all(mode in GRAY_MODES for mode in self.modes) else "rgb"

    def natural_side(self) -> int:
        """The side of square images if all have one size, else 64."""
        (width, height), count = self.sizes.most_common(1)[0]
        return width if width == height and count == self.sizes.total() else FALLBACK_SIDE

    def size_remarks(self, side: int, *, crop: int | None = None, is_requested: bool = False) -> tuple[Remark, ...]:
        """How the images become squares of `side`; see gancli.data.images.size_remarks."""
        return size_remarks(self.sizes, side, crop=crop, is_requested=is_requested)

    def remarks(self) -> tuple[Remark, ...]:
        """What else is changed in images, one sentence each."""
        alpha = sum(count for mode, count in self.modes.items() if has_alpha(mode))
        facts = {
            "with transparency, put on white": alpha,
            "animated or of several pages, first frame taken": self.animated,
            "in colors of 16 bits, of which the higher 8 are read": self.deep,
        }
        found = [changed(f"{count:,} pictures {what}") for what, count in facts.items() if count]
        if self.turns:
            found.append(
                changed(f"{len(self.turns):,} pictures rotated upright by their EXIF orientation", matters=False)
            )
        return (*found, *self.ranges()[1])

    def raise_if_bad(self, where: str) -> None:
        """Raise BadFilesError that names the bad files, and DataError if there are no images at all."""
        if self.bad and where == self.bad[0][0]:  # a single file
            raise BadFilesError.of(*self.bad[0])
        if self.bad:
            raise BadFilesError.all_of(where, self.bad)
        if not self.sizes:
            raise DataError(f"{where} holds no pictures")

    def sound(
        self,
        files: Sequence[SourceFile],
        where: str,
        tell: Callable[[Sequence[Remark]], None],
        *,
        skip_bad: bool,
    ) -> list[SourceFile]:
        """The files that are not bad, with a remark on the others. Raises: as `raise_if_bad`, if bad files are not
        skipped or all are bad."""
        if not skip_bad or not self.sizes:
            self.raise_if_bad(where)
        if self.bad:
            text = f"{len(self.bad):,} of {len(files):,} pictures left out, their files are bad (--skip-bad)"
            tell([left_out(f"{text}: {listed(self.bad)}")])
        bad = dict(self.bad)
        return [file for file in files if file.name not in bad]


def survey(
    files: Sequence[SourceFile],
    *,
    decode: bool = False,
    pixel_range: str = value_ranges.AUTO,
    known: Sequence[str] = (),
) -> ImageSurvey:
    """Read the header of every image file, or with `decode` all pixels.

    Pixels that may not be plain bytes are always read, for the value range of the set; bytes until one image shows that
    they are plain.
    """
    found = ImageSurvey(pixel_range=pixel_range, known=value_ranges.from_texts(known))
    with pillow_warnings.filtered():
        for file in track(files, "reading the pictures" if decode else "reading the headers of the pictures"):
            found.add_or_note(file, decode=decode)
    return found


def survey_pixels(files: Sequence[SourceFile]) -> ImageSurvey:
    """Decode every image file to find all bad ones."""
    found = ImageSurvey()
    for file in track(files, "looking for bad files"):
        found.add_or_note(file, decode=True)
    return found


def first_frame_note(picture: Image.Image, name: str) -> str:
    """A note that only the first frame or page is used; empty for a single image."""
    count = count_frames(picture)
    what = f"{count:,} pages, first page taken" if picture.format == "TIFF" else "animated, first frame taken"
    return f"{name}: {what}" if count > 1 else ""


def image_remarks(picture: Image.Image, name: str, *, is_square: bool = False) -> tuple[Remark, ...]:
    """What `decode` changes in one image, or with is_square `decode_square`; as ImageSurvey.remarks of many."""
    width, height = picture.size
    texts = {
        f"{name}: transparency put on white": has_alpha(mode_of(picture)),
        f"{name}: not square, cropped to the center": is_square and width != height,
        first_frame_note(picture, name): count_frames(picture) > 1,
    }
    return tuple(changed(text) for text, is_so in texts.items() if is_so)


def _upright_size(picture: Image.Image) -> tuple[int, int]:
    is_lying = picture.getexif().get(EXIF_ORIENTATION, 1) in LYING
    return picture.size[::-1] if is_lying and picture.format != "TIFF" else picture.size  # Pillow rotated a TIFF


def _extent(picture: Image.Image, *, name: str) -> value_ranges.Extent:
    """The lowest and the highest pixel of all colors of an image, alpha left out. Raises: DataError."""
    with naming_errors(name):
        picture.seek(0)
        picture.load()
        if kind_of(picture) in (value_ranges.WIDE, value_ranges.WHOLE, value_ranges.FLOAT):
            extent = value_ranges.extent_of(np.asarray(picture))
            if extent.low < 0 and picture.mode == "I" and picture.format == "TIFF" and not is_signed(picture):
                raise ValueError("whole numbers of 32 bits from 2,147,483,648 on, which Pillow reads as negative ones")
            return extent
        plain = picture if picture.mode == "L" else picture.convert("L" if picture.mode in GRAY_MODES else "RGB")
        bands = np.array(plain.getextrema()).reshape(-1, 2)
        return value_ranges.Extent(float(bands.min()), float(bands.max()))
