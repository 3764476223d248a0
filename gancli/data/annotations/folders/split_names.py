"""Names of folders that say which split they hold: train, training_set, trainset, train2014, test1, valid, dev."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from gancli.data.picture_set import PARTS, TEST, TRAIN, VALIDATION

WORDS = dict.fromkeys(("train", "training", "trn", "trainval"), TRAIN)
WORDS |= dict.fromkeys(("test", "testing", "tst"), TEST)
WORDS |= dict.fromkeys(("val", "valid", "validation", "dev", "eval", "evaluation"), VALIDATION)
SAMPLES = frozenset(("sample", "samples"))
_MORE = frozenset(("set", "data", "dataset", "split", "images", "image", "imgs", "img", "pictures", "photos"))
_COMPACT = {f"{word}{more}": word for word in WORDS for more in ("set", "data")}  # trainset, valset
_PIECES = re.compile(r"[A-Z]*[a-z]+|[A-Z]+|[0-9]+")


class SplitFolder(NamedTuple):
    """What a folder's name says: its split, or the sample of a split, and the rest of the name without the word."""

    split: int
    is_sample: bool
    rest: str


def split_of(name: str) -> int | None:
    """The split that a folder of this name holds; None for other names, and for samples of a split."""
    found = parse(name)
    return found.split if found and not (found.is_sample or found.rest) else None


def part_in(name: str) -> str | None:
    """The part that one word of a name says, among any others: train, test or validation; None without, or for two."""
    found = {split for word in re.split(r"[^a-z]+", name.lower()) if (split := split_of(word)) is not None}
    return PARTS[found.pop()] if len(found) == 1 else None


def parse(name: str) -> SplitFolder | None:
    """What a name with one word for a split says, None for other names.

    The rest is "" for a name of that word and neutral ones (set, data, images) and a number or year alone.
    """
    pieces = [piece.lower() for piece in _PIECES.findall(name)]
    words = [_COMPACT.get(piece, piece) for piece in pieces]
    at = [number for number, word in enumerate(words) if word in WORDS]
    if len(at) != 1:
        return None
    others = words[: at[0]] + words[at[0] + 1 :]
    if at[0] == len(words) - 2 and _is_count(words[-1]):
        others = others[:-1]
    strange = re.sub(r"[A-Za-z0-9_ .-]", "", name)
    rest = [word for word in others if word not in _MORE and word not in SAMPLES]
    is_sample = any(word in SAMPLES for word in others)
    return SplitFolder(WORDS[words[at[0]]], is_sample, " ".join([*rest, *([strange] if strange else [])]))


def splits_of(names: Iterable[str]) -> tuple[dict[str, int], list[str]]:
    """The splits of folders side by side, and the names of folders with samples of a split.

    Names with one more part in common (seg_train, seg_test) are splits if they hold two splits or more.
    """
    found = {name: one for name in names if (one := parse(name))}
    known = {name: one for name, one in found.items() if not one.rest}
    if not known:
        rests = {one.rest for one in found.values()}
        if len(rests) == 1 and len({one.split for one in found.values()}) > 1:
            known = found
    samples = [name for name, one in known.items() if one.is_sample]
    return {name: one.split for name, one in known.items() if not one.is_sample}, samples


def _is_count(text: str) -> bool:
    """Whether digits after the word are a year or a small number."""
    return text.isdecimal() and (len(text) <= 2 or (len(text) == 4 and text[:2] in ("19", "20")))
