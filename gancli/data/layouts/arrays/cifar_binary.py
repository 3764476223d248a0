"""CIFAR-10 and CIFAR-100 in the binary version: rows of one or two labels and 3,072 bytes. Krizhevsky 2009."""

from __future__ import annotations

from collections.abc import Sequence

from gancli.core.backend import np
from gancli.core.errors import DataError
from gancli.data.array_set import ArrayColumn, ArraySet
from gancli.data.containers.source_files import SourceFile, SourceFiles
from gancli.data.data_source import DataSource
from gancli.data.formats import byte_files
from gancli.data.formats.published import cifar_files
from gancli.data.formats.published.cifar_files import SHAPE, CifarFiles
from gancli.data.labels import known_names
from gancli.data.remarks import Remark, guessed

NAME = "the binary version of CIFAR-10 and CIFAR-100"
EXAMPLE = "cifar-10-batches-bin/data_batch_1.bin\ncifar-10-batches-bin/test_batch.bin"
BECOMES = (
    "color images with labels and the names of classes; of CIFAR-100 the 100 fine labels, with PATH:coarse "
    "the 20 coarse ones"
)
SLOW = True
ORDER = 22
CHOICES = "coarse or fine labels of CIFAR-100"
MOST_NAMES = 1_000_000  # bytes of a file of class names


def recognize(entries: SourceFiles, choice: str = "") -> DataSource | None:
    """The batches of a folder or archive, or the one that is given. Raises: DataError.

    choice: "coarse" for CIFAR-100's 20 coarse labels.
    """
    found = cifar_files.find(entries, ending=".bin")
    if found is None:
        return None
    kind = cifar_files.kind_of_labels(found, choice, entries.path)
    parts = {part: _Rows(files, kind).columns() for part, files in found.parts.items()}
    names, remarks = _class_names(found, kind)
    used = [file for files in found.parts.values() for file in files]
    remarks = (*remarks, *cifar_files.label_remarks(kind), *found.remarks, *byte_files.unread(entries, used))
    return ArraySet(parts, names, remarks=remarks).as_source(entries.path, NAME)


class _Rows:
    """The rows of some files: labels first, then the planes of red, green and blue."""

    def __init__(self, files: Sequence[SourceFile], kind: str) -> None:
        self.files, self.kind = files, kind
        self.labels = 1 if kind == "labels" else 2  # in a row: the coarse one and the fine one
        self.width = self.labels + 3072
        what = "rows of a label and 3,072 bytes" if self.labels == 1 else "rows of two labels and 3,072 bytes"
        self.counts = [byte_files.count_rows(file, self.width, what) for file in files]
        self.found: np.ndarray | None = None

    def columns(self) -> dict[str, ArrayColumn]:
        """The images and labels, not read yet."""
        count, first = sum(self.counts), self.files[0].name
        name = first if len(self.files) == 1 else f"{first} and {len(self.files) - 1} more"
        return {
            "image": ArrayColumn(name, (count, *SHAPE), np.dtype(np.uint8), self.read_images),
            "label": ArrayColumn(f"{name}: {self.kind}", (count,), np.dtype(np.uint8), self.read_labels),
        }

    def read_images(self) -> np.ndarray:
        """Pixels uint8 (count, 32, 32, 3); the labels are kept, so that the files are read once."""
        images, labels, at = np.empty((sum(self.counts), *SHAPE), np.uint8), [], 0
        for file, count in zip(self.files, self.counts, strict=True):
            rows = np.empty((count, self.width), np.uint8)
            with byte_files.opened(file) as stream:
                byte_files.read_into(stream, rows, file.name)
                byte_files.need_end(stream, file.name)
            images[at : at + count] = rows[:, self.labels :].reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1)
            labels.append(rows[:, 0 if self.kind == "coarse_labels" else self.labels - 1].copy())
            at += count
        self.found = np.concatenate(labels)
        return images

    def read_labels(self) -> np.ndarray:
        """Labels uint8 (count,)."""
        if self.found is None:
            self.read_images()
        return self.found


def _class_names(found: CifarFiles, kind: str) -> tuple[tuple[str, ...], list[Remark]]:
    """The names in the text files; without them those of CIFAR-10, or none."""
    wanted = {"fine_labels": "fine_label_names.txt", "coarse_labels": "coarse_label_names.txt"}.get(kind)
    for file in found.names:
        if wanted in (None, file.base):
            text = byte_files.read_all(file, MOST_NAMES).decode("utf-8", "replace")
            names = tuple(line.strip() for line in text.splitlines() if line.strip())
            if not names:
                raise DataError(f"{file.name} holds no names of classes")
            return names, []
    if kind != "labels":
        return (), []
    return known_names.CIFAR10, [
        guessed("there is no batches.meta.txt: the classes have the names of CIFAR-10's", matters=False)
    ]
