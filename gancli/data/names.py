"""Names of classes: how they are compared, and in which order they stand."""

from __future__ import annotations

import re
import unicodedata


def folded(text: str) -> str:
    """A name for a comparison that neither case nor Unicode composition (NFC) matters to."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())


def natural(name: str) -> tuple:
    """A key that sorts names with numbers in them by the numbers: 2 before 10."""
    parts = re.split(r"(\d+)", name)
    return (*((int(part), "") if part.isdecimal() else (-1, part) for part in parts if part), (0, name))
