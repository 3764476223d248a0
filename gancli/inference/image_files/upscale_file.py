"""An image file upscaled, with all its frames and transparency."""

from __future__ import annotations

import time
from pathlib import Path

from gancli.core.backend import Image, np
from gancli.core.errors import DataError
from gancli.core.progress import counting
from gancli.data.containers.source_files import SourceFile
from gancli.inference.image_files import frames
from gancli.inference.trained_model import Reporting
from gancli.inference.upscaling import TiledUpscaler


def upscale_file(upscaler: TiledUpscaler, entry: SourceFile, out: Path, reporting: Reporting) -> dict[str, object]:
    """Upscale an image file, all frames if the format stays the same, and write it. Returns: a record for a result.

    Raises: DataError, ResourceError.
    """
    form = frames.format_of(out)
    image = frames.read_frames(entry, reporting.note, as_format=form, scale=upscaler.scale)
    side = upscaler.scale * max(side for frame in image.frames for side in frame.size)
    if side > (most := frames.MAX_SIDE.get(form, side)):
        raise DataError(f"{entry.name}: {out.suffix} holds at most {most:,} pixels per side; write a .png")
    began = time.monotonic()
    upscaled = _upscale_frames(upscaler, image.frames, entry.name, reporting)
    seconds = time.monotonic() - began
    frames.write_frames(out, image._replace(frames=upscaled))
    record = {"out": str(out), "size": f"{upscaled[0].width}x{upscaled[0].height}", "seconds": round(seconds, 2)}
    return record | ({"frames": len(upscaled)} if len(upscaled) > 1 else {})


def _upscale_frames(
    upscaler: TiledUpscaler, images: list[Image.Image], name: str, reporting: Reporting
) -> list[Image.Image]:
    parts = [np.asarray(image) for image in images]
    parts = [part[..., None] if part.ndim == 2 else part for part in parts]
    upscaled, num_tiles = [], 0
    with counting(name, sum(map(upscaler.tiles, parts))) as progress:

        def done() -> None:
            nonlocal num_tiles
            num_tiles += 1
            progress(num_tiles)

        for part in parts:
            part = upscaler.upscale_whole(part, done=done)
            upscaled.append(Image.fromarray(part[..., 0] if part.shape[2] == 1 else part))
    return upscaled
