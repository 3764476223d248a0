"""Pictures inside of HTML, for notebooks."""

from __future__ import annotations

import base64

from gancli.core.backend import np
from gancli.imaging import images

MOST_CELLS = 64


def png(pixels: np.ndarray) -> bytes:
    """Images uint8 (count, height, width, channels), the first 64 of them, as a grid in PNG."""
    return images.png(images.grid(pixels[:MOST_CELLS]))


def html_picture(content: bytes) -> str:
    """A PNG as an HTML element that holds it."""
    return f'<img src="data:image/png;base64,{base64.b64encode(content).decode()}">'
