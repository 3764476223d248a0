"""Keras' image sets: from a file in the data folder, else from Keras' cache or download."""

from __future__ import annotations

import contextlib
import importlib
import io
from pathlib import Path

import numpy as np

from gancli.backend import keras
from gancli.data import npz
from gancli.data.arrays import from_arrays
from gancli.data.dataset import Dataset, Request
from gancli.errors import DataError


def keras_set(name: str, request: Request, *, classes: tuple[str, ...]) -> Dataset:
    """One of Keras' image sets: `NAME.npz` in the data folder first, then Keras' cache or download.

    Raises: DataError that says where to put which file, if there is neither the file nor a network.
    """
    arrays = {"classes": np.array(classes)}
    path = Path(request.data_dir).expanduser() / f"{name}.npz" if request.data_dir else None
    if path is not None and path.is_file():
        return from_arrays(name, npz.read(path) | arrays, request, source=str(path.resolve()))
    (x_train, y_train), (x_test, y_test) = _download(name, path)
    arrays |= {"x_train": x_train, "y_train": y_train, "x_test": x_test, "y_test": y_test}
    return from_arrays(name, arrays, request, source="Keras")


def _download(name: str, path: Path | None) -> tuple:
    assert keras.__name__ == "keras"  # started by our backend, before its data sets are imported
    module = importlib.import_module(f"keras.datasets.{name}")
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            return module.load_data()
    except Exception as error:  # Keras raises a bare Exception where the network refuses
        wanted = path or f"DIR/{name}.npz"
        where = "" if path else ", and give --data-dir DIR or set GANCLI_DATA=DIR"
        raise DataError(
            f"'{name}' is not on this machine and cannot be downloaded ({str(error).splitlines()[0]}): put the file "
            f"{wanted} in place (arrays x_train, y_train, x_test, y_test){where}; --data digits needs no download"
        ) from error
