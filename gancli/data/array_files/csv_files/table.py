"""CSV files with a row of pixels for each image: labels in a column, splits in a column `Usage`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import partial

from gancli.core.backend import np
from gancli.core.errors import DataError
from gancli.data.array_files.csv_files import numbers
from gancli.data.array_files.csv_files.columns import USAGE, CsvColumns
from gancli.data.array_set import ArrayColumn
from gancli.data.containers.source_files import SourceFile
from gancli.data.remarks import Remark, guessed, left_out, some

USAGES = {"training": "train", "publictest": "validation", "privatetest": "test"}  # FER2013
EMOTIONS = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")  # as its description numbers them


class CsvTable:
    """A CSV file of pixels, parsed once for all its columns."""

    def __init__(self, file: SourceFile, columns: CsvColumns, part: str = "train") -> None:
        self.file, self.columns = file, columns
        self.name = str(file.path or file.name)
        self._labels: dict[str, np.ndarray] = {}
        self._images: dict[str, np.ndarray] = {}
        self.counts = self._count(part)

    def parts(self) -> dict[str, dict[str, ArrayColumn]]:
        """The columns `image` (count, pixels) and `label` by part, not read yet."""
        pixels, found = self.columns.pixels[1], {}
        base = self.file.base
        for part, count in self.counts.items():
            read = partial(self._read, "image", part)
            found[part] = {"image": ArrayColumn(base, (count, pixels), np.dtype(np.uint8), read)}
            if self.columns.label is not None:
                dtype = np.dtype("U" if self.columns.is_text else np.int64)
                label = ArrayColumn(f"{base}: label", (count,), dtype, partial(self._read, "label", part))
                found[part]["label"] = label
        return found

    @property
    def classes(self) -> tuple[str, ...]:
        """FER2013's seven emotions, which it numbers."""
        return EMOTIONS if self.columns.usage is not None and not self.columns.is_text else ()

    def remarks(self) -> Iterator[Remark]:
        """Remarks on columns that are not used, and on splits."""
        if self.columns.others:
            yield left_out(f"{self.file.base}: columns not used: {some(self.columns.others)}", matters=False)
        if self.columns.usage is not None:
            yield guessed(
                "Usage: PublicTest is read as the validation split, PrivateTest as the test split", matters=False
            )
        if not self.columns.has_header and self.columns.label is not None:
            yield guessed(f"{self.file.base} has no header: the first column is read as the label", matters=False)

    def _blocks(self) -> Iterator[bytes]:
        """Blocks of whole rows, without the header."""
        is_first = self.columns.has_header
        for block in numbers.blocks(self.file):
            rows = block.partition(b"\n")[2] if is_first else block
            is_first = False
            if rows:
                yield rows

    def _count(self, part: str) -> dict[str, int]:
        """The number of images by part. Raises: DataError if there are none, or for an unknown split."""
        if self.columns.usage is None:
            counts = {part: sum(block.count(b"\n") for block in self._blocks())}
        else:
            counts = dict(
                Counter(USAGES.get(usage, usage) for block in self._blocks() for usage in self._usages(block))
            )
        unknown = counts.keys() - USAGES.values()
        if unknown:
            raise DataError(f"{self.name}: {USAGE} '{min(unknown)}'; expected Training, PublicTest or PrivateTest")
        if not any(counts.values()):
            raise DataError(f"{self.name} holds no rows of pixels")
        return {one: counts[one] for one in ("train", "validation", "test") if counts.get(one)}

    def _usages(self, block: bytes) -> list[str]:
        return [cells[self.columns.usage].strip().lower() for cells in self._cells(block)]

    def _cells(self, block: bytes) -> Iterator[list[str]]:
        """The cells of each row. Raises: DataError for rows of another length."""
        for line in block.decode("ascii", "replace").splitlines():
            cells = [cell.strip('"') for cell in line.split(self.columns.delimiter)]
            if len(cells) != self.columns.count:
                raise DataError(f"{self.name}: a row of {len(cells)} cells; expected {self.columns.count}")
            yield cells

    def _read(self, what: str, part: str) -> np.ndarray:
        if part not in (self._images if what == "image" else self._labels):
            self._parse()
        return self._images.pop(part) if what == "image" else self._labels[part]

    def _parse(self) -> None:
        """Read all rows. Raises: DataError for what is no number."""
        pixels: dict[str, list[np.ndarray]] = {part: [] for part in self.counts}
        labels: dict[str, list[np.ndarray]] = {part: [] for part in self.counts}
        for block in self._blocks():
            images, found, parts = self._packed(block) if self.columns.is_packed else self._wide(block)
            for part in self.counts:
                rows = slice(None) if parts is None else parts == part
                pixels[part].append(_narrowed(images[rows]))
                if found is not None:
                    labels[part].append(found[rows])
        self._images = {part: np.concatenate(found) for part, found in pixels.items()}
        self._labels = {part: np.concatenate(found) for part, found in labels.items() if found}

    def _wide(self, block: bytes) -> tuple[np.ndarray, np.ndarray | None, None]:
        columns, (start, count), label = self.columns, self.columns.pixels, self.columns.label
        texts = None
        if columns.is_text:
            cut = bytes.partition if label == 0 else bytes.rpartition
            delimiter = columns.delimiter.encode()
            pieces = [cut(line, delimiter) for line in block.splitlines()]
            texts = np.array(
                [piece[0 if label == 0 else 2].strip(b'" ').decode("utf-8", "replace") for piece in pieces]
            )
            block = b"".join(piece[2 if label == 0 else 0] + b"\n" for piece in pieces)
            start -= label == 0
        values = numbers.parse(block, columns.delimiter, columns.count - columns.is_text, name=self.name)
        if texts is None and label is not None:
            texts = values[:, label]
        return values[:, start : start + count], texts, None

    def _packed(self, block: bytes) -> tuple[np.ndarray, np.ndarray | None, np.ndarray | None]:
        columns, (at, count) = self.columns, self.columns.pixels
        rows = list(self._cells(block))
        text = "".join(f"{cells[at].strip()}\n" for cells in rows).encode("ascii", "replace")
        values = numbers.parse(text, " ", count, name=self.name)
        parts = None if columns.usage is None else np.array([USAGES[one] for one in self._usages(block)])
        if columns.label is None:
            return values, None, parts
        labels = [cells[columns.label].strip() for cells in rows]
        if columns.is_text:
            return values, np.array(labels), parts
        lines = "".join(f"{label}\n" for label in labels).encode("ascii", "replace")
        return values, numbers.parse(lines, ",", 1, name=f"{self.name}: labels")[:, 0], parts


def _narrowed(values: np.ndarray) -> np.ndarray:
    """Numbers in less memory: bytes if they fit, else float32 or int32."""
    if values.dtype.kind == "f":
        return values.astype(np.float32)
    if values.min(initial=0) < 0:
        return values.astype(np.int32)
    return values.astype(np.uint8 if values.max(initial=0) <= np.iinfo(np.uint8).max else np.int32)
