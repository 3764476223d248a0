"""Image files and folders that a command reads, and the paths of its outputs."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, NamedTuple

from gancli.cli.output import note, print_remarks
from gancli.core import input_files
from gancli.core.errors import DataError, OptionError

if TYPE_CHECKING:
    from gancli.data.containers.source_files import SourceFile


class Album(NamedTuple):
    """An image file, or a folder of them: its path, and its files by name."""

    path: Path
    entries: list[SourceFile]

    @property
    def is_folder(self) -> bool:
        """Whether the path is a folder."""
        return self.path.is_dir()

    def outputs(
        self,
        out: Path | None,
        ending: str,
        kinds: Iterable[str],
        *,
        kind_of: Callable[[SourceFile], str | None] = lambda entry: None,
    ) -> list[Path]:
        """The output path of each image: --out, or next to it, with `ending` appended to its name.

        kinds: file name endings that are kept; others are replaced by the first of them. kind_of: one more ending that
        is kept for an image. Outputs of a folder go to a folder, with `ending` appended to its name. Raises:
        OptionError for a file where a folder is needed, or for an output that is an input.
        """
        kinds = list(kinds)
        further = {entry.name: kind_of(entry) for entry in self.entries}
        kinds += [] if self.is_folder else filter(None, further.values())
        if out is not None and self.is_folder == (out.suffix.lower() in kinds):
            if self.is_folder:
                raise OptionError(f"--out {out}: the input is a folder, so name a folder")
            raise OptionError(f"--out {out}: expected a name that ends in {', '.join(kinds)}")
        found = [self._place(entry, out, ending, [*kinds, further[entry.name]]) for entry in self.entries]
        self.need_distinct(found)
        return found

    def need_distinct(self, places: Sequence[Path]) -> None:
        """Raise OptionError for an output path that is an input, or that is used twice."""
        written: set[Path] = set()
        for place in places:
            input_files.need_free(place)
            where = place.resolve()
            if where in written:
                raise OptionError(f"{place} would be written twice: choose other output names")
            written.add(where)

    def _place(self, entry: SourceFile, out: Path | None, ending: str, kinds: Sequence[str | None]) -> Path:
        name = PurePosixPath(entry.name)
        if not self.is_folder:
            kind = name.suffix if name.suffix.lower() in kinds else kinds[0]
            return out or self.path.with_name(f"{name.stem}{ending}{kind}")
        kind = name.suffix if name.suffix.lower() in kinds else f"{name.suffix}{kinds[0]}"
        path = self.path.resolve()
        if out is None and not path.name:
            raise OptionError(f"{path} has no folder next to it: name an output folder with --out")
        return (out or path.with_name(f"{path.name}{ending}")) / name.with_suffix(kind)

    def each(
        self, places: list[Path], make: Callable[[SourceFile, Path], dict[str, object]]
    ) -> tuple[list[dict[str, object]], list[str]]:
        """The record that `make` returns for each image, and the names of bad images of a folder, which are skipped."""
        records, bad = [], []
        for entry, place in zip(self.entries, places, strict=True):
            try:
                records.append(make(entry, place) | {"of": entry.name})
            except DataError as error:
                if not self.is_folder:
                    raise
                note(f"skipped: {error}")
                bad.append(entry.name)
        return records, bad


def ending_of_animated_gif(entry: SourceFile) -> str | None:
    """The ending of an animated GIF, which stays a GIF; others become PNG, which holds all colors."""
    from gancli.data.images import image_decoding

    ending = PurePosixPath(entry.name).suffix
    if ending.lower() == ".gif":
        with contextlib.suppress(DataError), image_decoding.open_image(entry) as picture:
            return ending if image_decoding.count_frames(picture) > 1 else None
    return None


def opened(path: Path) -> Album:
    """An image file or a folder of them. Raises: DataError if there are none."""
    from gancli.data.containers import folder, source_files

    path = Path(os.path.expanduser(path))  # noqa: PTH111 (pathlib's fails where there is no such user)
    if not os.path.exists(path):  # noqa: PTH110 (pathlib's fails for a name that is too long)
        raise DataError(f"{path} does not exist")
    if not path.is_dir():
        return Album(path, [source_files.image_file(path)])
    found = folder.list_files(path)
    if not found.pictures:
        raise DataError(f"{path} contains no images")
    print_remarks(found.remarks)
    return Album(path, found.pictures)


def need_all(path: Path, records: list[dict[str, object]], bad: list[str]) -> None:
    """Raise DataError if images of a folder were skipped, after all others are done."""
    if bad:
        raise DataError(f"{path}: {len(bad)} of {len(bad) + len(records)} skipped")
