"""CSV files with a row of pixels for each image: MNIST, Fashion-MNIST, Sign Language MNIST, FER2013, EMNIST."""

from __future__ import annotations

from pathlib import PurePosixPath

from gancli.data.array_files import axes, roles
from gancli.data.array_files.axes import Layout
from gancli.data.array_files.csv_files import columns as csv_columns
from gancli.data.array_files.csv_files.table import CsvTable
from gancli.data.array_files.key_words import part_of
from gancli.data.array_set import ArrayColumn
from gancli.data.containers.source_files import SourceFile, SourceFiles
from gancli.data.data_source import DataSource
from gancli.data.remarks import Remark, guessed, left_out

NAME = "a .csv file with a row of pixels for each image"
EXAMPLE = (
    "train.csv with label, pixel0, pixel1, …; test.csv without label (Kaggle)\n"
    "fer2013.csv with emotion, pixels, Usage\nemnist-letters-train.csv without a header"
)
BECOMES = "images with labels; names of files, or the column Usage, say the splits"
SLOW = True
ENDINGS = (".csv", ".csv.gz", ".tsv")
MOST_FILES = 50


def recognize(entries: SourceFiles) -> DataSource | None:
    """The images of CSV files of pixels; None for tables of anything else, and beside pictures. Raises: DataError."""
    files = [file for file in entries.others if file.base.endswith(ENDINGS)]
    if not files or (entries.kind != "file" and entries.pictures) or len(files) > MOST_FILES:
        return None
    found = {file.name: columns for file in files if (columns := csv_columns.of(file)) is not None}
    chosen = [file for file in files if file.name in found]
    if not chosen:
        return None
    parts = {file.name: part_of(_stem(file)) or "train" for file in chosen}
    if entries.kind == "file":
        parts = dict.fromkeys(parts, "train")
    chosen, remarks = _of_one_set(chosen, parts)
    tables = [CsvTable(file, found[file.name], parts[file.name]) for file in chosen]
    remarks += [remark for table in tables for remark in table.remarks()]
    images, labels = _joined(tables)
    if "train" not in images:
        part, column = next(iter(images.items()))
        remarks.append(guessed(f"{column.name}: there are no other images, so these are for training"))
        images["train"] = images.pop(part)
        labels |= {"train": labels.pop(part)} if part in labels else {}
    arranged, told = {}, {}
    layout = Layout(interleaved=True, is_mirrored=chosen[0].base.startswith("emnist"))
    for part, column in images.items():
        arranged[part], told[column.name] = axes.arranged(column, name=str(entries.path), layout=layout)
    remarks += axes.named(told)
    labels = labels if "train" in labels else {}
    return roles.with_labels(arranged, labels, tables[0].classes, remarks=remarks).as_source(entries.path, NAME)


def _stem(file: SourceFile) -> str:
    return PurePosixPath(file.name).name.lower().removesuffix(".gz").rpartition(".")[0]


def _of_one_set(files: list[SourceFile], parts: dict[str, str]) -> tuple[list[SourceFile], list[Remark]]:
    """One file for each part: of several sets the first, as in Kaggle's EMNIST."""
    groups: dict[str, list[SourceFile]] = {}
    for file in files:
        taken = {parts[one.name] for one in groups.get("", [])}
        key = "" if parts[file.name] not in taken else file.name
        groups.setdefault(key, []).append(file)
    if len(groups) == 1:
        return files, []
    sets: dict[str, list[SourceFile]] = {}
    for file in files:
        sets.setdefault(_set_of(file), []).append(file)
    chosen = next(iter(sets.values()))
    others = [file.name for file in files if file not in chosen]
    return chosen, [left_out(f"{', '.join(others)}: {', '.join(file.name for file in chosen)} is used")]


def _set_of(file: SourceFile) -> str:
    """The name without the words for a part."""
    words = [word for word in _stem(file).replace("_", "-").split("-") if not part_of(word)]
    return "-".join(words)


def _joined(tables: list[CsvTable]) -> tuple[dict[str, ArrayColumn], dict[str, ArrayColumn]]:
    """Images and labels by part."""
    images: dict[str, ArrayColumn] = {}
    labels: dict[str, ArrayColumn] = {}
    for table in tables:
        for part, columns in table.parts().items():
            if part not in images:
                images[part] = columns["image"]
                labels |= {part: columns["label"]} if "label" in columns else {}
    return images, labels
