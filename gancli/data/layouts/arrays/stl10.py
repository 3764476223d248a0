"""STL-10's binary files: images in planes and columns, labels from 1 to 10. Coates, Ng & Lee 2011."""

from __future__ import annotations

from functools import partial

from gancli.core.backend import np
from gancli.core.errors import DataError
from gancli.data.array_set import ArrayColumn, ArraySet
from gancli.data.containers.source_files import SourceFile, SourceFiles
from gancli.data.data_source import DataSource
from gancli.data.formats import byte_files
from gancli.data.labels import known_names
from gancli.data.remarks import Remark, guessed, left_out

NAME = "STL-10's binary files"
EXAMPLE = "stl10_binary/train_X.bin\nstl10_binary/train_y.bin\nstl10_binary/test_X.bin\nstl10_binary/class_names.txt"
BECOMES = "color images of 96x96 with labels and the names of classes; with PATH:unlabeled the images without labels"
SLOW = True
ORDER = 23
CHOICES = "STL-10's unlabeled images"
SIDE = 96
PIXELS = 3 * SIDE * SIDE
UNLABELED = "unlabeled"
FILES = ("train_x.bin", "test_x.bin", "unlabeled_x.bin", "train_y.bin", "test_y.bin")  # in lower case
MOST_NAMES = 100_000  # bytes of class_names.txt


def recognize(entries: SourceFiles, choice: str = "") -> DataSource | None:
    """The files of a folder or archive, or the one that is given and its labels. Raises: DataError.

    choice: "unlabeled" for the images without labels.
    """
    given = [file for file in entries.others if file.name.lower().endswith(("_x.bin", "_y.bin")) and file.base in FILES]
    if not given or (entries.kind != "file" and not any(file.base.endswith("_x.bin") for file in given)):
        return None
    files = {file.base: file for file in byte_files.with_siblings(entries)}
    present = [part for part in ("train", "test", UNLABELED) if f"{part}_x.bin" in files]
    if choice and (choice != UNLABELED or UNLABELED not in present):
        raise DataError(f"{entries.path} has no images '{choice}': STL-10 has unlabeled ones in unlabeled_X.bin")
    alone = given[0].base.split("_")[0] if entries.kind == "file" else ""
    wanted = (
        [UNLABELED] if choice else [alone] if alone in ("test", UNLABELED) else [p for p in present if p != UNLABELED]
    )
    wanted = wanted or present
    parts = {part: _columns(part, files) for part in wanted if part in present}
    remarks = _remarks(present, parts, files)
    if not parts:
        raise DataError(f"{entries.path}: there is no {wanted[0]}_X.bin beside it")
    if "train" not in parts:
        parts = {"train": parts.pop(wanted[0])}
        if wanted == ["test"]:
            remarks.append(guessed("only the test images are read: they are used as training images"))
    used = [file for name, file in files.items() if name.endswith((".bin", "fold_indices.txt"))]
    classes = _class_names(files) if "label" in parts["train"] else ()
    return ArraySet(parts, classes, remarks=(*remarks, *byte_files.unread(entries, used))).as_source(entries.path, NAME)


def _columns(part: str, files: dict[str, SourceFile]) -> dict[str, ArrayColumn]:
    """The images of a part and its labels. Raises: DataError if their numbers differ."""
    images, labels = files[f"{part}_x.bin"], files.get(f"{part}_y.bin")
    count = byte_files.count_rows(images, PIXELS, "color images of 96x96")
    columns = {
        "image": ArrayColumn(images.name, (count, SIDE, SIDE, 3), np.dtype(np.uint8), partial(_images, images, count))
    }
    if labels is not None:
        known = byte_files.count_rows(labels, 1, "labels")
        if known != count:
            raise DataError(f"{labels.name} has {known:,} labels for the {count:,} images of {images.name}")
        columns["label"] = ArrayColumn(labels.name, (count,), np.dtype(np.int64), partial(_labels, labels, count))
    return columns


def _images(file: SourceFile, count: int) -> np.ndarray:
    """Images whose pixels follow each other down the columns of each color, as uint8 (count, 96, 96, 3)."""
    images = np.empty((count, SIDE, SIDE, 3), np.uint8)
    with byte_files.opened(file) as stream:
        for start in range(0, count, 1000):
            part = images[start : start + 1000]
            values = np.empty((len(part), 3, SIDE, SIDE), np.uint8)
            byte_files.read_into(stream, values, file.name)
            part[:] = values.transpose(0, 3, 2, 1)
        byte_files.need_end(stream, file.name)
    return images


def _labels(file: SourceFile, count: int) -> np.ndarray:
    """Labels from 0 on, int64 (count,). Raises: DataError for others than 1 to 10."""
    values = np.empty(count, np.uint8)
    with byte_files.opened(file) as stream:
        byte_files.read_into(stream, values, file.name)
        byte_files.need_end(stream, file.name)
    if values.min() < 1 or values.max() > len(known_names.STL10):
        raise DataError(f"{file.name} has labels from {values.min()} to {values.max()}; expected 1 to 10")
    return values.astype(np.int64) - 1


def _class_names(files: dict[str, SourceFile]) -> tuple[str, ...]:
    file = files.get("class_names.txt")
    if file is None:
        return known_names.STL10
    names = tuple(byte_files.read_all(file, MOST_NAMES).decode("utf-8", "replace").split())
    if len(names) != len(known_names.STL10):
        raise DataError(f"{file.name} holds {len(names)} names of classes; expected {len(known_names.STL10)}")
    return names


def _remarks(present: list[str], parts: dict, files: dict[str, SourceFile]) -> list[Remark]:
    """A remark on images that are there and not read."""
    remarks = []
    for part in present:
        if part not in parts:
            count = byte_files.count_rows(files[f"{part}_x.bin"], PIXELS, "color images of 96x96")
            how = "; ':unlabeled' behind the name or path reads them" if part == UNLABELED else ""
            remarks.append(left_out(f"{count:,} images of {part}_X.bin are not read{how}"))
    return remarks
