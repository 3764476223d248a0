"""Progress as text: the metrics in short, the time left, and lines every few seconds."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

from gancli.core.progress import clock
from gancli.models import metric_names
from gancli.models.metric_names import SHARED, Metric, Metrics
from gancli.training.callbacks.base import Callback, StepReport, TrainingContext

SECONDS = 5.0  # between two lines
WINDOW_SECONDS = 120.0  # of the training whose speed gives the time left
MEASURED: Metrics = {  # by callbacks
    "score": Metric("score", "validation score of --eval-every"),
    "diversity": Metric("diversity", "spread of the samples relative to real ones: 1 as varied, near 0 all alike"),
    "missing_classes": Metric("missing", "classes that are hardly generated"),
    "windows_psnr": Metric("PSNR", "PSNR of the sample grid in dB"),
    "pictures_accuracy": Metric("pixels", "share of correct pixels in the sample grid"),
    "iou_training": Metric("IoU(train)", "mean IoU on training images"),
    "accuracy_validation": Metric("acc(val)", "mean class accuracy on validation images"),
    "accuracy_training": Metric("acc(train)", "the same on training images"),
}


class ReportTexts:
    """Texts for the reports of a training.

    metrics: those of the model, the most important first (Model.metrics).
    """

    def __init__(self, metrics: Metrics = SHARED) -> None:
        self._metrics = metrics
        self._explained: set[str] = set()

    def facts(self, report: StepReport) -> list[str]:
        """Metrics with their short names, the most important first; then epoch and speed."""
        values = [f"{metric.short} {number(report.scalars[name])}" for name, metric in self._named(report, False)]
        return [*values, f"epoch {report.epoch:.1f}", f"{report.images_per_second:,.0f} images/s"]

    def gradients(self, report: StepReport) -> list[str]:
        """Gradient norms with their short names."""
        return [f"{metric.short} {number(report.scalars[name])}" for name, metric in self._named(report, True)]

    def explanation(self, report: StepReport) -> str:
        """What the short names mean that no earlier report had; empty if there are none."""
        new = [(name, metric) for name, metric in self._named(report, False) if name not in self._explained]
        self._explained |= {name for name, _ in new}
        return "; ".join(f"{metric.short}: {metric.meaning}" for _, metric in new if metric.meaning)

    def _named(self, report: StepReport, are_gradients: bool) -> list[tuple[str, Metric]]:
        named = metric_names.named(report.scalars, self._metrics, MEASURED)
        return [pair for pair in named.items() if pair[0].endswith(metric_names.GRADIENT) == are_gradients]


def number(value: float) -> str:
    """A number in few characters: three decimals near 1, three significant digits of small ones."""
    if value and abs(value) < 0.01:
        return f"{value:.2e}"
    return f"{value:.3f}" if abs(value) < 100 else f"{value:,.1f}" if abs(value) < 1e5 else f"{value:.2e}"


class TimeLeft:
    """Estimates the time left from the speed of the last two minutes; a new stage begins anew."""

    def __init__(self) -> None:
        self._times: deque[tuple[float, int]] = deque()
        self._stage = ""

    def seconds(self, report: StepReport) -> float | None:
        """Seconds left after a report; None before the second report of a stage."""
        if report.step >= report.total:
            return 0.0
        if report.stage != self._stage:
            self._stage = report.stage
            self._times.clear()
        now = time.monotonic()
        self._times.append((now, report.step))
        while len(self._times) > 2 and now - self._times[0][0] > WINDOW_SECONDS:
            self._times.popleft()
        (then, first), done = self._times[0], report.step - self._times[0][1]
        return (now - then) / done * (report.total - report.step) if first < report.step else None


class ProgressCallback(Callback):
    """Writes a line of progress with a record every few seconds, and one at the end.

    write: called with each line, such as `print`. seconds: between two lines; 0 writes a line for every record.
    """

    def __init__(
        self, write: Callable[[str], None] = print, seconds: float = SECONDS, *, metrics: Metrics = SHARED
    ) -> None:
        """metrics: of the model, see `ReportTexts`."""
        self._write, self._seconds = write, seconds
        self._started = self._written = time.monotonic()
        self._texts, self._left = ReportTexts(metrics), TimeLeft()

    def on_train_begin(self, training: TrainingContext) -> None:
        self._texts = ReportTexts(training.model.metrics)

    def on_chunk_end(self, report: StepReport) -> None:
        now, left = time.monotonic(), self._left.seconds(report)
        if report.step == report.total or (report.recorded and now - self._written >= self._seconds):
            self._written = now
            if explanation := self._texts.explanation(report):
                self._write(explanation)
            self._write(
                f"{report.stage} step {report.step:,}/{report.total:,} {clock(now - self._started)} elapsed, "
                f"{clock(left)} left, {' '.join(self._texts.facts(report))}"
            )
