"""Paragraphs split into sentences by their punctuation.

A sentence ends with . ! or ?, with quotes and brackets behind it, if the next word begins with a capital letter, a
digit or a quote, and not with a dash. Titles and initials ("Mr.", "J.") end none.
"""

from __future__ import annotations

import itertools

_TITLES = (
    "mr mrs ms dr st rev hon messrs mme mlle prof capt col gen lt lieut sergt sgt maj gov sir esq jr sr vol vols chap "
    "fig figs no nos pp p ed eds viz vs cf mt ft ave i.e e.g m mm"
)
TITLES = frozenset(_TITLES.split())
DASHES, MARKS = "-–—", ".!?…"
OPENING, CLOSING = "\"'“‘([«_", "\"'”’)]»_*"


def split(paragraph: str) -> list[str]:
    """The sentences of a paragraph, which is one line, their words separated by single spaces."""
    pieces = paragraph.split()
    found, start = [], 0
    for at, (piece, following) in enumerate(itertools.pairwise(pieces), 1):
        if _ends(piece, following):
            found.append(" ".join(pieces[start:at]))
            start = at
    return [*found, " ".join(pieces[start:])] if pieces else []


def is_ended(line: str) -> bool:
    """Whether a line ends as a sentence does."""
    return line.rstrip(CLOSING)[-1:] in tuple(MARKS)


def _ends(piece: str, following: str) -> bool:
    """Whether a sentence ends with this word before that one."""
    marked = piece.rstrip(CLOSING)
    word = marked.rstrip(MARKS)
    mark = marked[len(word) :]
    beginning = following.lstrip(OPENING)[:1]
    if not mark or not beginning or beginning.islower() or beginning in DASHES:
        return False
    if mark != ".":
        return True
    word = word.lstrip(OPENING)
    for dash in DASHES:
        word = word.rpartition(dash)[2]
    return word.lower() not in TITLES and not (len(word) == 1 and word.isupper() and word != "I")
