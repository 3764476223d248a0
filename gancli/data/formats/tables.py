"""Tables of text: CSV with any delimiter, JSON lines, and lists of words, bounded before they are read."""

from __future__ import annotations

import csv
import io
import json
import zipfile
import zlib
from collections.abc import Iterable
from typing import NamedTuple

from gancli.core.environment import total_memory
from gancli.core.errors import DataError
from gancli.data.containers.source_files import MAX_FILE, SourceFile

MEMORY_SHARE = 96  # a file takes at most this part of the memory, and its cells as objects some forty times as much
HEAD = 65_536  # bytes that tell the header
DELIMITERS = "\t|;,"
MOST_CELL = 131_072  # letters


class Table(NamedTuple):
    """Rows of cells, all as long as the header; cells are str, without spaces around them. name: of the file."""

    name: str
    header: tuple[str, ...]
    rows: list[list[str]]

    def column(self, at: int) -> list[str]:
        """The cells of a column."""
        return [row[at] for row in self.rows]


def text_of(file: SourceFile, *, head: bool = False) -> str:
    """A text in UTF-8, or UTF-16 with its mark; head: only its beginning, cut after a line.

    Raises: DataError for a text that is too large, or in another encoding.
    """
    most = min(MAX_FILE, total_memory() // MEMORY_SHARE)
    if file.size is not None and file.size > most:
        raise DataError(f"{file.name} has {file.size / 1e6:,.0f} MB, more than the {most / 1e6:,.0f} MB of a table")
    if head:
        content = _head_of(file)
        content = content[: content.rfind(b"\n") + 1] if len(content) == HEAD and b"\n" in content else content
    else:
        content = file.read()
    encoding = "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        text = content.decode(encoding)
    except UnicodeError as error:
        if head and encoding == "utf-8-sig":
            return content.decode(encoding, "replace")
        raise DataError(f"{file.name} is no text in UTF-8: save it as CSV in UTF-8") from error
    if "\0" in text:
        raise DataError(f"{file.name} is no text: it holds bytes of zero")
    return text


def _head_of(file: SourceFile) -> bytes:
    try:
        with file.open() as stream:
            return stream.read(HEAD)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError) as error:
        raise DataError(f"{file.name} cannot be read: {error}") from error


def read(file: SourceFile, *, has_header: bool = True, head: bool = False) -> Table:
    """The table of a `.jsonl`, or a CSV file with commas, semicolons, tabs or bars. head: only its first rows.

    Without a header the columns are called 1, 2, …. Raises: DataError for a row of another length, and for damage.
    """
    text = text_of(file, head=head)
    if file.suffix in (".jsonl", ".ndjson"):
        return _from_json_lines(file.name, text.splitlines())
    first = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(DELIMITERS, key=first.count)
    rows = []
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True):
            if any(row):
                rows.append([cell.strip() for cell in row])
    except csv.Error as error:
        raise DataError(f"{file.name} is no table, {error}: expected cells of at most {MOST_CELL:,} letters") from error
    header = tuple(rows.pop(0)) if has_header and rows else tuple(map(str, range(1, len(rows[0]) + 1))) if rows else ()
    for number, row in enumerate(rows, start=1 + has_header):
        if len(row) != len(header):
            raise DataError(
                f"{file.name}: row {number:,} has {len(row)} cells, the first {len(header)}; expected the same, with "
                "quotes around cells that contain the delimiter"
            )
    return Table(file.name, header, rows)


def read_words(file: SourceFile) -> list[list[str]]:
    """The words of each line that is not empty, separated by spaces, commas or tabs. Raises: DataError."""
    lines = (line.replace(",", " ").split() for line in text_of(file).splitlines())
    return [words for words in lines if words]


def _from_json_lines(name: str, lines: Iterable[str]) -> Table:
    rows: list[dict[str, object]] = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise DataError(f"{name}: line {number:,} is no JSON") from error
        if not isinstance(row, dict):
            raise DataError(f"{name}: line {number:,} is no object of names and values")
        rows.append(row)
    header = tuple(dict.fromkeys(str(key) for row in rows for key in row))
    return Table(name, header, [[_as_cell(row.get(key, "")) for key in header] for row in rows])


def _as_cell(value: object) -> str:
    """A value as text; nothing for null, and lists and objects as JSON."""
    if isinstance(value, str):
        return value.strip()
    return "" if value is None else json.dumps(value, ensure_ascii=False)
