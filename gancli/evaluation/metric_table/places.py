"""Where the value of a metric stands in the result of its measurement."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from statistics import fmean
from typing import Any

Result = Mapping[str, Any]
Place = str | Callable[[Result], "float | None"]  # keys with dots between them, or what computes the value

ABSENT = object()


def number_at(place: Place, result: Result) -> float | None:
    """The number at a place of a result: NaN where it is not defined, None if the result has no such place."""
    found: Any = place(result) if callable(place) else result if place else None
    for key in place.split(".") if isinstance(place, str) and place else ():
        found = found.get(key, ABSENT) if isinstance(found, Mapping) else ABSENT
    if found is ABSENT or not place:
        return None
    return float(found) if isinstance(found, (int, float)) and math.isfinite(found) else math.nan


def of_method(name: str, method: str = "") -> Callable[[Result], float]:
    """The mean of a similarity over all images of all sets, of an upscaling method: by default the model itself, which
    is the last one."""

    def of(methods: Mapping[str, Any]) -> float:
        return (methods[method] if method else list(methods.values())[-1])[name]

    def mean(result: Result) -> float:
        if len(result["sets"]) == 1:
            (methods,) = result["sets"].values()
            return of(methods)
        images = [methods for pictures in result["pictures"].values() for methods in pictures.values()]
        return fmean(of(methods) for methods in images)

    return mean


def over_directions(name: str) -> Callable[[Result], float | None]:
    """The mean of a score over the directions of a translation that have it."""

    def mean(result: Result) -> float | None:
        values = [one[name] for one in result["directions"].values() if one[name] is not None]
        return fmean(values) if values else None

    return mean


def caption_share(result: Result) -> float:
    return result["r_precision"] if "r_precision" in result else result["seen"]


def error_of_pairs(result: Result) -> float:
    """The standard error of a mean over pairs of samples."""
    return result["overall"]["deviation"] / math.sqrt(result["pairs"])
