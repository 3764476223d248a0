"""Progress of long work: any package reports it here, and the program that runs decides how it is shown.

The command line shows a bar or lines (gancli/api/progress). In other programs nothing is shown unless they choose a
display with `shown_by`.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator, Sized
from contextlib import AbstractContextManager
from contextvars import ContextVar
from typing import TypeVar

Item = TypeVar("Item")
Advance = Callable[[int], None]  # receives how many parts are done
Display = Callable[[str, int], AbstractContextManager[Advance]]  # opened with the name of the work and its parts

_display: ContextVar[Display | None] = ContextVar("display", default=None)


@contextlib.contextmanager
def shown_by(display: Display | None) -> Iterator[None]:
    """Show the progress of the work inside with this display; None shows nothing."""
    before = _display.get()
    _display.set(display)
    try:
        yield
    finally:
        _display.set(before)


@contextlib.contextmanager
def counting(what: str, total: int) -> Iterator[Advance]:
    """Report the progress of work in `total` parts. Yields a function that is called with how many are done.

    Work that reports inside of it is part of it and is not shown by itself.
    """
    display = _display.get()
    if display is None:
        yield lambda done: None
        return
    with shown_by(None), display(what, total) as advance:
        yield advance


def track(items: Iterable[Item], what: str, *, total: int | None = None) -> Iterator[Item]:
    """Iterate over items and report each as done when the next is requested.

    total: their number, for items without a length.
    """
    count = len(items) if total is None and isinstance(items, Sized) else total or 0
    with counting(what, count) as advance:
        for done, item in enumerate(items, 1):
            yield item
            advance(done)


def clock(seconds: float | None) -> str:
    """A duration as 1:02 or 1:02:03, in days from 100 hours on; -:-- if it is unknown."""
    if seconds is None:
        return "-:--"
    minutes, seconds = divmod(round(max(seconds, 0)), 60)
    hours, minutes = divmod(minutes, 60)
    if hours >= 100:
        return f"{hours // 24} days"
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
