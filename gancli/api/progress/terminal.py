"""A line on standard error that is rewritten, in a terminal; and the choice between it and a notebook's."""

from __future__ import annotations

import contextlib
import os
import sys
from typing import TYPE_CHECKING

from gancli.api.progress.line import DONE, LEFT, PLAIN_DONE, PLAIN_LEFT, ProgressLine
from gancli.api.progress.notebook import NotebookPanel, in_notebook
from gancli.core.streams import escaped

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderableType, RenderResult

DUMB = ("dumb", "unknown")  # values of TERM; such terminals cannot rewrite a line


def can_rewrite() -> bool:
    """Whether a line can be rewritten here: in a notebook, or in a terminal that can, on standard error."""
    if in_notebook():
        return True
    if sys.stderr is None or not sys.stderr.isatty():
        return False
    return os.environ.get("TERM", "").lower() not in DUMB


def rewritten_line(*, transient: bool) -> LiveLine | NotebookPanel:
    """What shows a line that is rewritten here, if `can_rewrite`. transient: whether it disappears at the end."""
    return NotebookPanel(transient=transient) if in_notebook() else LiveLine(transient=transient)


class LiveLine:
    """Shows a ProgressLine in one row, as wide as the terminal is now. Use it as a context manager.

    A terminal that was closed ends nothing: it is not written to anymore.
    """

    def __init__(self, *, transient: bool, console: Console | None = None) -> None:
        """transient: whether the line disappears at the end. console: standard error by default."""
        from rich.console import Console  # slow to import
        from rich.live import Live

        self.console = console or Console(stderr=True)
        self._line: ProgressLine | None = None
        self._live = Live(self, console=self.console, auto_refresh=False, transient=transient)

    def __enter__(self) -> LiveLine:
        with contextlib.suppress(OSError):
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError):
            self._live.stop()

    def show(self, line: ProgressLine) -> None:
        """Replace the line."""
        self._line = line
        with contextlib.suppress(OSError):
            self._live.refresh()

    def print(self, item: RenderableType) -> None:
        """Print above the line: text with control characters escaped and wrapped by the terminal alone, so that paths
        stay in one piece; or anything that rich can print."""
        from rich.text import Text

        with contextlib.suppress(OSError):
            if isinstance(item, str):
                self.console.print(Text(escaped(item)), soft_wrap=True)
            else:
                self.console.print(item)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        from rich.text import Text

        if self._line is None:
            return
        start, done, bar, behind = self._line.parts(options.max_width)
        full, rest = (PLAIN_DONE, PLAIN_LEFT) if options.ascii_only else (DONE, LEFT)
        row = Text(escaped(start), no_wrap=True, overflow="crop", end="")
        if bar:
            row.append(" ").append(full * done, "green").append(rest * (bar - done), "bright_black")
        yield row.append(f" {behind}")
