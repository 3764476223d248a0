"""Pictures in notebooks."""

from __future__ import annotations

import base64
import io

from gancli.core.backend import np
from gancli.imaging import images

MOST_CELLS = 64


def png(pixels: np.ndarray) -> bytes:
    """Images uint8 (count, height, width, channels), the first 64 of them, as a grid in PNG."""
    return png_of_picture(images.grid(pixels[:MOST_CELLS]))


def png_of_picture(picture: np.ndarray) -> bytes:
    """One picture uint8 (height, width, channels) in PNG."""
    buffer = io.BytesIO()
    images.to_pillow(picture).save(buffer, "PNG")
    return buffer.getvalue()


def html_picture(content: bytes, *, width: int | None = None) -> str:
    """A PNG as an HTML element that holds it. width: in pixels, its own by default."""
    size = "" if width is None else f'width="{width}" '
    return f'<img {size}src="data:image/png;base64,{base64.b64encode(content).decode()}">'
