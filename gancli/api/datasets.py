"""gancli.load_dataset and gancli.list_datasets."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from gancli.data.dataset import Dataset


def load_dataset(
    source: str | os.PathLike[str],
    *,
    image_size: int | None = None,
    crop: int | None = None,
    color: Literal["auto", "gray", "rgb"] = "auto",
    pixel_range: str = "auto",
    skip_bad: bool = False,
    data_dir: str | os.PathLike[str] | None = None,
) -> Dataset:
    """A data set by name or path, as `gancli train --data` reads it.

    `dataset.train["image"]` is uint8 (count, side, side, channels), `dataset.train["label"]` int32 (count,) if there
    are labels, `dataset.classes` their names; `dataset.test` has the same columns, or is empty; Dataset lists them all.
    `dataset.remarks` say what was guessed, changed and left out. The arrays are read-only: to change them, copy them
    and give them to Dataset.from_arrays.

    source: a name of `list_datasets`, or the path of a folder, archive or file. image_size: side in pixels to which
    images are resized; None keeps that of square images of one size, and makes others 64. crop: side of the central
    square that is cut out before. color: "gray" (one channel) or "rgb" (three); "auto" keeps them. pixel_range: the
    values of black and white, "low:high". skip_bad: whether files that cannot be read are left out, with a remark.
    data_dir: the folder where names are looked for; by default that of the environment variable GANCLI_DATA.

    Raises: DataError, OptionError.
    """
    from gancli import data
    from gancli.models.config import TrainingConfig

    text, folder = os.fspath(source), data_folder(data_dir)
    TrainingConfig(image_size=image_size, crop=crop, color=color, pixel_range=pixel_range, skip_bad=skip_bad).check()
    request = data.Request(image_size, color, folder, crop=crop, pixel_range=pixel_range, skip_bad=skip_bad)
    dataset = data.load(text, request)
    return data.remembered(dataset, data.record_as(text, folder), request)


def list_datasets() -> dict[str, str]:
    """The names of all data sets that need no path, each with its description in a line.

    Those that are not built in need their files, in the folder `data_dir` or Keras' cache.
    """
    from gancli import data

    found = {name: one.summary for name, one in data.named_sources().items()}
    titles = {name: f"{title}, from its files" for name, title in data.known_titles().items()}
    return dict(sorted((found | titles).items()))


def data_folder(data_dir: str | os.PathLike[str] | None) -> str | None:
    """The folder where names of data sets are looked for: this one, or that of the environment variable."""
    return os.environ.get("GANCLI_DATA") or None if data_dir is None else os.fspath(data_dir)
