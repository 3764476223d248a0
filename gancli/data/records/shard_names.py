"""What the names of shards say: the split (`train-00000-of-00002.parquet`, `val-000.tar`), and which are missing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import PurePosixPath

from gancli.core.errors import DataError
from gancli.data.annotations.folders.split_names import part_in, split_of
from gancli.data.remarks import Remark, guessed, left_out, some

NUMBER = re.compile(r"(\d+)-of-(\d+)", re.IGNORECASE)
TRAIN = "train"


def by_split(names: Sequence[str]) -> tuple[dict[str, list[str]], list[Remark]]:
    """The shards of each part, in the order train, validation, test, and remarks.

    The name of a file decides, else that of its folder, from the innermost on. If some say a part, the others are left
    out; if none says train, all are for training. Raises: DataError for the same part in several folders, as of data
    sets with several configurations.
    """
    places = {name: _split_and_folder(name) for name in names}
    splits = {name: split for name, (split, _) in places.items()}
    remarks = []
    if TRAIN not in splits.values():
        if any(splits.values()):
            said = sorted({split for split in splits.values() if split})
            remarks.append(guessed(f"no shards for training beside {', '.join(said)}: all are used for training"))
        splits = dict.fromkeys(names, TRAIN)
    elif strays := [name for name, split in splits.items() if split is None]:
        remarks.append(left_out(f"{len(strays):,} shards that name no split are not read: {some(strays)}"))
    found = {part: [name for name in names if splits[name] == part] for part in (TRAIN, "validation", "test")}
    for part, shards in found.items():
        folders = sorted({places[name][1] for name in shards})
        if len(folders) > 1:
            raise DataError(f"several folders hold shards of {part}: give one of {', '.join(folders)}")
    return {part: shards for part, shards in found.items() if shards}, [*remarks, *missing_remarks(names)]


def _split_and_folder(name: str) -> tuple[str | None, str]:
    """The part of a shard, and its folder without those of splits."""
    path = PurePosixPath(name)
    folders = [folder for folder in path.parts[:-1] if split_of(folder) is None]
    said = [part_in(path.name), *map(part_in, reversed(path.parts[:-1]))]
    return next((split for split in said if split), None), "/".join(folders) or "."


def missing_remarks(names: Iterable[str]) -> Iterator[Remark]:
    """A remark for each group of shards, by the count in their names, of which some are not there."""
    groups: dict[tuple[str, int], set[int]] = {}
    for name in names:
        if match := NUMBER.search(name):
            key = NUMBER.sub(f"…-of-{match[2]}", name, count=1), int(match[2])
            groups.setdefault(key, set()).add(int(match[1]))
    for (name, count), numbers in groups.items():
        if len(numbers) < count:
            yield left_out(f"{count - len(numbers):,} of {count:,} shards are missing: {name}")
