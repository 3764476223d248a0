"""Pillow's warnings while images are read: decompression bombs are errors, and others are not shown."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Iterator

from gancli.core.backend import Image

_are_filtered = False


@contextlib.contextmanager
def filtered() -> Iterator[None]:
    """Filter the warnings; inside of it, once more costs nothing. Not for several threads at once."""
    global _are_filtered
    if _are_filtered:
        yield
        return
    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        warnings.filterwarnings("ignore", category=UserWarning)
        _are_filtered = True
        try:
            yield
        finally:
            _are_filtered = False
