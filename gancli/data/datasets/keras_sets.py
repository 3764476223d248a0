"""Keras' image sets: from a file in the data folder, else from Keras' cache or download."""

from __future__ import annotations

import contextlib
import hashlib
import importlib
import io
import os
import socket
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from gancli.core import input_files
from gancli.core.backend import np, start
from gancli.core.errors import DataError, first_line
from gancli.data.catalog import search
from gancli.data.dataset import Dataset
from gancli.data.formats import npz
from gancli.data.formats.arrays import from_arrays
from gancli.data.remarks import guessed
from gancli.data.request import Request

PATIENCE = 30.0  # seconds without a byte before a download fails; Keras itself waits forever
KEYS = ("x_train", "y_train", "x_test", "y_test")


def keras_set(name: str, request: Request, *, classes: tuple[str, ...], published: str = "") -> Dataset:
    """One of Keras' image sets: `NAME.npz` in the data folder first, then the files of its authors there, then Keras'
    cache or download.

    published: SHA-256 of the bytes of the four arrays, for a data set that Keras does not verify; others get a remark.

    Raises: DataError that says where to put which file, if there is neither the file nor a network.
    """
    arrays = {"classes": np.array(classes)}
    path = Path(os.path.expanduser(request.data_dir), f"{name}.npz") if request.data_dir else None  # noqa: PTH111
    if path is not None and path.is_file():
        return from_arrays(name, npz.read(path) | arrays, request, source=str(path.resolve()))
    for found in (search.find_own(name, request.data_dir), search.find_own_elsewhere(name)):
        if found is not None and (dataset := _in_own_files(found, name, request, classes)):
            return dataset
    input_files.reads(Path(os.environ.get("KERAS_HOME") or "~/.keras").expanduser() / "datasets" / f"{name}.npz")
    (x_train, y_train), (x_test, y_test) = _download(name, path)
    loaded = dict(zip(KEYS, (x_train, y_train, x_test, y_test), strict=True))
    dataset = from_arrays(name, arrays | loaded, request, source="Keras")
    if published and _content(loaded) != published:
        text = f"Keras' cache (~/.keras/datasets) holds other images than those published as {name}"
        return replace(dataset, remarks=(guessed(text), *dataset.remarks))
    return dataset


def _in_own_files(found: search.Found, name: str, request: Request, classes: tuple[str, ...]) -> Dataset | None:
    """The data set from the files of its authors, or of TensorFlow Datasets; None for files whose names are those of
    several data sets, if they are another one's."""
    from gancli.data.catalog import opening

    source = opening.recognize(found.path, request, only=found.only)
    if found.only and source.classes != classes and (source.classes or name != "mnist"):  # the names are MNIST's first
        return None
    dataset = source.load(request)
    remark = guessed(f"'{name}' is read from {found.path}", matters=False)
    return replace(dataset, name=name, remarks=(remark, *dataset.remarks))


def _content(arrays: Mapping[str, np.ndarray]) -> str:
    """SHA-256 of the bytes of the four arrays."""
    digest = hashlib.sha256()
    for key in KEYS:
        digest.update(np.ascontiguousarray(arrays[key]).tobytes())
    return digest.hexdigest()


def _download(name: str, path: Path | None) -> tuple:
    start()  # configures TensorFlow before the module below imports it
    try:
        with contextlib.redirect_stdout(io.StringIO()), _patience():
            return importlib.import_module(f"keras.datasets.{name}").load_data()
    except Exception as error:  # Keras raises a bare Exception where the network refuses
        wanted = path or f"DIR/{name}.npz"
        where = "" if path else ", and give --data-dir DIR or set GANCLI_DATA=DIR"
        raise DataError(
            f"'{name}' cannot be loaded from Keras' cache or downloaded ({first_line(error)}): put the file {wanted} "
            f"in place (arrays {', '.join(KEYS)}){where}; --data digits needs no download. A file that a killed "
            "download has cut short must be deleted from ~/.keras/datasets"
        ) from error


@contextlib.contextmanager
def _patience() -> Iterator[None]:
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(PATIENCE)
    try:
        yield
    finally:
        socket.setdefaulttimeout(before)
