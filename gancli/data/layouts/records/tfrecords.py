"""TFRecords of pictures: folders of TensorFlow Datasets, and other files of tf.train.Example."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterator, Mapping, Sequence

from gancli.core import files
from gancli.core.backend import np
from gancli.core.errors import DataError
from gancli.data.containers.source_files import SourceFile, SourceFiles
from gancli.data.data_source import DataSource
from gancli.data.formats import unpacking
from gancli.data.formats.unpacking import Bytes
from gancli.data.records import example_columns, examples, shard_names, tfrecord
from gancli.data.records.example_columns import ExampleColumns
from gancli.data.records.examples import Feature
from gancli.data.records.record_set import RecordPart, RecordSet
from gancli.data.remarks import Remark, left_out, some

NAME = "TFRecords of pictures, also of TensorFlow Datasets"
EXAMPLE = "mnist/3.0.1/mnist-train.tfrecord-00000-of-00001 with features.json, label.labels.txt\ntrain-00000-of-00002"
BECOMES = "images with the labels, captions and attributes of each example; names of files say the splits"
ENDING = re.compile(r"\.tfrecords?($|[-.])")
SHARD = re.compile(r"[a-z]+-\d+-of-\d+")
OTHER_FORMATS = (".array_record", ".riegeli")
RESOLUTION = re.compile(r"-r(\d\d)\.tfrecords$")  # of ProGAN: powers of two


def recognize(entries: SourceFiles) -> DataSource | None:
    """The records of a folder or file without pictures beside them, by part. Raises: DataError."""
    if entries.pictures:
        return None
    shards = [file for file in entries.files if ENDING.search(file.base) or _is_bare_shard(file)]
    if not shards:
        _refuse_other_formats(entries)
        return None
    if any(file.path is None for file in shards):
        raise DataError(f"{entries.path} holds {shards[0].name} in an archive: unpack it first")
    shards, remarks = _largest(shards)
    by_name = {file.name: file for file in shards}
    parts, more = shard_names.by_split(sorted(by_name))
    reader = _Reader(entries)
    found = {part: reader.read([by_name[name] for name in names]) for part, names in parts.items()}
    classes, used = _class_names(entries, reader.columns)
    own = entries.named("features.json", "dataset_info.json")
    return RecordSet(
        found,
        classes,
        tuple(name.rpartition("/")[2] for name in reader.columns.attributes) if reader.columns else (),
        (*remarks, *more, *reader.remarks()),
        (*shards, *used, *own),
    ).as_source(entries, NAME)


def _is_bare_shard(file: SourceFile) -> bool:
    """Whether a file such as train-00000-of-01024 begins with a record."""
    if not SHARD.fullmatch(file.base) or file.path is None:
        return False
    with file.open() as stream:
        return tfrecord.is_record_file(stream.read(12))


def _refuse_other_formats(entries: SourceFiles) -> None:
    for ending in OTHER_FORMATS:
        if any(ending in file.base for file in entries.files):
            raise DataError(
                f"{entries.path} holds {ending} files, which are not read: prepare the data set with "
                "file_format='tfrecord'"
            )


def _largest(shards: list[SourceFile]) -> tuple[list[SourceFile], list[Remark]]:
    """Of ProGAN's files, which hold the same pictures in all sizes, those of the largest."""
    sides = {file.name: int(match[1]) for file in shards if (match := RESOLUTION.search(file.base))}
    if len(set(sides.values())) < 2:
        return shards, []
    most = max(sides.values())
    kept = [file for file in shards if sides.get(file.name, most) == most]
    return kept, [left_out(f"{len(shards) - len(kept):,} files hold the same pictures in smaller sizes than {2**most}")]


class _Reader:
    """Reads shards by the columns that the first record has."""

    def __init__(self, entries: SourceFiles) -> None:
        self.columns: ExampleColumns | None = None
        self._kinds = example_columns.described(entries)
        self._counts = _shard_lengths(entries)

    def remarks(self) -> Iterator[Remark]:
        """Remarks on features that are not read."""
        for names, matters in ((self.columns.further, True), (self.columns.unread, False)) if self.columns else ():
            if names:
                yield left_out(f"features that are not read: {some(list(names))}", matters=matters)

    def read(self, shards: Sequence[SourceFile]) -> RecordPart:
        """The pictures of shards. Raises: DataError for damage, and for fewer records than the description says."""
        pictures, labels, captions, attributes, maps = [], [], [], [], []
        for shard in shards:
            files.need_regular(shard.path)
            source, before = unpacking.open_bytes(shard.path), len(pictures)
            for number, record in enumerate(tfrecord.read(source, str(shard.path))):
                name = f"{shard.name}/{number}"
                try:
                    features = examples.parse(record.content)
                    self.columns = columns = self.columns or example_columns.choose(features, self._kinds, shard.name)
                    pictures.append(_picture(features, columns, source, record.offset, name))
                    maps += _map(features, columns.map, source, record.offset, f"{name} (map)")
                    labels.append(_label(features, columns.label))
                    captions.append(_texts(features.get(columns.caption or "")))
                    attributes.append([sum(_numbers(features.get(one))) > 0 for one in columns.attributes])
                except ValueError as error:
                    raise DataError(f"{name} is no tf.train.Example: {error}") from error
            source.release()
            expected = self._counts.get(shard.base, len(pictures) - before)
            if len(pictures) - before != expected:
                raise DataError(
                    f"{shard.path} holds {len(pictures) - before:,} records, and dataset_info.json says {expected:,}: "
                    "download it again"
                )
        has_attributes = self.columns is not None and self.columns.attributes
        values = np.array(attributes, np.uint8) if has_attributes else None
        return RecordPart(pictures, labels, captions, values, maps)


def _shard_lengths(entries: SourceFiles) -> dict[str, int]:
    """The number of records of each shard by the `dataset_info.json` of TFDS, {} without one."""
    found = {}
    for file in entries.named("dataset_info.json")[:1]:
        try:
            info = json.loads(file.read())
            for split in info["splits"]:
                lengths = split["shardLengths"]
                for number, length in enumerate(lengths):
                    shard = f"{info['name']}-{split['name']}.tfrecord-{number:05}-of-{len(lengths):05}"
                    found[shard.lower()] = int(length)
        except (ValueError, KeyError, TypeError, RecursionError):
            return {}
    return found


def _class_names(entries: SourceFiles, columns: ExampleColumns | None) -> tuple[tuple[str, ...], list[SourceFile]]:
    """The names of the classes in TFDS' list for the feature of labels, and the lists of all features."""
    lists = [file for file in entries.texts if file.base.endswith(".labels.txt")]
    own = [file for file in lists if columns and file.base == f"{columns.label}.labels.txt".lower()]
    names = [line for file in own[:1] for line in file.read().decode("utf-8", "replace").splitlines()]
    return tuple(names), lists


def _picture(
    features: Mapping[str, Feature], columns: ExampleColumns, source: Bytes, offset: int, name: str
) -> SourceFile:
    feature = features.get(columns.image)
    spans = feature.spans() if feature else []
    if len(spans) != 1:
        raise DataError(f"{name}: {len(spans)} pictures in the feature '{columns.image}', expected one")
    start, end = spans[0]
    read = functools.partial(_read, source, offset + start, end - start, name)
    if columns.raw:
        shape = example_columns.shape_of(features) or (0, 0, 0)
        return SourceFile(name, lambda: example_columns.raw_picture(read(), shape, name))
    return SourceFile(name, read, end - start)


def _map(features: Mapping[str, Feature], key: str | None, source: Bytes, offset: int, name: str) -> list[SourceFile]:
    """The label map of a picture, [] without one."""
    spans = features[key].spans() if key in features else []
    return [
        SourceFile(name, functools.partial(_read, source, offset + start, end - start, name), end - start)
        for start, end in spans[:1]
    ]


def _read(source: Bytes, offset: int, size: int, name: str) -> bytes:
    try:
        content = source.read(offset, size)
    except OSError as error:
        raise DataError(f"{name}: {error.strerror or error}") from error
    if len(content) < size:
        raise DataError(f"{name} is cut short: the file has changed")
    return content


def _numbers(feature: Feature | None) -> list[int]:
    return feature.numbers() if feature else []


def _label(features: Mapping[str, Feature], name: str | None) -> int | str | None:
    feature = features.get(name or "")
    if feature is None:
        return None
    values = [*feature.numbers(), *(text.decode("utf-8", "replace") for text in feature.texts())]
    return values[0] if len(values) == 1 else None


def _texts(feature: Feature | None) -> list[str]:
    texts = [text.decode("utf-8", "replace").strip() for text in feature.texts()] if feature else []
    return [text for text in texts if text]
