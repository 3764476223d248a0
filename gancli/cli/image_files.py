"""Files and folders of pictures that a command reads, and the places of what it makes of them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, NamedTuple

from gancli.cli.flags import note, tell_remarks
from gancli.core import input_files
from gancli.core.backend import np
from gancli.core.errors import DataError, OptionError

if TYPE_CHECKING:
    from gancli.data.formats.pictures import Entry


class Album(NamedTuple):
    """A picture, or a folder of them: where, and its files by name."""

    path: Path
    entries: list[Entry]

    @property
    def is_folder(self) -> bool:
        """Whether it is a folder."""
        return self.path.is_dir()

    def places(
        self,
        out: Path | None,
        ending: str,
        kinds: Iterable[str],
        *,
        kind_of: Callable[[Entry], str | None] = lambda entry: None,
    ) -> list[Path]:
        """Where what is made of each picture goes: as told, else beside it, its name with `ending` before the dot.

        kinds: endings that are kept as they are; the others become the first of them. kind_of: a further ending that
        is kept of one picture. Of a folder the pictures go into another, which is named so. Raises: OptionError for a
        file where a folder is needed, or for the place of what is read.
        """
        kinds = list(kinds)
        further = {entry.name: kind_of(entry) for entry in self.entries}
        kinds += [] if self.is_folder else filter(None, further.values())
        if out is not None and self.is_folder == (out.suffix.lower() in kinds):
            if self.is_folder:
                raise OptionError(f"--out {out}: for a folder of pictures name a folder")
            raise OptionError(f"--out {out}: expected a name that ends in {', '.join(kinds)}")
        found = [self._place(entry, out, ending, [*kinds, further[entry.name]]) for entry in self.entries]
        self.need_apart(found)
        return found

    def need_apart(self, places: Sequence[Path]) -> None:
        """Raise OptionError for places of which one is that of what is read, or that of another."""
        written: set[Path] = set()
        for place in places:
            input_files.need_free(place)
            where = place.resolve()
            if where in written:
                raise OptionError(f"{place} would be written twice: name another place, or other files")
            written.add(where)

    def _place(self, entry: Entry, out: Path | None, ending: str, kinds: Sequence[str | None]) -> Path:
        name = PurePosixPath(entry.name)
        if not self.is_folder:
            kind = name.suffix if name.suffix.lower() in kinds else kinds[0]
            return out or self.path.with_name(f"{name.stem}{ending}{kind}")
        kind = name.suffix if name.suffix.lower() in kinds else f"{name.suffix}{kinds[0]}"
        path = self.path.resolve()
        if out is None and not path.name:
            raise OptionError(f"{path} has no folder beside it: say with --out where to")
        return (out or path.with_name(f"{path.name}{ending}")) / name.with_suffix(kind)

    def each(
        self, places: list[Path], make: Callable[[Entry, Path], dict[str, object]]
    ) -> tuple[list[dict[str, object]], list[str]]:
        """What `make` tells of each picture, and the names of a folder's that are bad; those are said and left out."""
        made, bad = [], []
        for entry, place in zip(self.entries, places, strict=True):
            try:
                made.append(make(entry, place) | {"of": entry.name})
            except DataError as error:
                if not self.is_folder:
                    raise
                note(f"left out: {error}")
                bad.append(entry.name)
        return made, bad


def whole(entry: Entry, color: str, *, known: Sequence[str] = ()) -> np.ndarray:
    """One picture at its own size, uint8 (height, width, 1 or 3); notes say what of it is not as in the file.

    color: "gray" or "rgb". known: the `pixel_ranges` of the data that it is to be read like. Raises: DataError for
    a bad one.
    """
    from gancli.data.formats import pictures

    with pictures.open_picture(entry) as picture:
        remarks = pictures.remarks_on(picture, entry.name)
        pixels = pictures.whole(picture, color, name=entry.name, known=known)
    for remark in remarks:
        note(f"note: {remark.text}")
    return pixels


def opened(path: Path) -> Album:
    """A picture's file or a folder of them. Raises: DataError where there are none."""
    from gancli.data.formats import folder, pictures

    path = Path(os.path.expanduser(path))  # noqa: PTH111 (pathlib's fails where there is no such user)
    if not os.path.exists(path):  # noqa: PTH110 (pathlib's fails for a name that is too long)
        raise DataError(f"there is no {path}")
    if not path.is_dir():
        return Album(path, [pictures.read_entry(path)])
    found = folder.entries(path)
    if not found.pictures:
        raise DataError(f"{path} holds no pictures")
    tell_remarks(found.remarks)
    return Album(path, found.pictures)


def need_all(path: Path, made: list[dict[str, object]], bad: list[str]) -> None:
    """Raise DataError if pictures of a folder were left out, when all others are made."""
    if bad:
        raise DataError(f"{path}: {len(bad)} of {len(bad) + len(made)} left out")
