"""Safe printing: control characters and invisible characters are shown as escape sequences."""

from __future__ import annotations

import unicodedata

HIDDEN = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}  # Unicode categories: control, format, surrogate, private, separators
JOINERS = "\u200c\u200d"  # needed by some scripts and by emoji


def escaped(text: str) -> str:
    r"""Text on one line: control and format characters, including newlines, become escapes like \x1b, \n or \u202e.

    Letters of all scripts, accents, emoji and spaces are kept.
    """
    return text if text.isprintable() else "".join(map(_escape, text))


def _escape(character: str) -> str:
    is_hidden = unicodedata.category(character) in HIDDEN and character not in JOINERS
    return character.encode("unicode_escape").decode("ascii") if is_hidden else character
