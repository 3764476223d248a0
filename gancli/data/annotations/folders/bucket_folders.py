"""Folders that only hold a part of the files of one set each, as FFHQ's 00000, 01000, and that are no classes.

The rule: the names of the files differ over all folders, none repeats its folder's name before a sign (0001_c1.jpg),
and one of these holds.

- Names of four digits or more and one width, evenly spaced from 0 or 1, each but the last equally full: StyleGAN's
  00000, 00001; FFHQ's 00000, 01000.
- Such names where each file's number gives its folder: 1234 lies in 0001 or 01000 of which most are half full, or, as
  in Danbooru, 1001234 in 0234.
- Hexadecimal names that begin the long hexadecimal names of their files, also through several folders: LSUN's a/3/f.

Folders that differ only by the number of a part, images_part_1 and images_part_2, are parts whatever they hold.

So the folders 0 to 9 of MNIST are classes, however full, and GTSRB's 00000 to 00042, whose files have the same names.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Sequence

WIDTH = 4  # digits of a numbered bucket
DIGITS = re.compile("[0-9a-fA-F]+")
PART = re.compile(r"(.*(?:^|[_ -])part)[_ -]?[0-9]+", re.IGNORECASE)
HASH = re.compile(r"[0-9a-f]{8,}")  # a file that is named by a hash or key


def are_buckets(folders: Sequence[tuple[str, ...]], names: Sequence[str]) -> bool:
    """Whether the first of these folders is a bucket. folders: from that depth on, for each file; names: of the files.

    Folders that hold the file's class or nothing else are not counted: pass them without splits.
    """
    first = [place[0] for place in folders]
    different = set(first)
    if len(different) > 1 and len({match[1] if (match := PART.fullmatch(name)) else name for name in different}) == 1:
        return True
    if len(different) < 2 or len({len(name) for name in different}) != 1 or not all(map(DIGITS.fullmatch, different)):
        return False
    stems = [name.rpartition(".")[0].lower() or name for name in names]
    if len(set(stems)) < len(stems):
        return False
    paths = ["".join(place).lower() for place in folders]
    if all(HASH.fullmatch(stem) and stem.startswith(path) for stem, path in zip(stems, paths, strict=True)):
        return not all(stem.isdecimal() for stem in stems) or _are_numbered(first, stems)
    return _are_numbered(first, stems)


def _are_numbered(first: Sequence[str], stems: Sequence[str]) -> bool:
    if len(first[0]) < WIDTH or not all(name.isascii() and name.isdecimal() for name in first):
        return False
    if all(
        stem.startswith(name) and not stem[len(name) :][:1].isalnum() for stem, name in zip(stems, first, strict=True)
    ):
        return False  # each file repeats its folder, as those of classes do
    counts = Counter(map(int, first))
    numbers = sorted(counts)
    steps = {after - before for before, after in itertools.pairwise(numbers)}
    is_even = len(steps) == 1 and numbers[0] in (0, 1)
    fullest = counts[numbers[0]]
    if is_even and {counts[number] for number in numbers[:-1]} == {fullest} and counts[numbers[-1]] <= fullest:
        return True
    return _tell_folders(list(map(int, first)), stems, counts)


def _tell_folders(first: Sequence[int], stems: Sequence[str], counts: Counter) -> bool:
    """Whether the last number in each file's name gives its folder."""
    found = [re.search(r"([0-9]{1,15})[^0-9]*$", stem) for stem in stems]
    if not all(found):
        return False
    files = [int(match[1]) for match in found]
    rows = list(zip(files, first, strict=True))
    for size in (100, 1000, 10_000):
        if all(number % size == folder for number, folder in rows) and max(files) >= size:
            return True
        in_order = all(number // size == folder for number, folder in rows)
        in_steps = all(number // size * size == folder for number, folder in rows)
        half_full = sum(count >= size / 2 for count in counts.values())
        if (in_order or in_steps) and half_full >= (len(counts) - 1) / 2:
            return True
    return False
