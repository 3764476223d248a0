"""Where the data of a name are: a path, or a file or folder of that name in the data folder (--data-dir, GANCLI_DATA).

The order: gancli's data sets by their exact names; paths; gancli's data sets in another case or with another dash; the
data folder, where names with their ending come before those without it.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

from gancli.core.errors import DataError
from gancli.core.names.similar import did_you_mean
from gancli.data.remarks import Remark, guessed
from gancli.data.sources import is_named, named_sources

_ARCHIVES = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz")
_RECORDS = (".parquet", ".arrow", ".tfrecord", ".tfrecords")
ENDINGS = ("", ".h5", ".hdf5", *_ARCHIVES, ".npz", ".txt", ".txt.gz", *_RECORDS)  # in this order; "" is also a folder


class Location(NamedTuple):
    """What a text means as data: a named data set as `name`, or a path; remarks say what else has the name."""

    name: str = ""
    path: Path = Path()
    remarks: tuple[Remark, ...] = ()


def find(source: str, data_dir: str | None = None) -> Location:
    """Find data by name or path. Raises: DataError if there are none, or no data folder."""
    if is_named(source):
        return Location(source)
    given = Path(os.path.expanduser(source))  # noqa: PTH111 (pathlib's fails where there is no such user)
    found = [given] if source and os.path.exists(given) else []  # noqa: PTH110 (pathlib's fails for long names)
    if not found and is_named(folded := _folded(source)):
        return Location(folded)
    if data_dir and source and not given.is_absolute() and (os.path.isdir(_folder(data_dir)) or not found):  # noqa: PTH112
        found += _in_folder(given, _folder(data_dir))
    if found:
        return Location(path=found[0], remarks=_remarks(source, found))
    raise DataError(_absent(source, data_dir))


def record_as(source: str, data_dir: str | None = None) -> str:
    """The text that a run records: the name of a data set as it is spelled, anything else as it was given."""
    return find(source, data_dir).name or source


def absolute(source: str, data_dir: str | None = None) -> str:
    """The name of a data set, or the absolute path of other data. Raises: DataError if there are none."""
    found = find(source, data_dir)
    return found.name or os.path.abspath(found.path)  # noqa: PTH100 (which keeps links)


def files_in(data_dir: str) -> dict[str, Path]:
    """The files and folders of the data folder that `--data` reads, by the shortest name that finds them."""
    folder, named = _folder(data_dir), named_sources()
    paths = [path for path in sorted(folder.iterdir()) if not path.name.startswith(".")] if folder.is_dir() else []
    readable = [path for path in paths if path.is_dir() or path.name.lower().endswith(ENDINGS[1:])]
    short = {path: _short(path.name) for path in readable}
    return {
        (name if [*short.values()].count(name) == 1 else path.name): path
        for path, name in short.items()
        if name not in named
    }


def _folder(data_dir: str) -> Path:
    return Path(os.path.expanduser(data_dir))  # noqa: PTH111


def _in_folder(given: Path, folder: Path) -> list[Path]:
    """The files and folders of a name in the data folder: in any case, with and without an ending."""
    if not folder.is_dir():
        raise DataError(f"the data folder {folder} does not exist (--data-dir, GANCLI_DATA)")
    try:
        paths = sorted((folder / given).parent.iterdir())
    except OSError:
        return []
    wanted = [f"{given.name}{ending}".casefold() for ending in ENDINGS]
    known = [path for path in paths if path.name.casefold() in wanted]
    return sorted(known, key=lambda path: (wanted.index(path.name.casefold()), path.name != given.name))


def _remarks(source: str, found: list[Path]) -> tuple[Remark, ...]:
    others = [str(path) for path in found[1:] if not _are_same(path, found[0])]
    return (guessed(f"'{source}' is read from {found[0]}, not from {', '.join(others)}"),) if others else ()


def _are_same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:
        return False


def _folded(source: str) -> str:
    """A source with the name as gancli spells it."""
    name, colon, count = source.partition(":")
    plain = name.casefold().replace("_", "-")
    known = next((one for one in named_sources() if one.replace("_", "-") == plain), name)
    return f"{known}{colon}{count}"


def _short(name: str) -> str:
    ending = max((ending for ending in ENDINGS if name.lower().endswith(ending)), key=len)
    return name[: len(name) - len(ending)]


def _absent(source: str, data_dir: str | None) -> str:
    """The message for data that are nowhere, with the nearest name."""
    where = f", also not in {data_dir}" if data_dir else ""
    files = files_in(data_dir) if data_dir else {}
    hint = did_you_mean(source, dict.fromkeys([*named_sources(), *files, *(path.name for path in files.values())]))
    if os.sep in source or Path(source).suffix:
        return f"the file or folder {source} does not exist{where}{hint}"
    return f"no data set, file or folder '{source}'{where}" + (
        hint or f": see gancli data{'' if data_dir else ', or give --data-dir'}"
    )
