"""gancli.load_dataset and gancli.list_datasets."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gancli.data.dataset import Dataset


def load_dataset(
    source: str | os.PathLike[str],
    *,
    image_size: int | None = None,
    data_dir: str | os.PathLike[str] | None = None,
) -> Dataset:
    """A data set by name or path, as `gancli train --data` reads it. Its `remarks` say what was guessed and left out.

    source: a name of `list_datasets`, or a path. image_size: side in pixels to which images are resized; None keeps it.
    data_dir: the folder where names are looked for. Raises: DataError.
    """
    from gancli import data

    request = data.Request(image_size, data_dir=os.fspath(data_dir) if data_dir is not None else None)
    return data.load(os.fspath(source), request)


def list_datasets() -> list[str]:
    """The names of all data sets that need no path; those that are not built in need their files."""
    from gancli import data

    return sorted({*data.named_sources(), *data.known_names()})
