"""Keras' image sets: from a file in the data folder, else from Keras' cache or download."""

from __future__ import annotations

import contextlib
import importlib
import io
import os
from pathlib import Path

import numpy as np

from gancli.backend import start
from gancli.data import npz
from gancli.data.arrays import from_arrays
from gancli.data.dataset import Dataset, Request
from gancli.errors import DataError, first_line


def keras_set(name: str, request: Request, *, classes: tuple[str, ...]) -> Dataset:
    """One of Keras' image sets: `NAME.npz` in the data folder first, then Keras' cache or download.

    Raises: DataError that says where to put which file, if there is neither the file nor a network.
    """
    arrays = {"classes": np.array(classes)}
    path = Path(os.path.expanduser(request.data_dir), f"{name}.npz") if request.data_dir else None  # noqa: PTH111
    if path is not None and path.is_file():
        return from_arrays(name, npz.read(path) | arrays, request, source=str(path.resolve()))
    (x_train, y_train), (x_test, y_test) = _download(name, path)
    arrays |= {"x_train": x_train, "y_train": y_train, "x_test": x_test, "y_test": y_test}
    return from_arrays(name, arrays, request, source="Keras")


def _download(name: str, path: Path | None) -> tuple:
    start()  # our TensorFlow, before the module below would import it as it is
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            return importlib.import_module(f"keras.datasets.{name}").load_data()
    except Exception as error:  # Keras raises a bare Exception where the network refuses
        wanted = path or f"DIR/{name}.npz"
        where = "" if path else ", and give --data-dir DIR or set GANCLI_DATA=DIR"
        raise DataError(
            f"'{name}' cannot be loaded from Keras' cache or downloaded ({first_line(error)}): put the file {wanted} "
            f"in place (arrays x_train, y_train, x_test, y_test){where}; --data digits needs no download"
        ) from error
