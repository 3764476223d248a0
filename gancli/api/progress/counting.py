"""Progress of long work as a bar in a terminal, else as a line every ten seconds."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator

from gancli.api.progress.line import ProgressLine
from gancli.api.progress.notebook import NotebookPanel
from gancli.api.progress.terminal import LiveLine, can_rewrite, rewritten_line
from gancli.core.progress import Advance, clock
from gancli.core.streams import note

LINE_SECONDS = 10.0  # between two lines
DELAY_SECONDS = 1.0  # before a bar appears: shorter work has none
REDRAW_SECONDS = 0.1  # between two updates of a bar


class Counter:
    """The time that work in `total` parts has taken, and how long the rest will take."""

    def __init__(self, what: str, total: int) -> None:
        self._what, self._total = what, total
        self._started, self._drawn = time.monotonic(), 0.0

    @property
    def seconds(self) -> float:
        """Seconds since the start."""
        return time.monotonic() - self._started

    def is_due(self) -> bool:
        """Whether a bar is to be drawn now: not in the first second, and then ten times a second."""
        if self.seconds < max(DELAY_SECONDS, self._drawn + REDRAW_SECONDS):
            return False
        self._drawn = self.seconds
        return True

    def line(self, done: int) -> ProgressLine:
        """The line after `done` parts."""
        left = self.seconds / done * (self._total - done) if done else None
        return ProgressLine(self._what, done, self._total, left)

    def text(self, done: int) -> str:
        """The same as a sentence."""
        line, share = self.line(done), done / max(self._total, 1)
        return f"{self._what}: {done:,} of {self._total:,} ({share:.0%}), {clock(line.seconds_left)} left"


@contextlib.contextmanager
def show(what: str, total: int) -> Iterator[Advance]:
    """Show the progress of work on standard error: a display for gancli.core.progress."""
    with _bar(what, total) if can_rewrite() else lines(what, total) as advance:
        yield advance


@contextlib.contextmanager
def lines(what: str, total: int) -> Iterator[Advance]:
    """Print a line every ten seconds, and one at the end of work of which a line was printed."""
    counter, printed, last = Counter(what, total), 0.0, 0

    def advance(done: int) -> None:
        nonlocal printed, last
        if counter.seconds - printed >= LINE_SECONDS or (printed and done == total != last):
            printed, last = counter.seconds, done
            note(counter.text(done))

    yield advance


@contextlib.contextmanager
def _bar(what: str, total: int) -> Iterator[Advance]:
    counter = Counter(what, total)
    with contextlib.ExitStack() as stack:
        live: LiveLine | NotebookPanel | None = None

        def advance(done: int) -> None:
            nonlocal live
            if counter.is_due():
                if live is None:
                    live = rewritten_line(transient=True)
                    stack.enter_context(live)
                live.show(counter.line(done))

        yield advance
