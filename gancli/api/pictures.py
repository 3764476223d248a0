"""Pictures in notebooks."""

from __future__ import annotations

import base64
import io

from gancli.core.backend import np
from gancli.imaging import images

MOST_CELLS = 64


def png(pixels: np.ndarray) -> bytes:
    """Images uint8 (count, height, width, channels), the first 64 of them, as a grid in PNG."""
    buffer = io.BytesIO()
    images.to_pillow(images.grid(pixels[:MOST_CELLS])).save(buffer, "PNG")
    return buffer.getvalue()


def html_picture(content: bytes) -> str:
    """A PNG as an HTML element that holds it."""
    return f'<img src="data:image/png;base64,{base64.b64encode(content).decode()}">'
