"""Names of classes: how they are compared, and in which order they stand."""

from __future__ import annotations

import re
import unicodedata


def folded(text: str) -> str:
    """A name for a comparison that neither case nor Unicode composition (NFC) matters to."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())


def natural(name: str) -> tuple:
    """A key that sorts names with numbers in them by the numbers: 2 before 10."""
    parts = re.split("0*([1-9][0-9]*|0)", name)
    return (*(_key(part) for part in parts if part), (0, name))


def _key(part: str) -> tuple[int, str]:
    """Numbers by their length and then their digits, as they may have thousands."""
    if not (part.isascii() and part.isdecimal()):
        return -1, part
    return (0, "") if part == "0" else (len(part), part)
