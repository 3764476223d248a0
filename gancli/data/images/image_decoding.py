"""Decode image files with Pillow: one rule for every file, and errors that name the file."""

from __future__ import annotations

import contextlib
import io
import struct
from collections.abc import Iterator, Mapping, Sequence

from gancli.core.backend import Image, ImageOps, np
from gancli.core.errors import DataError
from gancli.data.containers.source_files import SourceFile
from gancli.data.images import pillow_warnings, value_range_detection, value_ranges
from gancli.data.images.bad_files import BadFilesError
from gancli.data.images.image_arrays import fit_square
from gancli.data.images.value_ranges import Range

FORMATS = ("PNG", "JPEG", "GIF", "BMP", "WEBP", "TIFF", "PPM", "JPEG2000", "AVIF")  # no rare parser of Pillow
PILLOW_FAULTS = (
    *(OSError, SyntaxError, ValueError, EOFError, IndexError, struct.error, RuntimeError, OverflowError),
    *(TypeError, KeyError, AttributeError, ZeroDivisionError),  # of damaged tags
)
DEEP = ("I", "F", "I;16", "I;16B", "I;16L")  # modes of more than 8 bits
GRAY_MODES = ("1", "L", "LA", "I;16", "I;16B", "I;16L", "I", "F")
EXIF_ORIENTATION = 0x0112
SAMPLE_FORMAT, SIGNED_NUMBERS = 339, 2  # a tag of TIFF, and its value


def open_image(file: SourceFile) -> Image.Image:
    """The image with its header read, but not its pixels. Raises: DataError if it is none, or a decompression bomb."""
    with naming_errors(file.name):
        content = file.read()
        if not content:
            raise ValueError("the file is empty")
        picture = Image.open(io.BytesIO(content), formats=FORMATS)
        if is_signed(picture) and picture.mode == "L":  # Pillow reads -1 as 255
            raise ValueError("signed bytes, which are not read: store the same numbers as int16 or uint8")
        return picture


def is_signed(picture: Image.Image) -> bool:
    """Whether a TIFF says that its numbers are signed whole ones."""
    return picture.format == "TIFF" and picture.tag_v2.get(SAMPLE_FORMAT, (1,))[0] == SIGNED_NUMBERS


@contextlib.contextmanager
def naming_errors(name: str) -> Iterator[None]:
    """Turn whatever is raised for a bad file into a BadFilesError that names it."""
    try:
        with pillow_warnings.filtered():
            yield
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise BadFilesError.of(name, f"a decompression bomb, over {Image.MAX_IMAGE_PIXELS:,} pixels") from error
    except Image.UnidentifiedImageError as error:
        raise BadFilesError.of(name, "not an image") from error
    except PILLOW_FAULTS as error:
        raise BadFilesError.of(name, error or type(error).__name__) from error
    except BadFilesError:
        raise
    except DataError as error:
        raise BadFilesError.of(name, error) from error


def decode_square(
    picture: Image.Image,
    side: int,
    color: str,
    *,
    name: str,
    crop: int | None = None,
    ranges: Mapping[str, Range] | None = None,
) -> np.ndarray:
    """Decode an image: upright by EXIF, 8 bits, on white, the central square, or `crop` pixels of it, resampled to
    `side` with an antialiased bicubic filter.

    ranges: the value range of each kind of number in the set, as from `ImageSurvey.ranges`; if not given, that of
    this image alone. Returns: uint8 (side, side, 1 or 3). Raises: DataError if the pixels cannot be decoded.
    """
    with naming_errors(name):
        picture = _upright(picture, color, ranges)
        picture = _center_crop(picture, crop) if crop else picture
    return _pixels(fit_square(picture, side))


def decode(
    picture: Image.Image,
    color: str,
    *,
    name: str,
    ranges: Mapping[str, Range] | None = None,
    known: Sequence[str] = (),
) -> np.ndarray:
    """Decode as `decode_square` does, at the image's own size: uint8 (height, width, 1 or 3).

    known: for a single image, the `pixel_ranges` of the data that a model was trained on. Raises: DataError.
    """
    with naming_errors(name):
        picture.seek(0)
        return _pixels(_upright(picture, color, ranges if ranges is not None else _own_range(picture, known)))


def decode_raw(picture: Image.Image, *, name: str) -> tuple[Image.Image, bool]:
    """The first frame as it is in the file, decoded; and whether any pixel is transparent.

    Raises: DataError if it cannot be decoded.
    """
    with naming_errors(name):
        picture.seek(0)
        picture.load()
        alpha = picture.getchannel("A").getextrema() if picture.mode in ("LA", "PA", "RGBA") else (255, 255)
        return picture, alpha[0] < 255


def decode_frames(picture: Image.Image, *, name: str) -> Iterator[Image.Image]:
    """Every frame or page of an 8-bit image, upright by EXIF, in L, LA, RGB or RGBA; `info` of each may hold its
    `duration` in milliseconds. Raises: DataError for a frame that cannot be decoded, or has more bits."""
    for number in range(count_frames(picture)):
        with naming_errors(name):
            picture.seek(number)
            picture.load()
            if picture.mode in DEEP:
                raise ValueError("16 bits or more for a channel; convert it to 8 first")
            frame = ImageOps.exif_transpose(picture)
            if "transparency" in frame.info or frame.mode in ("PA", "LA", "RGBA"):
                frame = frame if frame.mode == "LA" else frame.convert("RGBA")
            else:
                frame = frame.convert("L" if frame.mode in GRAY_MODES else "RGB")
        yield frame


def count_frames(picture: Image.Image) -> int:
    """The number of frames or pages; the previews and depth maps beside a camera's JPEG do not count."""
    return 1 if picture.format == "MPO" else getattr(picture, "n_frames", 1)


def split_columns(picture: Image.Image, count: int, *, name: str) -> list[Image.Image]:
    """The parts of an image, of equal width, from left to right. Raises: DataError if it cannot be decoded."""
    with naming_errors(name):
        upright = ImageOps.exif_transpose(picture)
        width = upright.width // count
        return [upright.crop((width * part, 0, width * (part + 1), upright.height)) for part in range(count)]


def square_map(values: np.ndarray, side: int, *, name: str, crop: int | None = None) -> np.ndarray:
    """The part of a label map uint8 (height, width) that `decode_square` takes of its image, by the nearest pixel:
    uint8 (side, side). Raises: DataError if it is smaller than the crop."""
    with naming_errors(name):
        picture = _center_crop(Image.fromarray(values), crop) if crop else Image.fromarray(values)
    return np.asarray(fit_square(picture, side, Image.Resampling.NEAREST))


def mode_of(picture: Image.Image) -> str:
    """The mode of an image; that with alpha if it names a transparent color."""
    with_alpha = {"P": "PA", "L": "LA", "RGB": "RGBA"}
    return with_alpha.get(picture.mode, picture.mode) if "transparency" in picture.info else picture.mode


def has_alpha(mode: str) -> bool:
    """Whether images of a mode, as `mode_of` names it, may be transparent."""
    return mode in ("LA", "RGBA", "PA")


def kind_of(picture: Image.Image) -> str:
    """The kind of number in an image, one of value_ranges.KINDS."""
    if picture.mode.startswith("I;16"):
        return value_ranges.WIDE
    return {"1": value_ranges.BOOL, "I": value_ranges.WHOLE, "F": value_ranges.FLOAT}.get(
        picture.mode, value_ranges.BYTE
    )


def on_white(picture: Image.Image) -> Image.Image:
    """The image on a white background, without transparency."""
    if not (picture.mode in ("LA", "RGBA", "PA") or "transparency" in picture.info):
        return picture
    picture = picture.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture).convert("RGB")


def _upright(picture: Image.Image, color: str, ranges: Mapping[str, Range] | None = None) -> Image.Image:
    picture.seek(0)
    picture.load()
    plain = on_white(_eight_bits(ImageOps.exif_transpose(picture), ranges))
    return plain.convert("L" if color == "gray" else "RGB")


def _pixels(picture: Image.Image) -> np.ndarray:
    pixels = np.asarray(picture)
    return pixels[..., None] if pixels.ndim == 2 else pixels


def _center_crop(picture: Image.Image, crop: int) -> Image.Image:
    width, height = picture.size
    if crop > min(width, height):
        raise ValueError(f"{width}x{height} pixels do not hold a crop of {crop}")
    left, top = (width - crop) // 2, (height - crop) // 2
    return picture.crop((left, top, left + crop, top + crop))


def _own_range(picture: Image.Image, known: Sequence[str]) -> dict[str, Range] | None:
    """The range of an image that belongs to no set; None for bytes, which are taken as they are."""
    kind = kind_of(picture)
    if kind in (value_ranges.BOOL, value_ranges.BYTE):
        return None
    extents = {"picture": {kind: value_ranges.extent_of(np.asarray(picture))}}
    known_ranges = value_ranges.from_texts(known)
    return value_range_detection.detect(extents, name="picture", known=known_ranges, stretches=True)[0]


def _eight_bits(picture: Image.Image, ranges: Mapping[str, Range] | None = None) -> Image.Image:
    """An image with pixels of 0 to 255, by the range of each kind of number in its set, or of its own pixels."""
    kind = kind_of(picture)
    ranges = _own_range(picture, ()) if ranges is None else ranges
    if ranges is None:
        return picture
    chosen = ranges.get(kind, value_ranges.BYTES)
    if kind == value_ranges.BYTE:
        return picture if chosen == value_ranges.BYTES else _stretch(picture, chosen)
    return picture if kind == value_ranges.BOOL else Image.fromarray(value_ranges.to_bytes(np.asarray(picture), ranges))


def _stretch(picture: Image.Image, chosen: Range) -> Image.Image:
    """An image of bytes scaled from another range, its transparency kept."""
    is_transparent = "transparency" in picture.info or picture.mode == "PA"
    plain = picture
    if picture.mode not in ("L", "LA", "RGB", "RGBA"):
        plain = picture.convert("RGBA" if is_transparent else "RGB")
    levels = value_ranges.to_bytes(np.arange(256, dtype=np.uint8), {value_ranges.BYTE: chosen}).tolist()
    bands = zip(plain.getbands(), plain.split(), strict=True)
    scaled = Image.merge(plain.mode, [band if name == "A" else band.point(levels) for name, band in bands])
    scaled.info.update({key: value for key, value in plain.info.items() if key == "transparency"})
    return scaled
