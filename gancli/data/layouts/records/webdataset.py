"""WebDataset: tar archives whose files belong together by their names up to the first dot."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import NamedTuple

from gancli.core.errors import DataError
from gancli.data.containers import tar_file
from gancli.data.containers.source_files import SUFFIXES, SourceFile, SourceFiles
from gancli.data.data_source import DataSource
from gancli.data.records import shard_names
from gancli.data.records.record_set import RecordPart, RecordSet
from gancli.data.remarks import left_out, some

NAME = "shards of WebDataset (tar)"
EXAMPLE = "train-000000.tar with 000001.jpg, 000001.cls, 000001.txt\nval-000000.tar"
BECOMES = "images with labels (.cls) and captions (.txt), or both from .json; names of shards say the splits"
LABELS, CAPTIONS = ("cls", "cls.txt", "label", "class"), ("txt", "caption", "text")
LABEL_KEYS, CAPTION_KEYS = ("label", "cls", "class", "class_id"), ("caption", "text", "captions")
_ENDINGS = tuple(f".{ending}" for ending in (*LABELS, "json"))
SHARD = re.compile(r".*?([0-9]{2,})")  # the number at the end of a shard's name
SPARSE = 10  # times the number of shards: larger numbers count something else, such as the classes of ImageNet
LARGEST = 1_000_000  # bytes of a label, a caption or a JSON file


class Sample(NamedTuple):
    """The picture of a sample, its name without endings, its other files by ending, and its shard ("" without)."""

    picture: SourceFile
    name: str
    others: dict[str, SourceFile]
    shard: str


def recognize(entries: SourceFiles) -> DataSource | None:
    """Samples with labels or captions of their own, or shards by name; None for other archives.

    Raises: DataError for labels that are none.
    """
    if not entries.pictures or not (_is_tar(entries) or entries.archives):
        return None
    shards = list(entries.archives)
    if not shards and not any(file.name.lower().endswith(_ENDINGS) for file in entries.files):
        return None
    samples, further = _samples(entries, shards)
    has_labels = any(ending in LABELS for sample in samples for ending in sample.others)
    has_labels = has_labels or _json_says_something(samples)
    has_folders = any("/" in sample.name.removeprefix(f"{sample.shard}/") for sample in samples)
    if not has_labels and (has_folders or not _are_numbered(shards)):
        return None  # folders of classes, or pictures with texts beside them
    remarks = (
        [left_out(f"{len(further):,} further pictures of samples are not read: {some(further)}")] if further else []
    )
    parts, more = shard_names.by_split(shards) if shards else ({"train": [""]}, [])
    found, used = {}, []
    for part, names in parts.items():
        chosen = [sample for sample in samples if sample.shard in names]
        found[part] = _part(chosen)
        used += [file for sample in chosen for file in sample.others.values()]
    lost = len(samples) - sum(len(part.files) for part in found.values())
    remarks += [left_out(f"{lost:,} pictures are in no shard of a split")] if lost else []
    return RecordSet(found, remarks=(*remarks, *more), used=tuple(used)).as_source(entries, NAME)


def _json_says_something(samples: Sequence[Sample]) -> bool:
    """Whether the first JSON file of a sample has a label or caption, unlike those of polygons."""
    first = next((sample for sample in samples if "json" in sample.others), None)
    return first is not None and not _json(first).keys().isdisjoint((*LABEL_KEYS, *CAPTION_KEYS))


def _are_numbered(shards: Sequence[str]) -> bool:
    """Whether these are shards by their names: 00000, train-000001."""
    numbers = [SHARD.fullmatch(PurePosixPath(shard).name) for shard in shards]
    return bool(shards) and all(numbers) and max(int(found[1]) for found in numbers) <= SPARSE * len(shards)


def _is_tar(entries: SourceFiles) -> bool:
    return entries.kind == "archive" and tar_file.accepts(entries.path)


def _samples(entries: SourceFiles, shards: list[str]) -> tuple[list[Sample], list[str]]:
    """All samples with a picture, in order, and the names of second pictures of samples."""
    groups: dict[str, dict[str, SourceFile]] = {}
    for file in entries.files:
        folder, slash, base = file.name.rpartition("/")
        stem, _, ending = base.partition(".")
        groups.setdefault(f"{folder}{slash}{stem}", {})[ending.lower()] = file
    found, further, known = [], [], sorted(shards, key=len, reverse=True)
    for name, files in groups.items():
        pictures = [ending for ending in files if f".{ending.rpartition('.')[2]}" in SUFFIXES]
        if pictures:
            first = min(pictures, key=lambda ending: (ending.count("."), pictures.index(ending)))
            further += [files[ending].name for ending in pictures if ending != first]
            others = {ending: file for ending, file in files.items() if ending not in pictures}
            shard = next((shard for shard in known if name.startswith(f"{shard}/")), "")
            found.append(Sample(files[first], name, others, shard))
    return found, further


def _part(samples: list[Sample]) -> RecordPart:
    tables = [_json(sample) for sample in samples]
    labels = [_label(sample, table) for sample, table in zip(samples, tables, strict=True)]
    captions = [_captions(sample, table) for sample, table in zip(samples, tables, strict=True)]
    return RecordPart(
        [sample.picture for sample in samples],
        labels if any(one is not None for one in labels) else (),
        captions if any(captions) else (),
    )


def _text(file: SourceFile) -> str:
    if (file.size or 0) > LARGEST:
        raise DataError(f"{file.name}: {file.size / 1e6:,.0f} MB are no label or caption of one picture")
    return file.read().decode("utf-8-sig", "replace").strip()


def _json(sample: Sample) -> dict[str, object]:
    file = sample.others.get("json")
    if file is None:
        return {}
    try:
        table = json.loads(_text(file))
    except (ValueError, RecursionError) as error:
        raise DataError(f"{file.name} is no JSON: {error}") from error
    return table if isinstance(table, dict) else {}


def _label(sample: Sample, table: dict[str, object]) -> int | str | None:
    file = next((sample.others[ending] for ending in LABELS if ending in sample.others), None)
    value = _text(file) if file else next((table[key] for key in LABEL_KEYS if key in table), None)
    if isinstance(value, str):
        value = value.strip()
        return int(value) if value.isascii() and value.isdecimal() and len(value) < 10 else value or None
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _captions(sample: Sample, table: dict[str, object]) -> list[str]:
    file = next((sample.others[ending] for ending in CAPTIONS if ending in sample.others), None)
    value = _text(file).splitlines() if file else next((table[key] for key in CAPTION_KEYS if key in table), None)
    lines = [value] if isinstance(value, str) else value if isinstance(value, list) else []
    return [line.strip() for line in lines if isinstance(line, str) and line.strip()]
