"""Texts as lines of one sentence each: wrapped lines joined into paragraphs, headings and licenses left out.

A text is wrapped if its lines were broken because the next word did not fit: nearly every line of a paragraph, with the
first word of the next line, would be wider than the widest lines, and most of these lines end no sentence. A text of
one sentence per line is not like that, and stays as it is.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from typing import NamedTuple

from gancli.data.texts import sentence_splitting

NARROWEST, WIDEST = 40, 100  # characters of wrapped lines
FULL, FEWEST = 0.75, 20  # the share of lines that the next word would overflow; lines that can be judged
ENDED = 0.5  # the share of lines inside of paragraphs that end a sentence, at least this where each is a sentence
SENTENCE_END = re.compile(r"[.!?…][\"'”’)\]»_*]*$")
SLACK = 3  # characters by which typists break a line too early
START = re.compile(r"\*\*\*\s?START OF (THE|THIS) PROJECT GUTENBERG", re.IGNORECASE)
STOP = re.compile(r"\*\*\*\s?END OF (THE|THIS) PROJECT GUTENBERG|^End of (the )?Project Gutenberg", re.IGNORECASE)
ILLUSTRATION = re.compile(r"\[Illustration[^\]]*\]", re.IGNORECASE)
HEADING = re.compile(r"^\s*(=(?: =)*) (.+?) \1\s*$")  # of wikitext: its first level is one sign
PICTURE = re.compile(r"\S+\.(jpe?g|png|gif|bmp|webp|tiff?|ppm)\b", re.IGNORECASE)  # of a list of pictures
WORD = re.compile(r"[^\W\d_]{2,}")
PROSE, SAMPLE = 0.6, 300  # share of words among all pieces of a line; lines


class Sentences(NamedTuple):
    """A text as sentences, with an empty line between texts. paragraphs: their number, if lines were joined or split;
    license: lines before and behind the text; headings: those left out."""

    lines: list[str]
    paragraphs: int = 0
    license: int = 0
    headings: int = 0


def as_sentences(text: str) -> Sentences:
    """A text with a sentence in each line: as it is, or if its lines are wrapped, joined and split."""
    lines = text.splitlines()
    inside = without_license(lines)
    dropped = len(lines) - len(inside)
    if not is_wrapped(inside):
        return Sentences([line.strip() for line in inside], license=dropped)
    joined = [ILLUSTRATION.sub(" ", " ".join(paragraph)) for paragraph in _paragraphs(inside)]
    sentences = [one for paragraph in joined for one in sentence_splitting.split(" ".join(paragraph.split()))]
    return Sentences(sentences, len(joined), dropped)


def of_wikitext(text: str) -> Sentences:
    """The sentences of WikiText, whose lines are paragraphs; headings are left out, articles are texts."""
    found, headings, paragraphs = [], 0, 0
    for line in map(str.strip, text.splitlines()):
        heading = HEADING.match(line)
        if heading:
            headings += 1
            if heading[1] == "=":
                found.append("")
        elif line:
            paragraphs += 1
            found += sentence_splitting.split(line)
    return Sentences(found, paragraphs, headings=headings)


def is_wikitext(lines: Sequence[str]) -> bool:
    """Whether the beginning of a text has the headings of WikiText: ` = Title = `, and ` = = Section = = `."""
    depths = {len(found[1]) for line in lines if (found := HEADING.match(line))}
    return 1 in depths and len(depths) > 1


def is_wrapped(lines: Sequence[str]) -> bool:
    """Whether lines were broken where the next word did not fit."""
    rows = [line.rstrip() for line in lines]
    widths = sorted(len(row) for row in rows if row)
    if len(widths) < FEWEST:
        return False
    width = widths[len(widths) * 98 // 100]
    pairs = [(row, after) for row, after in itertools.pairwise(rows) if row and after.strip()]
    if len(pairs) < FEWEST or not NARROWEST <= width <= WIDEST:
        return False
    full = sum(len(row) + 1 + len(after.split(maxsplit=1)[0]) > width - SLACK for row, after in pairs)
    ended = sum(SENTENCE_END.search(row) is not None for row, _ in pairs)
    return full >= FULL * len(pairs) and ended < ENDED * len(pairs)


def is_prose(lines: Sequence[str]) -> bool:
    """Whether lines hold sentences, and not a table, names of files or numbers."""
    rows = [line for line in lines if line.strip()][:SAMPLE]
    pieces = [piece for row in rows for piece in row.split()]
    if not pieces or sum("\t" in row or PICTURE.match(row) is not None for row in rows) > len(rows) // 10:
        return False
    words = sum(WORD.match(piece.lstrip("\"'“‘([_")) is not None and "." not in piece[:-2] for piece in pieces)
    return words >= PROSE * len(pieces) and len(pieces) >= 3 * len(rows)


def without_license(lines: list[str]) -> list[str]:
    """The lines between the marks of Project Gutenberg; all of them without marks."""
    first = next((at + 1 for at, line in enumerate(lines) if START.search(line)), 0)
    last = next((at for at in range(first, len(lines)) if STOP.search(lines[at])), len(lines)) if first else len(lines)
    return lines[first:last]


def _paragraphs(lines: Sequence[str]) -> list[list[str]]:
    found: list[list[str]] = [[]]
    for line in map(str.strip, lines):
        if line:
            found[-1].append(line)
        elif found[-1]:
            found.append([])
    return found if found[-1] else found[:-1]
