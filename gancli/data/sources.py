"""The data sets that have a name, one module of `datasets/` each."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import NamedTuple

from gancli.core.options import whole
from gancli.data import datasets
from gancli.data.dataset import Dataset
from gancli.data.discovery import modules_of

MOST_GENERATED = 1_000_000  # images of a source that generates any number


class Source(NamedTuple):
    """A named data set: its description in a line, how it is loaded, and whether `load` takes a number of images."""

    summary: str
    load: Callable[..., Dataset]
    has_any_number: bool = False


def named_sources() -> dict[str, Source]:
    """The data sets that `--data` takes by name, such as mnist and glyphs."""
    found = {}
    for module in modules_of(datasets.__name__):
        if hasattr(module, "SUMMARY"):
            any_number = len(inspect.signature(module.load).parameters) > 1
            found[module.__name__.rsplit(".", 1)[1]] = Source(module.SUMMARY, module.load, any_number)
        found |= getattr(module, "SOURCES", {})
    return found


def is_named(source: str) -> bool:
    """Whether this is the name of a data set, with an optional number of images, such as glyphs:5000."""
    name, colon, count = source.partition(":")
    found = named_sources().get(name)
    if found is None or not colon:
        return found is not None
    return found.has_any_number and whole(count, MOST_GENERATED, least=1) is not None


def with_count(source: str, count: int) -> str:
    """The same source with so many images, if it generates any number and none is given."""
    found = named_sources().get(source)
    return f"{source}:{count}" if found is not None and found.has_any_number else source
