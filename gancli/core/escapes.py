"""Text made safe to print: what would steer a terminal, or hide, is shown as an escape."""

from __future__ import annotations

import unicodedata

HIDDEN = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}  # Unicode's categories: control, format, surrogate, private, separators
JOINERS = "\u200c\u200d"  # that scripts and emoji are spelled with


def escaped(text: str) -> str:
    r"""One line of text: control and format characters, newlines too, become escapes such as \x1b, \n or \u202e.

    Letters of all scripts, accents, emoji and spaces stay.
    """
    return text if text.isprintable() else "".join(map(_shown, text))


def _shown(character: str) -> str:
    is_hidden = unicodedata.category(character) in HIDDEN and character not in JOINERS
    return character.encode("unicode_escape").decode("ascii") if is_hidden else character
