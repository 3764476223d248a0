"""Progress as lines of text."""

from __future__ import annotations

import time
from collections.abc import Callable

from gancli.training.callbacks.base import Callback, StepReport

SECONDS = 5.0  # between two lines
SHORT = {"discriminator_loss": "D loss", "generator_loss": "G loss", "missing_classes": "missing"}


class ProgressCallback(Callback):
    """Writes a line of progress with a record every few seconds, and one at the end.

    write: called with each line, such as `print`. seconds: between two lines; 0 writes a line for every record.
    """

    def __init__(self, write: Callable[[str], None] = print, seconds: float = SECONDS) -> None:
        self._write, self._seconds = write, seconds
        self._started = self._written = time.monotonic()
        self._first: tuple[float, int] | None = None  # time and step of the first report

    def on_chunk_end(self, report: StepReport) -> None:
        now = time.monotonic()
        self._first = self._first or (now, report.step)
        if report.step == report.total or (report.recorded and now - self._written >= self._seconds):
            self._written = now
            self._write(
                f"{report.stage} step {report.step}/{report.total} epoch {report.epoch:.1f} {metrics_text(report)} "
                f"{_clock(now - self._started)} elapsed, {_clock(self._seconds_left(report, now))} left"
            )

    def _seconds_left(self, report: StepReport, now: float) -> float:
        first_time, first_step = self._first
        done = report.step - first_step
        return (now - first_time) / done * (report.total - report.step) if done else 0.0


def metrics_text(report: StepReport) -> str:
    """The metrics of a report in short, losses first, and the speed."""
    names = [name for name in report.scalars if not name.endswith("_gradient")]
    order = sorted(names, key=lambda name: (name.startswith("D("), name.startswith("D(G"), name))
    losses = " ".join(f"{SHORT.get(name, name)} {report.scalars[name]:.3f}" for name in order)
    return f"{losses} {report.images_per_second:,.0f} images/s"


def _clock(seconds: float) -> str:
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
