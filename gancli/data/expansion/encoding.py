"""Pixels as an encoded picture, which Pillow opens without a change."""

from __future__ import annotations

import io

from gancli.core.backend import Image, np
from gancli.core.errors import DataError


def encode(values: np.ndarray) -> bytes:
    """An uncompressed TIFF of gray values (height, width) of any numbers, or uint8 (height, width, 3).

    Whole numbers become uint8, uint16 or int32, others float32; those of more bits float32 too. Raises: DataError.
    """
    if values.dtype.kind not in "biuf" or values.ndim not in (2, 3) or 0 in values.shape:
        raise DataError(f"pixels of type {values.dtype} and shape {values.shape}; expected numbers")
    buffer = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(_plain(values))).save(buffer, "TIFF")
    return buffer.getvalue()


def _plain(values: np.ndarray) -> np.ndarray:
    """Values in native byte order and one of the types that Pillow has."""
    if values.dtype.kind == "b":
        return values.astype(np.uint8) * np.uint8(255)
    if values.dtype.kind == "f":
        return values.astype(np.float32)
    if values.dtype.kind == "u" and values.dtype.itemsize <= 2:
        return values.astype(values.dtype.newbyteorder("="))
    is_int = values.min() >= np.iinfo(np.int32).min and values.max() <= np.iinfo(np.int32).max
    return values.astype(np.int32 if is_int else np.float32)


def eight_bits(values: np.ndarray, bits: int) -> np.ndarray:
    """Colors of so many bits as bytes: their higher eight bits."""
    return values.astype(np.uint8) if bits <= 8 else (values >> (bits - 8)).astype(np.uint8)
