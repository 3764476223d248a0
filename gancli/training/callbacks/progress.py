"""Progress as lines of text."""

from __future__ import annotations

import time
from collections.abc import Callable

from gancli.training.callbacks.base import Callback, StepReport

SECONDS = 5.0  # between two lines


class ProgressCallback(Callback):
    """Writes a line of progress every few seconds, for notebooks and scripts.

    write: takes each line of text, such as `print`. seconds: between two lines.
    """

    def __init__(self, write: Callable[[str], None] = print, seconds: float = SECONDS) -> None:
        self.write, self.seconds, self.last = write, seconds, time.monotonic()

    def on_chunk_end(self, report: StepReport) -> None:
        if report.step == report.total or time.monotonic() - self.last >= self.seconds:
            self.last = time.monotonic()
            metrics = " ".join(f"{name} {value:.3f}" for name, value in sorted(report.scalars.items()))
            self.write(f"{report.stage} step {report.step}/{report.total} epoch {report.epoch:.1f} {metrics}")
