"""Specimens of data sets in the layouts that people have: one module for each recognizer, with a list SPECIMENS.

Each is written by the format's own library, or byte by byte as the format's documentation says.
"""

import importlib
import io
import pkgutil
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image


class Specimen(NamedTuple):
    """A data set and what it must be read as.

    write: writes it below an empty folder and returns the path that a user would give. layout: the NAME of a
    recognizer. parts, columns, classes, attributes: as in a DataSource, parts without those of no images; classes may
    be their number. remarks: texts that the remarks must contain, each in one. needs: modules that must be installed.
    """

    name: str
    write: Callable[[Path], Path]
    layout: str
    parts: dict[str, int]
    columns: tuple[str, ...]
    classes: tuple[str, ...] | int = ()
    attributes: int = 0
    remarks: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()


def all_specimens() -> list[Specimen]:
    """The specimens of all modules here."""
    names = [one.name for one in pkgutil.iter_modules(__path__)]
    return [one for name in names for one in importlib.import_module(f"{__name__}.{name}").SPECIMENS]


def pixels(count: int, *shape: int, seed: int = 0) -> np.ndarray:
    """Random bytes that fill the range, uint8 (count, *shape)."""
    found = np.random.default_rng(seed).integers(0, 256, (count, *shape), np.uint8)
    found.reshape(count, -1)[:, :2] = 0, 255
    return found


def encoded(image: np.ndarray, kind: str = "PNG", **options: object) -> bytes:
    """An image file of these pixels, uint8 (height, width[, channels])."""
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, kind, **options)
    return buffer.getvalue()


def put(path: Path, content: bytes | str) -> Path:
    """A file with this content, its folders made; returns its path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def photo(path: Path, *, side: int = 8, seed: int = 0, channels: int = 3) -> Path:
    """A picture file of random pixels, by the ending of its name."""
    kind = {".jpg": "JPEG", ".jpeg": "JPEG", ".tif": "TIFF", ".ppm": "PPM", ".pgm": "PPM"}.get(
        path.suffix.lower(), path.suffix[1:].upper()
    )
    shape = (side, side, 3) if channels == 3 else (side, side)
    return put(path, encoded(pixels(1, *shape, seed=seed)[0], kind))
