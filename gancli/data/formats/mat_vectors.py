"""Vectors of whole numbers in MATLAB's .mat files of version 5, such as labels and lists of rows."""

from __future__ import annotations

import io
import math

from gancli.core.backend import np
from gancli.core.errors import DataError
from gancli.data.containers.source_files import SourceFile

LARGEST = 16_000_000  # bytes of a file
MOST = 10_000_000  # numbers in a vector
NUMBERS = ("int", "uint", "double", "single")  # kinds of arrays


def read(file: SourceFile, *names: str) -> dict[str, np.ndarray]:
    """The vectors of these names, int64 (count,), read after their sizes are known.

    Raises: DataError for a file without them, with other values, too large or damaged.
    """
    from scipy.io import loadmat, whosmat

    if file.size is not None and file.size > LARGEST:
        raise DataError(f"{file.name} has {file.size / 1e6:,.0f} MB: expected a vector of whole numbers")
    content = file.read()
    try:
        shapes = {name: (shape, kind) for name, shape, kind in whosmat(io.BytesIO(content))}
        for name in names:
            if name not in shapes:
                raise DataError(f"{file.name} holds {', '.join(shapes) or 'nothing'}; expected {', '.join(names)}")
            shape, kind = shapes[name]
            is_vector = max(shape, default=0) == math.prod(shape) <= MOST
            if not is_vector or not kind.startswith(NUMBERS):
                raise DataError(f"{file.name}: {name} is {kind} of shape {shape}; expected a vector of whole numbers")
        values = loadmat(io.BytesIO(content), variable_names=list(names), mat_dtype=False)
    except DataError:
        raise
    except Exception as error:  # scipy raises what its parser meets: ValueError, TypeError, zlib.error, IndexError
        raise DataError(f"{file.name} is no readable .mat file of version 5: {error}") from error
    found = {}
    for name in names:
        vector = np.asarray(values[name]).ravel()
        if vector.dtype.kind not in "iuf" or not np.array_equal(vector, np.floor(vector)):
            raise DataError(f"{file.name}: {name} holds other values than whole numbers")
        found[name] = vector.astype(np.int64)
    return found
