"""Decode one label map file: the possible meanings of its pixels, as numbers or as colors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from gancli.core.backend import Image, np
from gancli.core.errors import DataError
from gancli.data.containers.source_files import SourceFile
from gancli.data.images import image_decoding

GRAY = "gray"
PALETTE = "palette"
RGB = "rgb"
KINDS = (GRAY, PALETTE, RGB)
LARGEST = 65535  # number in a map
TURNS = {  # by EXIF orientation, as Pillow's exif_transpose
    2: lambda values: values[:, ::-1],
    3: lambda values: values[::-1, ::-1],
    4: lambda values: values[::-1],
    5: lambda values: values.T,
    6: lambda values: values[::-1].T,
    7: lambda values: values[::-1, ::-1].T,
    8: lambda values: values.T[::-1],
}
ON_SIDE = (5, 6, 7, 8)
SHIFTS = (16, 8, 0)


class MapFile(NamedTuple):
    """The pixels of a label map file, upright by its own EXIF.

    kind: GRAY, PALETTE or RGB. numbers: int32 (height, width), gray levels or palette indices; None if red, green and
    blue differ. grays: the same as gray levels if all palette colors are gray, else as numbers. colors: int32
    (height, width) of 0xRRGGBB; None for numbers beyond a byte. lossy: the compression, if it changes values. is_bit:
    one bit per pixel. turn: the file's own EXIF orientation, applied already.
    """

    kind: str
    numbers: np.ndarray | None
    grays: np.ndarray | None
    colors: np.ndarray | None
    lossy: str = ""
    is_bit: bool = False
    turn: int = 1
    frames: int = 1
    has_alpha: bool = False

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width of the map, in pixels."""
        values = self.numbers if self.colors is None else self.colors
        return values.shape


def decode(file: SourceFile) -> MapFile:
    """Decode a label map. Raises: DataError for a damaged file, and for fractions or negative numbers."""
    content = file.read()
    with image_decoding.open_image(SourceFile(file.name, lambda: content)) as picture:
        lossy = _lossy_compression(picture, content)
        turn, frames = picture.getexif().get(0x0112, 1), getattr(picture, "n_frames", 1)
        picture, has_alpha = image_decoding.decode_raw(picture, name=file.name)
        found = _map_of(picture, file.name)
        if turn in TURNS and picture.format != "TIFF":  # Pillow has rotated a TIFF already
            arrays = {name: getattr(found, name) for name in ("numbers", "grays", "colors")}
            found = found._replace(
                **{name: None if values is None else apply_orientation(values, turn) for name, values in arrays.items()}
            )
    return found._replace(lossy=lossy, turn=turn if turn in TURNS else 1, frames=frames, has_alpha=has_alpha)


def apply_orientation(values: np.ndarray, orientation: int) -> np.ndarray:
    """Values (height, width) brought upright; orientation: of EXIF, from 2 to 8."""
    return np.ascontiguousarray(TURNS[orientation](values))


def _map_of(picture: Image.Image, name: str) -> MapFile:
    mode = picture.mode
    if mode in ("1", "L", "LA", "I", "F") or mode.startswith("I;16"):
        values = np.asarray(picture)
        numbers = _class_numbers(values[..., 0] if mode == "LA" else values, name)
        is_byte = bool(numbers.max(initial=0) < 256)
        return MapFile(GRAY, numbers, numbers, numbers * 0x10101 if is_byte else None, is_bit=mode == "1")
    pixels = np.asarray(picture.convert("RGB"))
    colors = (pixels.astype(np.int32) << SHIFTS).sum(axis=2).astype(np.int32)
    is_gray = bool((pixels == pixels[..., :1]).all())
    grays = pixels[..., 0].astype(np.int32) if is_gray else None
    if mode == "P":
        numbers = np.asarray(picture).astype(np.int32)
        return MapFile(PALETTE, numbers, numbers if grays is None else grays, colors)
    return MapFile(RGB, grays, grays, colors)


def _class_numbers(values: np.ndarray, name: str) -> np.ndarray:
    """Values as int32. Raises: DataError if they cannot be class numbers."""
    if values.dtype.kind == "f" and (not np.isfinite(values).all() or (values != np.floor(values)).any()):
        raise DataError(f"{name}: a label map of fractions; expected whole numbers")
    low, high = values.min(initial=0), values.max(initial=0)
    if low < 0 or high > LARGEST:
        raise DataError(f"{name}: label {int(low if low < 0 else high)}; expected numbers from 0 to {LARGEST}")
    return values.astype(np.int32)


def _lossy_compression(picture: Image.Image, content: bytes) -> str:
    """The file's compression if it changes values, else empty."""
    if picture.format in ("JPEG", "MPO"):
        return "JPEG"
    if picture.format == "WEBP":
        return "lossy WebP" if _has_vp8(content) else ""
    if picture.format == "TIFF" and picture.info.get("compression") in ("jpeg", "tiff_jpeg", "webp"):
        return "TIFF of JPEG compression"
    return ""


def _has_vp8(content: bytes) -> bool:
    """Whether a WebP file holds a lossy image: a chunk `VP8 `, by itself or inside a frame."""
    at = 12
    while at + 8 <= len(content):
        kind, size = content[at : at + 4], int.from_bytes(content[at + 4 : at + 8], "little")
        if kind == b"VP8 ":
            return True
        at += 24 if kind == b"ANMF" else 8 + size + size % 2  # the chunks of a frame follow its header
    return False


def unpack_colors(colors: np.ndarray) -> np.ndarray:
    """Colors int (…,) of 0xRRGGBB as red, green and blue, int32 (…, 3)."""
    return (np.asarray(colors, np.int32)[..., None] >> SHIFTS & 255).astype(np.int32)


def pack_color(color: Sequence[int]) -> int:
    """A color, three integers from 0 to 255, as 0xRRGGBB; the inverse of `unpack_colors`."""
    return (color[0] << 16) + (color[1] << 8) + color[2]


def count_values(values: np.ndarray) -> dict[int, int]:
    """The number of pixels of each value that occurs. values: int (…,), 0 or more."""
    if values.max(initial=0) < 65536:
        counts = np.bincount(values.ravel())
        return {int(value): int(counts[value]) for value in np.flatnonzero(counts)}
    found, counts = np.unique(values, return_counts=True)
    return dict(zip(found.tolist(), counts.tolist(), strict=True))


def are_evenly_spaced(values: Sequence[int]) -> bool:
    """Whether sorted values are gray levels from 0 to 255 at equal distances: 0, 128, 255."""
    ideal = np.linspace(0, 255, len(values))
    return len(values) > 1 and bool(np.abs(np.array(values) - ideal).max() <= 1)
