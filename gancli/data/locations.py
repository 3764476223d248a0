"""Where the data of a name are: a path, or a file or folder of that name in the data folder (--data-dir, GANCLI_DATA).

The order: gancli's data sets by their exact names; paths; gancli's data sets in another case or with another dash; the
data folder, where names with their ending come before those without it; PATH:CHOICE, for files that hold several sets;
well-known data sets (gancli.data.catalog).
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

from gancli.core.errors import DataError
from gancli.core.files import safe_name
from gancli.core.names.similar import did_you_mean
from gancli.data.catalog import search
from gancli.data.catalog.table import KNOWN
from gancli.data.in_memory.origin import MEMORY, is_in_memory
from gancli.data.remarks import Remark, guessed
from gancli.data.sources import is_named, named_sources

_ARCHIVES = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz")
_RECORDS = (".parquet", ".arrow", ".tfrecord", ".tfrecords")
ENDINGS = ("", ".h5", ".hdf5", *_ARCHIVES, ".npz", ".txt", ".txt.gz", *_RECORDS)  # in this order; "" is also a folder


class Location(NamedTuple):
    """What a text means as data: a named data set as `name`, or a path; remarks say what else has the name.

    choice, only, root: see gancli.data.catalog.search.Found. known_as: the name of a well-known data set
    """

    name: str = ""
    path: Path = Path()
    remarks: tuple[Remark, ...] = ()
    choice: str = ""
    only: tuple[str, ...] = ()
    root: Path | None = None
    known_as: str = ""

    def as_text(self) -> str:
        """A text that means the same, whatever the data folder is."""
        path, choice = (self.root, self.known_as) if self.root else (self.path, self.choice)
        return self.name or ":".join(filter(None, (os.path.abspath(path), choice)))  # noqa: PTH100 (which keeps links)


def find(source: str, data_dir: str | None = None) -> Location:
    """Find data by name or path. Raises: DataError if there are none, or no data folder."""
    if is_named(source):
        return Location(source)
    if is_in_memory(source):
        name = safe_name(source.removeprefix(MEMORY))
        raise DataError(
            f"'{source}' stands for arrays that a program had in memory: save them there with "
            f"dataset.save('{name}.h5'), and give --data {name}.h5"
        )
    given = Path(os.path.expanduser(source))  # noqa: PTH111 (pathlib's fails where there is no such user)
    found = [given] if source and os.path.exists(given) else []  # noqa: PTH110 (pathlib's fails for long names)
    if not found and is_named(folded := _folded(source)):
        return Location(folded)
    if data_dir and source and not given.is_absolute() and (os.path.isdir(_folder(data_dir)) or not found):  # noqa: PTH112
        found += _in_folder(given, _folder(data_dir))
    if found:
        return Location(path=found[0], remarks=_remarks(source, found))
    known = _well_known(source, data_dir) or _with_choice(source, data_dir)
    if known:
        return known
    raise DataError(_absent(source, data_dir))


def record_as(source: str, data_dir: str | None = None) -> str:
    """The text that a run records: the name of a data set as it is spelled, anything else as it was given."""
    return find(source, data_dir).name or source


def _with_choice(source: str, data_dir: str | None) -> Location | None:
    """PATH:CHOICE, or FOLDER:NAME for a well-known data set in a folder; None for other texts."""
    places = [at for at, letter in enumerate(source) if letter == ":"]
    for at in places:
        given, choice = Path(os.path.expanduser(source[:at])), source[at + 1 :]  # noqa: PTH111
        paths = [given] if source[:at] and os.path.exists(given) else []  # noqa: PTH110
        if not paths and data_dir and source[:at] and not given.is_absolute():
            paths = _in_folder(given, _folder(data_dir))
        if paths and choice:
            known = search.split_name(choice) if paths[0].is_dir() and choice.partition(":")[0] in KNOWN else None
            if known and (found := search.in_folder(KNOWN[known[0]], known[1], paths[0])):
                return Location("", found.path, (), *found[1:], _joined(known))
            return Location(path=paths[0], choice=choice.casefold())
    return None


def _well_known(source: str, data_dir: str | None) -> Location | None:
    """A data set of the catalog; None for other texts, and if it is nowhere. Raises: DataError for a wrong choice."""
    known = search.split_name(source)
    if known is None:
        return None
    found = search.find(*known, data_dir)
    if found is None:
        return None
    remarks = (guessed(f"'{source}' is read from {found.path}", matters=False),)
    return Location("", found.path, remarks, *found[1:], _joined(known))


def _joined(known: tuple[str, str]) -> str:
    """A name with what follows its colon, if anything does."""
    return ":".join(filter(None, known))


def absolute(source: str, data_dir: str | None = None) -> str:
    """The name of a data set, or the absolute path of other data. Raises: DataError if there are none."""
    return find(source, data_dir).as_text()


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


def known_names() -> list[str]:
    """The names of the well-known data sets that are found in their authors' files, with examples of what follows a
    colon."""
    return [f"{name}:{known.choices[0]}" if known.is_several else name for name, known in KNOWN.items()]


def known_titles() -> dict[str, str]:
    """The well-known data sets by name, as `known_names` spells them, with their titles."""
    return dict(zip(known_names(), (known.title for known in KNOWN.values()), strict=True))


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
    """The message for data that are nowhere, with the nearest name, or where to get them."""
    if known := search.split_name(source):
        return search.absent(*known, data_dir)
    where = f", also not in {data_dir}" if data_dir else ""
    files = files_in(data_dir) if data_dir else {}
    names = [*named_sources(), *KNOWN, *files, *(path.name for path in files.values())]
    hint = did_you_mean(source, dict.fromkeys(names))
    if os.sep in source or Path(source).suffix:
        return f"the file or folder {source} does not exist{where}{hint}"
    return f"no data set, file or folder '{source}'{where}" + (
        hint or f": see gancli data{'' if data_dir else ', or give --data-dir'}"
    )
