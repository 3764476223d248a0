"""Image files with all that is in them: frames or pages, transparency, durations, EXIF and color profile."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from gancli.core import files
from gancli.core.backend import Image, np
from gancli.core.errors import DataError, first_line
from gancli.data.containers.source_files import SourceFile
from gancli.data.images import image_decoding, image_survey
from gancli.inference.upscaling import need_room

FORMATS = {
    ".png": "PNG",
    ".jpg": "JPEG",
    ".jpeg": "JPEG",
    ".webp": "WEBP",
    ".bmp": "BMP",
    ".tif": "TIFF",
    ".tiff": "TIFF",
}
MULTI_FRAME = ("PNG", "GIF", "WEBP", "TIFF")
OPAQUE = ("JPEG", "BMP")
MAX_SIDE = {"JPEG": 65_500, "WEBP": 16_383}  # pixels
PROFILE_MODES = ("L", "LA", "RGB", "RGBA", "P", "PA")  # in which the color profile is still valid
Note = Callable[[str], None]


class ImageFrames(NamedTuple):
    """An image file in memory.

    frames: upright, in mode L, LA, RGB or RGBA; one for a still image. durations: milliseconds of each, if there are
    any. metadata: what else is saved with the pixels.
    """

    frames: list[Image.Image]
    durations: list[float]
    metadata: dict[str, object]


def format_of(path: Path) -> str:
    """The format to write, by the ending of a path."""
    return FORMATS.get(path.suffix.lower(), "GIF")


def read_pixels(entry: SourceFile, channels: int, note: Note, *, known: Sequence[str] = ()) -> np.ndarray:
    """The first frame at its own size, uint8 (height, width, 1 or 3). note: receives what was changed or left out.

    channels: 1 or 3. known: `pixel_ranges` of the data set that the image belongs to. Raises: DataError.
    """
    with image_decoding.open_image(entry) as picture:
        remarks = image_survey.image_remarks(picture, entry.name)
        pixels = image_decoding.decode(picture, "gray" if channels == 1 else "rgb", name=entry.name, known=known)
    for remark in remarks:
        note(f"note: {remark.text}")
    return pixels


def read_frames(entry: SourceFile, note: Note, *, as_format: str = "", scale: int = 1) -> ImageFrames:
    """An image with all its frames, if it has this format and the format supports them; else the first frame, noted.

    scale: by which it will be upscaled. Raises: DataError; ResourceError if the upscaled frames do not fit in memory.
    """
    with image_decoding.open_image(entry) as picture:
        if picture.mode in image_decoding.DEEP or any(";16" in str(tile[3]) for tile in picture.tile):
            raise DataError(f"{entry.name}: 16 bits or more per channel; convert it to 8 bits first")
        profile = picture.info.get("icc_profile") if picture.mode in PROFILE_MODES else None
        loop, has_all = picture.info.get("loop"), picture.format == as_format and as_format in MULTI_FRAME
        frames = []
        durations = []
        rows = 0
        for frame in image_decoding.decode_frames(picture, name=entry.name):
            rows += frame.height
            need_room(rows * scale, frame.width * scale, 4)
            frames.append(frame)
            durations.append(float(picture.info.get("duration", 0)))
            if not has_all:
                break
        if not has_all and (text := image_survey.first_frame_note(picture, entry.name)):
            note(f"note: {text}")
    metadata = {"icc_profile": profile, "exif": _exif(frames[0], entry.name, note)}
    metadata = {name: value for name, value in metadata.items() if value}
    if len(frames) > 1 and picture.info.get("default_image"):  # of a PNG, shown by viewers without animation
        metadata["default_image"], durations = True, durations[1:]
    if len(frames) > 1 and as_format != "TIFF":
        metadata |= {} if loop is None else {"loop": loop}
        frames = _in_one_mode(frames)
    return ImageFrames(frames, durations if len(frames) > 1 and any(durations) else [], metadata)


def _in_one_mode(frames: list[Image.Image]) -> list[Image.Image]:
    modes = {frame.mode for frame in frames}
    has_alpha, has_color = modes & {"LA", "RGBA"}, modes & {"RGB", "RGBA"}
    mode = ("RGB" if has_color else "L") + ("A" if has_alpha else "")
    return [frame if frame.mode == mode else frame.convert(mode) for frame in frames]


def _exif(picture: Image.Image, name: str, note: Note) -> bytes | None:
    """The EXIF data; None, with a note, if they cannot be written again, as those of many cameras."""
    try:
        exif = picture.getexif()
        return exif.tobytes() if len(exif) else None
    except Exception as error:  # Pillow raises whatever comes up in a damaged tag
        note(f"{name}: the EXIF is damaged and left out: {first_line(error)}")
        return None


def write_frames(out: Path, image: ImageFrames) -> None:
    """Write an image in the format of the ending, on white where the format has no transparency."""
    form, buffer = format_of(out), io.BytesIO()
    first, *others = image.frames
    if form in OPAQUE and first.mode in ("LA", "RGBA"):
        first = image_decoding.on_white(first)
    options: dict[str, object] = {"quality": 95} if form in ("JPEG", "WEBP") else {}
    if others:
        options |= {"save_all": True, "append_images": others}
        options |= {"duration": [round(one) for one in image.durations]} if image.durations else {}
        options |= {"disposal": 2} if form == "GIF" else {}
    try:
        first.save(buffer, form, **options, **image.metadata)
    except (OSError, ValueError) as error:
        raise DataError(f"{out}: cannot write a {form} of {first.width}x{first.height} pixels: {error}") from error
    files.atomic_write(out, buffer.getvalue())
