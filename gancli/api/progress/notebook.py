"""Progress in a notebook: a line, notes and the newest sample grid, in outputs that are replaced."""

from __future__ import annotations

import base64
import html
import io
import math
import sys
import time
from typing import TYPE_CHECKING

from gancli.api.progress.line import ProgressLine, text
from gancli.core.streams import escaped
from gancli.imaging import images

if TYPE_CHECKING:
    from IPython.display import DisplayHandle

    from gancli.core.backend import np

REDRAW_SECONDS = 0.2  # between two updates: each is a message to the browser
PLAIN_WIDTH = 100  # columns of the line where no HTML is shown
PICTURE_WIDTH = 320  # pixels, at most
STYLE = "font-family: monospace; white-space: pre-wrap"


def in_notebook() -> bool:
    """Whether this process is the kernel of a notebook (Jupyter, Colab, VS Code); IPython in a terminal is none."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython and hasattr(ipython, "get_ipython") else None
    return getattr(shell, "kernel", None) is not None


class NotebookPanel:
    """Shows a ProgressLine in one output, the notes below it, and a picture in another one: a context manager.

    It needs IPython alone, no widgets, so that a saved notebook keeps its last state.
    """

    def __init__(self, *, transient: bool) -> None:
        """transient: whether line and notes disappear at the end."""
        self._transient = transient
        self._line: ProgressLine | None = None
        self._notes: list[str] = []
        self._outputs: dict[str, DisplayHandle] = {}
        self._drawn = -math.inf

    def __enter__(self) -> NotebookPanel:
        return self

    def __exit__(self, *_: object) -> None:
        if self._transient:
            self._line, self._notes = None, []
        self._draw()

    def show(self, line: ProgressLine) -> None:
        """Replace the line, at most five times a second; the last one is always shown."""
        self._line = line
        if time.monotonic() - self._drawn >= REDRAW_SECONDS:
            self._draw()

    def print(self, item: str) -> None:
        """Add a note below the line."""
        self._notes.append(escaped(item))
        self._draw()

    def picture(self, pixels: np.ndarray) -> None:
        """Replace the picture, uint8 (height, width, channels)."""
        height, width = pixels.shape[:2]
        content = io.BytesIO()
        images.to_pillow(pixels).save(content, "PNG")
        source = f"data:image/png;base64,{base64.b64encode(content.getvalue()).decode()}"
        rich = f'<img width="{min(PICTURE_WIDTH, width)}" src="{source}">'
        self._output("picture", rich, f"<picture of {width}x{height} pixels>")

    def _draw(self) -> None:
        self._drawn = time.monotonic()
        plain = [text(self._line, PLAIN_WIDTH)] if self._line else []
        rows = [_html_line(self._line)] if self._line else []
        rows += map(html.escape, self._notes)
        if rows or "line" in self._outputs:
            self._output("line", f'<div style="{STYLE}">{"<br>".join(rows)}</div>', "\n".join(plain + self._notes))

    def _output(self, name: str, rich: str, plain: str) -> None:
        """Show or replace one of the outputs."""
        from IPython.display import display  # there is a kernel

        content = {"text/plain": plain, "text/html": rich}
        if name in self._outputs:
            self._outputs[name].update(content, raw=True)
        else:
            self._outputs[name] = display(content, raw=True, display_id=True)


def _html_line(line: ProgressLine) -> str:
    start, _, _, behind = line.parts(2 * PLAIN_WIDTH)
    bar = f'<progress value="{line.done}" max="{max(line.total, 1)}"></progress>'
    return f"{html.escape(start)} {bar} {html.escape(behind)}"
