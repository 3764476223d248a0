"""Captions of pictures from tables and lists: several rows of one picture are several captions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from gancli.core.backend import np
from gancli.core.errors import DataError
from gancli.data.annotations.listings import coverage
from gancli.data.picture_set import PictureSet
from gancli.data.remarks import left_out

MOST_CAPTIONS = 1000  # of one picture


def gather(rows: Iterable[tuple[int, str]], name: str) -> dict[int, list[str]]:
    """The captions of each picture by its row, in order, without empty ones. Raises: DataError for too many of one."""
    found: dict[int, list[str]] = {}
    for row, text in rows:
        text = " ".join(text.split())
        if text:
            found.setdefault(row, []).append(text)
    most = max(map(len, found.values()), default=0)
    if most > MOST_CAPTIONS:
        raise DataError(
            f"{name} has {most:,} lines for one picture: expected captions, at most {MOST_CAPTIONS:,} of each"
        )
    return found


def with_captions(pictures: PictureSet, captions: Mapping[int, Sequence[str]], where: str) -> PictureSet:
    """The pictures with their captions, str (pictures, most), or a remark why there are none."""
    try:
        found, values = coverage.covered(pictures, captions, where)
    except DataError as error:
        return pictures.with_columns(captions=None).with_remarks(
            left_out(f"captions left out: {error}", column="caption")
        )
    padded = np.full((len(values), max(map(len, values))), "", object)
    for at, row in enumerate(values):
        padded[at, : len(row)] = row
    return found.with_columns(captions=padded)
