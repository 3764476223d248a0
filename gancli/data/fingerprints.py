"""Fingerprints of data: SHA-256 of all values of each column, so that a change is detected and named.

A column on disk is hashed once: its digest is cached under the path, size, times and inode of its file, and is reused
as long as these are the same.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import math
import os
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from gancli.core import files
from gancli.core.backend import np
from gancli.core.cache import cache_folder
from gancli.core.errors import GancliError
from gancli.core.progress import track

if TYPE_CHECKING:
    import h5py

    from gancli.data.dataset import Dataset

FORMAT = 1
BLOCK = 1 << 24  # bytes at a time
SETTLED = 2_000_000_000  # nanoseconds: a file that was just changed may change again without a new time
OLD_IMAGES = 1024  # in the fingerprints of older versions
WORDS = {"image": "images", "label": "labels", "caption": "captions", "sentence": "sentences", "map": "label maps"}
WORDS |= {"other": "other images of the pairs", "point": "points", "size": "sizes", "line": "lines"}
NAMES = {"classes": "class names", "attributes": "names of attributes", "numbers": "numbers of classes"}
NAMES |= {"validation": "number of validation images"}


def of(dataset: Dataset) -> dict[str, str]:
    """The digest of each column, such as "train/image" and "test/label", and of existing names (NAMES)."""
    found = {}
    for split, columns in (("train", dataset.train), ("test", dataset.test)):
        found |= {f"{split}/{name}": _of_column(column) for name, column in columns.items()}
    names = {name: getattr(dataset, name) for name in NAMES}
    return found | {name: _hex(json.dumps(value).encode()) for name, value in names.items() if value}


def combined(digests: Mapping[str, str]) -> str:
    """One SHA-256 fingerprint, in hexadecimal digits, of the digests of all parts by name."""
    return _hex(json.dumps(sorted(digests.items())).encode())


def differences(before: Mapping[str, str], now: Mapping[str, str]) -> tuple[list[str], list[str]]:
    """What differs in the training data and in the test split, in words."""
    keys = [key for key in {**before, **now} if before.get(key) != now.get(key)]
    of_tests = [key for key in keys if key.startswith("test/")]
    return [_in_words(key) for key in keys if key not in of_tests], [_in_words(key) for key in of_tests]


def _in_words(key: str) -> str:
    split, _, name = key.rpartition("/")
    if not split:
        return NAMES.get(name, name)
    return f"{'training' if split == 'train' else 'test'} {WORDS.get(name, name)}"


def _hex(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _of_column(column: np.ndarray | h5py.Dataset) -> str:
    """SHA-256 of shape and values, the same in memory and on disk."""
    if isinstance(column, np.ndarray):
        return _digest(column)
    path = _path_of(column)
    stamp, rows = None if path is None else _stamp(path), getattr(column, "rows", None)
    if stamp is None:
        return _digest(column)
    which = "all" if rows is None else _hex(np.ascontiguousarray(rows).tobytes())
    cached = cache_folder() / "digests" / _hex(f"{FORMAT} {stamp} {column.shape} {column.dtype} {which}".encode())[:32]
    with contextlib.suppress(OSError, ValueError):
        text = files.read_regular(cached, most=hashlib.sha256().block_size * 2).decode("ascii")
        if len(bytes.fromhex(text)) == hashlib.sha256().digest_size:
            return text
    found = _digest(column)
    if stamp == _stamp(path) and time.time_ns() - max(stamp[2:4]) > SETTLED:
        with contextlib.suppress(GancliError):  # the cache is optional
            files.atomic_write(cached, found, is_own=True)
    return found


def _path_of(column: h5py.Dataset) -> Path | None:
    """The file that holds the whole column, or None if there is no single file."""
    file = getattr(getattr(column, "stored", column), "file", None)
    return None if file is None else Path(file.filename)


def _stamp(path: Path) -> tuple | None:
    try:
        status = os.stat(path)  # noqa: PTH116 (follows links, as the reader did)
    except OSError:
        return None
    return str(path.resolve()), status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino, status.st_dev


def _digest(column: np.ndarray | h5py.Dataset) -> str:
    kind = column.dtype.newbyteorder("<").str if column.dtype.kind not in "OU" else "text"
    digest = hashlib.sha256(f"{tuple(map(int, column.shape))} {kind}".encode())
    rows = max(1, BLOCK // max(1, column.dtype.itemsize * math.prod(column.shape[1:])))
    for start in track(range(0, len(column), rows), "checksum of the data"):
        part = column[start : start + rows]
        if kind == "text":
            texts = (str(text).encode("utf-8", "surrogatepass") for text in part.flat)
            digest.update(b"".join(len(text).to_bytes(8, "little") + text for text in texts))
        else:
            digest.update(np.ascontiguousarray(part, kind))
    return digest.hexdigest()


def of_older_version(dataset: Dataset, columns: Sequence[str] = ("line", "map", "other", "size")) -> str:
    """The fingerprint in runs of older versions: of shape, up to 1,024 evenly spaced images, and further columns."""
    items, train = dataset.items, dataset.train
    digest = hashlib.sha256(repr(tuple(items.shape)).encode())
    for index in np.linspace(0, len(items) - 1, min(len(items), OLD_IMAGES)).astype(int):
        item = items[index]
        digest.update(item.encode() if isinstance(item, str) else np.ascontiguousarray(item).tobytes())
    if "label" in train:
        digest.update(np.ascontiguousarray(train["label"]).tobytes())
    if "attributes" in train:
        digest.update(repr(dataset.attributes).encode() + np.ascontiguousarray(train["attributes"]).tobytes())
    for name in (name for name in columns if name in train):
        digest.update(train[name].tobytes())
    if "caption" in train:
        digest.update("\0".join(train["caption"].flat).encode("utf-8", "surrogatepass"))
    return digest.hexdigest()
