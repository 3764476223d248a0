"""Sentences in order from texts: one a line, or wrapped lines that are joined and split.

Of each thousand the last hundred are for testing, so that the test split holds passages of the same books, and not
single sentences whose neighbors are in the training split; unless files are named for testing.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path, PurePosixPath

from gancli.core.backend import np
from gancli.core.errors import DataError
from gancli.data.annotations.folders.split_names import part_in
from gancli.data.containers.source_files import SourceFile
from gancli.data.data_source import DataSource
from gancli.data.dataset import Dataset
from gancli.data.formats import byte_files
from gancli.data.remarks import Remark, guessed, left_out
from gancli.data.texts import encodings
from gancli.data.texts.encodings import Text
from gancli.data.texts.paragraphs import Sentences

LARGEST = 2_000_000_000  # bytes of text
BEGINNING = 1_000_000  # bytes from which the kind of a text is recognized
PASSAGE, TEST_SHARE = 1000, 10  # sentences; the last tenth of them is for testing
LEAST = 100  # sentences
ENDINGS = (".txt", ".txt.gz")
PARTS = ("train", "validation", "test")


def accepts(name: str) -> bool:
    """Whether a file of this name is a text, compressed or not."""
    return name.lower().endswith(ENDINGS)


def part_of(name: str) -> str:
    """The part that a file's name, or else a folder in its path, says: train, validation or test; train by default."""
    for piece in PurePosixPath(name.lower()).parts[::-1]:
        if found := part_in(piece):
            return found
    return "train"


def beginning(file: SourceFile) -> list[str]:
    """The first lines of a text, none if it cannot be read."""
    try:
        return encodings.decode(_read(file, BEGINNING)).text.splitlines()[:-1]
    except (DataError, ValueError):
        try:  # a letter may be cut in two
            return encodings.decode(_read(file, BEGINNING).rpartition(b"\n")[0]).text.splitlines()
        except (DataError, ValueError):
            return []


def read_text(file: SourceFile) -> Text:
    """The whole text. Raises: DataError for a file that is damaged or too large, or is no text."""
    content = _read(file, LARGEST + 1)
    if len(content) > LARGEST:
        raise DataError(f"{file.path or file.name} holds more than {LARGEST / 1e9:.0f} GB of text")
    try:
        return encodings.decode(content)
    except ValueError as error:
        raise DataError(f"{file.path or file.name} holds {error}") from error


def _read(file: SourceFile, most: int) -> bytes:
    try:
        with byte_files.unpacked(file) as stream:
            return stream.read(most)
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{file.path or file.name} is not a readable text file: {error}") from error


def source_of(
    path: Path,
    layout: str,
    files: Sequence[SourceFile],
    convert: Callable[[str], Sentences],
    remarks: Sequence[Remark] = (),
) -> DataSource:
    """The sentences of texts, each file in its part, as a data source.

    convert: makes a text its sentences. Raises: DataError.
    """
    texts = {file.name: read_text(file) for file in files}
    found = {name: convert(text.text) for name, text in texts.items()}
    parts: dict[str, list[str]] = {}
    for name, one in found.items():
        parts.setdefault(part_of(name) if len(files) > 1 else "train", []).extend([*one.lines, ""])
    told = [*encodings.remarks_on(texts.items()), *_remarks(list(found.values())), *remarks]
    dataset = to_dataset(path, parts, tuple(told))
    counts = {"train": len(dataset) - dataset.validation, "validation": dataset.validation}
    counts["test"] = len(dataset.test["sentence"])
    return DataSource(path, (layout,), counts, tuple(dataset.train), lambda request: dataset, remarks=dataset.remarks)


def _remarks(found: Sequence[Sentences]) -> list[Remark]:
    remarks = []
    if paragraphs := sum(one.paragraphs for one in found):
        count = sum(sum(map(bool, one.lines)) for one in found)
        remarks.append(guessed(f"{paragraphs:,} paragraphs are split into {count:,} sentences by their punctuation"))
    if headings := sum(one.headings for one in found):
        remarks.append(left_out(f"{headings:,} headings are left out", matters=False))
    if dropped := sum(one.license for one in found):
        text = f"{dropped:,} lines of Project Gutenberg's header and license are left out"
        remarks.append(left_out(text, matters=False))
    return remarks


def to_dataset(path: Path, parts: Mapping[str, Sequence[str]], remarks: tuple[Remark, ...]) -> Dataset:
    """Sentences with their lines. parts: lines by part, with an empty one between texts; without a test part the last
    tenth of each passage is one. Raises: DataError for too few sentences."""
    lines = [*parts.get("train", ()), ""]
    start = len(lines)
    lines += parts.get("validation", ())
    numbers = np.array([number for number, line in enumerate(lines) if line], np.int32)
    texts = np.array(lines, object)
    validation = int((numbers >= start).sum())
    if len(numbers) - validation < LEAST:
        raise DataError(f"{path} holds {len(numbers) - validation} sentences, one a line; {LEAST} or more are needed")
    if any(parts.get("test", ())):
        others = np.array(parts["test"], object)
        rows = np.array([number for number, line in enumerate(others) if line], np.int32)
        test = {"sentence": others[rows], "line": rows}
    else:
        passage = min(PASSAGE, len(numbers) - validation)
        is_test = np.arange(len(numbers)) % passage >= passage - passage // TEST_SHARE
        is_test[len(numbers) - validation :] = False
        rows, numbers = numbers[is_test], numbers[~is_test]
        test = {"sentence": texts[rows], "line": rows}
    train = {"sentence": texts[numbers], "line": numbers}
    if not all((np.diff(part["line"]) == 1).any() for part in (train, test)):
        raise DataError(f"in {path} no sentence follows another: an empty line stands between texts, not sentences")
    name = path.name.removesuffix(path.suffix).removesuffix(".txt")
    return Dataset(name, train, test, source=str(path), remarks=remarks, validation=validation)
