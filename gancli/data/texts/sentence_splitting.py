"""Paragraphs split into sentences by their punctuation.

A sentence ends with . ! or ?, with quotes and brackets behind it, if the next word begins with a capital letter, a
digit or a quote, and not with a dash. Titles and initials ("Mr.", "J.") end none.
"""

from __future__ import annotations

import re

_TITLES = (
    "mr mrs ms dr st rev hon messrs mme mlle prof capt col gen lt lieut sergt sgt maj gov sir esq jr sr vol vols chap "
    "fig figs no nos pp p ed eds viz vs cf mt ft ave i.e e.g m mm"
)
TITLES = frozenset(_TITLES.split())
DASHES = "-–—"
OPENING, CLOSING = "\"'“‘(\\[«_—", "\"'”’)\\]»_*"
END = re.compile(rf"(?P<word>[^\s{OPENING}]*?)(?P<mark>\.{{3,}}|[.!?…]+)[{CLOSING}]*\s+(?=\S)")


def split(paragraph: str) -> list[str]:
    """The sentences of a paragraph, which is one line, without spaces around them."""
    found, start = [], 0
    for match in END.finditer(paragraph):
        if _ends(match, paragraph):
            found.append(paragraph[start : match.end()].strip())
            start = match.end()
    rest = paragraph[start:].strip()
    return [*found, rest] if rest else found


def _ends(match: re.Match, paragraph: str) -> bool:
    following = paragraph[match.end() : match.end() + 3].lstrip("\"'“‘([«_")
    if not following or following[0].islower() or following[0] in DASHES:
        return False
    if match["mark"] != ".":
        return True
    word = re.split(f"[{DASHES}]", match["word"].lower())[-1]
    if word in TITLES:
        return False
    return not (len(word) == 1 and match["word"].isupper() and word != "i")
