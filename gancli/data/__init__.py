"""Data sets by name or path: `load("mnist")`, `load("faces/")`, `load("faces.zip")`, `load("faces.h5")`.

A data set with a name is one file in `datasets/` (`datasets/digits.py`), with `SUMMARY` and `load(request)`, or
`SOURCES` for several of a kind (`datasets/toy.py`). A layout of files is one file in `layouts/`. `inspect` says what a
path holds before anything is decoded, `load` decodes it.
"""

from __future__ import annotations

from gancli.data.data_source import DataSource
from gancli.data.dataset import DataFacts, Dataset
from gancli.data.fitting import fitted
from gancli.data.inspection import inspect
from gancli.data.labels.class_names import class_index
from gancli.data.loading import load, load_images, open_images
from gancli.data.locations import absolute, files_in, find, known_names, record_as
from gancli.data.remarks import Remark
from gancli.data.request import Request
from gancli.data.sources import is_named, named_sources, with_count

__all__ = [
    "DataFacts",
    "DataSource",
    "Dataset",
    "Remark",
    "Request",
    "absolute",
    "class_index",
    "files_in",
    "find",
    "fitted",
    "inspect",
    "is_named",
    "known_names",
    "load",
    "load_images",
    "named_sources",
    "open_images",
    "record_as",
    "with_count",
]
