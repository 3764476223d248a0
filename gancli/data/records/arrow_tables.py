"""Tables of one shard in parquet or Arrow's streams and files, through pyarrow; pictures are read by row groups.

Nothing in a table is executed: extension types stay the plain values that they store.
"""

from __future__ import annotations

import bisect
import contextlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import accumulate, islice
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple, TypeAlias

from gancli.core import files
from gancli.core.environment import total_memory
from gancli.core.errors import DataError
from gancli.data.containers.source_files import need_room

END_OF_STREAM = b"\xff\xff\xff\xff\0\0\0\0"
LFS = b"version https://git-lfs"
PICTURE_MEMORY = 4  # a row group of pictures takes at most this part of the memory: a quarter

Chunks: TypeAlias = list[Any]  # pyarrow arrays, one after another


class Table(NamedTuple):
    """The rows of one shard.

    types: pyarrow's type of each column. features: what the writer says of each column, as Hugging Face's JSON. values:
    a function that returns a column as a list. chunks: a function that returns the part of a column that a row is in,
    and the number of its first row; first: one that returns its first row without the others. has_end: False if the
    end mark of a stream is missing.
    """

    name: str
    count: int
    types: Mapping[str, Any]
    features: Mapping[str, dict]
    values: Callable[[str], list]
    chunks: Callable[[str, int], tuple[Chunks, int]]
    first: Callable[[str], Chunks]
    has_end: bool = True

    def picture(self, column: str, row: int) -> bytes:
        """The encoded picture of a row. Raises: DataError if it is not there."""
        name = f"{self.name}/{row}"
        with faults(name):
            parts, start = self.chunks(column, row)
            content = _content(parts, row - start)
        return self._checked(content, name)

    def check_pictures(self, column: str) -> None:
        """Raise DataError if the first row, of one or more, holds no bytes of a picture."""
        with faults(self.name):
            content = _content(self.first(column), 0)
        self._checked(content, self.name)

    @staticmethod
    def _checked(content: bytes | None, name: str) -> bytes:
        if content is None:
            raise DataError(
                f"{name}: the path of a picture instead of its bytes; write the data set with its pictures, by "
                "Dataset.save_to_disk or push_to_hub"
            )
        return content


def _content(parts: Chunks, row: int) -> bytes | None:
    """The bytes in a row of arrays that follow one another, of bytes or of structs of bytes and path."""
    for part in parts:
        if row < len(part):
            value = part[row]
            return (value["bytes"] if hasattr(value, "keys") else value).as_py()
        row -= len(part)
    raise IndexError("a row is missing")


def need_pyarrow(path: Path) -> ModuleType:
    """The module pyarrow. Raises: DataError with the line that installs it."""
    try:
        import pyarrow
        import pyarrow.ipc
        import pyarrow.parquet
    except ImportError as error:
        raise DataError(f"{path} needs a package that is not installed: pip install 'gancli[parquet]'") from error
    return pyarrow


@contextlib.contextmanager
def faults(name: str | Path) -> Iterator[None]:
    """Turn what pyarrow raises for a bad file into a DataError that names it."""
    import pyarrow

    try:
        yield
    except (pyarrow.ArrowException, OSError, ValueError, KeyError, IndexError, MemoryError, TypeError) as error:
        reason = str(error).partition("\n")[0].strip("'\" .") or type(error).__name__
        raise DataError(f"{name} is damaged or cut short: {reason[:150]}") from error


def open_table(path: Path, name: str, slot: Slot) -> Table:
    """The table in a `.parquet` or `.arrow` file. slot: keeps the last row group that was read, of all tables.

    Raises: DataError if it is damaged or claims more than fits.
    """
    need_pyarrow(path)
    files.need_regular(path)
    with faults(name), path.open("rb") as file:
        start = file.read(len(LFS))
    if start == LFS:
        raise DataError(f"{name} is a pointer of Git LFS and not the data: run git lfs pull in its folder")
    with faults(name):
        return (_open_parquet if path.suffix.lower() == ".parquet" else _open_arrow)(path, name, slot)


class Slot:
    """The row group that was read last: pictures are mostly read in order, and a row group may be large."""

    def __init__(self) -> None:
        self._held: tuple[object, Chunks] | None = None

    def get(self, key: object, read: Callable[[], Chunks]) -> Chunks:
        """What this key stands for; the last one is freed before another is read."""
        held = self._held
        if held is None or held[0] != key:
            self._held = held = None
            self._held = held = key, read()
        return held[1]


def _open_parquet(path: Path, name: str, slot: Slot) -> Table:
    from pyarrow import parquet

    with parquet.ParquetFile(path) as file:
        found, schema = file.metadata, file.schema_arrow
        counts = [found.row_group(group).num_rows for group in range(found.num_row_groups)]
        size = path.stat().st_size
        if min(counts, default=0) < 0 or sum(counts) != found.num_rows or found.num_rows > size:
            raise ValueError(f"{found.num_rows:,} rows in {size:,} bytes")
        need_room(found.num_rows, name)
    ends = list(accumulate(counts))

    def values(column: str) -> list:
        with faults(name), parquet.ParquetFile(path) as file:
            groups = range(file.metadata.num_row_groups)
            _check_memory(sum(_bytes_of(file, group) for group in groups), name, column)
            found = file.read([column])[column].to_pylist()
            if len(found) != ends[-1]:
                raise ValueError(f"{len(found):,} values for {ends[-1]:,} rows")
            return found

    def read(group: int, column: str) -> Chunks:
        with parquet.ParquetFile(path) as file:
            _check_memory(_bytes_of(file, group), name, column)
            return file.read_row_group(group, columns=[_leaf(schema, column)])[column].chunks

    def first(column: str) -> Chunks:
        with parquet.ParquetFile(path) as file:
            batches = file.iter_batches(1, columns=[_leaf(schema, column)])
            return [batch.column(0) for batch in islice(batches, 1)]

    def chunks(column: str, row: int) -> tuple[Chunks, int]:
        group = bisect.bisect_right(ends, row)
        return slot.get((path, group, column), lambda: read(group, column)), ends[group] - counts[group]

    return Table(name, found.num_rows, _types(schema), _features(schema), values, chunks, first)


def _leaf(schema: Any, column: str) -> str:
    """The name of the bytes of a column of pictures in parquet."""
    return f"{column}.bytes" if hasattr(schema.field(column).type, "fields") else column


def _bytes_of(file: Any, group: int) -> int:
    """The unpacked bytes of a row group, as the file claims; pyarrow aborts the process for bad facts of columns."""
    return file.metadata.row_group(group).total_byte_size


def _check_memory(claimed: int, name: str, column: str) -> None:
    if claimed > total_memory() // PICTURE_MEMORY:
        raise DataError(f"{name}: its column '{column}' unpacks to {claimed / 1e9:,.1f} GB, more than fits in memory")


def _open_arrow(path: Path, name: str, slot: Slot) -> Table:
    import pyarrow

    source = pyarrow.memory_map(str(path))
    is_file = source.read(6) == b"ARROW1"
    source.seek(0)
    if is_file:
        reader = pyarrow.ipc.open_file(source)
        batches = [reader.get_batch(number) for number in range(reader.num_record_batches)]
    else:
        reader = pyarrow.ipc.open_stream(source)
        batches = list(reader)
    need_room(sum(batch.num_rows for batch in batches), name)
    for batch in batches:
        batch.validate(full=True)  # offsets and lengths: a damaged file must not reach beyond its bytes
    ends = list(accumulate(batch.num_rows for batch in batches))

    def values(column: str) -> list:
        with faults(name):
            return [value for batch in batches for value in batch.column(column).to_pylist()]

    def chunks(column: str, row: int) -> tuple[Chunks, int]:
        number = bisect.bisect_right(ends, row)
        return [batches[number].column(column)], ends[number] - batches[number].num_rows

    has_end = is_file or _has_end(path)
    count, schema = ends[-1] if ends else 0, reader.schema
    return Table(
        name, count, _types(schema), _features(schema), values, chunks, lambda column: chunks(column, 0)[0], has_end
    )


def _has_end(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(-min(len(END_OF_STREAM), path.stat().st_size), 2)
        return file.read() == END_OF_STREAM


def _types(schema: Any) -> dict[str, Any]:
    return {field.name: getattr(field.type, "storage_type", field.type) for field in schema}


def _features(schema: Any) -> dict[str, dict]:
    """Hugging Face's description of the columns, {} without one."""
    with contextlib.suppress(ValueError, RecursionError, KeyError, TypeError, AttributeError):
        found = json.loads(schema.metadata[b"huggingface"])["info"]["features"]
        return {name: feature for name, feature in found.items() if isinstance(feature, dict)}
    return {}


def names_of(feature: Mapping[str, object] | None) -> tuple[str, ...]:
    """The names of the classes of a ClassLabel, () for other columns."""
    names = (feature or {}).get("names")
    if not isinstance(names, Sequence) or (feature or {}).get("_type") != "ClassLabel":
        return ()
    return tuple(names) if all(isinstance(name, str) for name in names) else ()
