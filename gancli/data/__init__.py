"""Data sets by name or path: `load("mnist")`, `load("faces/")`, `load("faces.zip")`, `load("faces.h5")`.

A source is one file in `datasets/` or `formats/`. A named one (`datasets/digits.py`) has `SUMMARY` and
`load(request)`, or `SOURCES` for several of a kind (`datasets/toy.py`); one for paths has `ACCEPTS` (a sentence),
`accepts(path)` and `load(path, request)`.
"""

from __future__ import annotations

from gancli.data.class_names import class_index
from gancli.data.dataset import DataFacts, Dataset
from gancli.data.loading import load, load_images, open_images
from gancli.data.locations import absolute, files_in, find, record_as
from gancli.data.remarks import Remark
from gancli.data.request import Request
from gancli.data.sources import is_named, named_sources, path_sources, with_count

__all__ = [
    "DataFacts",
    "Dataset",
    "Remark",
    "Request",
    "absolute",
    "class_index",
    "files_in",
    "find",
    "is_named",
    "load",
    "load_images",
    "named_sources",
    "open_images",
    "path_sources",
    "record_as",
    "with_count",
]
