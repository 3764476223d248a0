"""Progress of a training: first lines, a line that is rewritten or lines of text, new pictures, and the result."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from gancli.api.progress import counting
from gancli.api.progress.line import ProgressLine
from gancli.api.progress.notebook import NotebookPanel
from gancli.api.progress.preview import Render
from gancli.api.progress.terminal import LiveLine, can_rewrite, rewritten_line
from gancli.core import progress
from gancli.core.progress import Advance
from gancli.core.streams import note
from gancli.training import loop
from gancli.training.callbacks import Callback, ProgressCallback, StepReport, TrainingContext
from gancli.training.callbacks.progress import ReportTexts, TimeLeft
from gancli.training.callbacks.sample_grid import grid_file, sample_every
from gancli.training.sample_grids import can_draw

if TYPE_CHECKING:
    from gancli.core.backend import np
    from gancli.models.base import Model
    from gancli.runs.run import Run
    from gancli.training.setup import TrainingState

LINE_SECONDS = 5.0  # between two lines
PICTURE_SECONDS = 10.0  # between two notes of new pictures


def opening_lines(state: TrainingState) -> list[str]:
    """What is trained, on which data, from which step, in which arithmetic; and where pictures appear."""
    from gancli.models.precision import compute_precision, uses_xla

    run, model, dataset, position = state
    count = f"{model.pipeline.training_count():,}"
    kind = {"point": "points", "sentence": "sentences"}.get(next(iter(dataset.train)))
    kind = kind or f"images of {dataset.shape[1]}x{dataset.shape[0]}x{dataset.shape[2]}"
    total = position.step + sum(position.left(model.stages()))
    steps = f"steps {position.step:,} to {total:,}" if position.step else f"{total:,} steps"
    if model.config.minutes is not None:
        steps += f" in at most {model.config.minutes - run.status()['seconds'] / 60:.1f} minutes"
    arithmetic = f"{compute_precision(model.config)} {'with' if uses_xla(model) else 'without'} XLA"
    replicas = f" on {model.devices.replicas} devices" if model.devices.replicas > 1 else ""
    what = f"{run.path}: training {model.name()} on {count} {kind} of '{dataset.name}'"
    return [f"{what}, {steps}, {arithmetic}{replicas}", _places(run, model, total)]


def _places(run: Run, model: Model, total: int) -> str:
    if not can_draw(model):
        return f"losses: {run.path / 'losses.png'} at the end"
    every = sample_every(model.config, total)
    samples = run.path / "samples"
    return (
        f"pictures: a new {samples / 'train-STEP.png'} every {every:,} steps; at the end {samples / 'growing.gif'} "
        f"and {run.path / 'losses.png'}"
    )


def show(
    state: TrainingState, *, verbosity: int, render: Render | None = None, callbacks: Sequence[Callback] = ()
) -> None:
    """Run a training to its end and show its progress.

    verbosity: -1 prints nothing but warnings, 0 is the default, 1 prints a line for every record of metrics. render: of
    new sample grids, see preview.find; without it they are only named. callbacks: further ones.
    """
    if verbosity < 0:
        with progress.shown_by(None):
            for _ in loop.train(*state, note=note, callbacks=callbacks):
                pass
    elif verbosity == 0 and can_rewrite():
        _rewrite(state, render, callbacks)
    else:
        interval = 0.0 if verbosity > 0 else LINE_SECONDS
        lines = ProgressCallback(note, interval)
        for _ in loop.train(*state, note=note, callbacks=[lines, NewPictures(note), *callbacks]):
            pass


def result(run: Run, seconds: float) -> tuple[dict[str, object], list[str]]:
    """State and place of a run after its training, as values for JSON and as lines."""
    status, samples = run.status(), run.path / "samples"
    values = {
        "run": str(run.path),
        "state": status["state"],
        "step": status["step"],
        "seconds": round(seconds, 1),
        "samples": str(samples),
        "last": (run.metrics() or [{}])[-1],
    }
    pictures = list(run.pictures().values())
    newest = [f"newest {pictures[-1].name}"] if pictures else []
    newest += ["growing.gif"] if (samples / "growing.gif").exists() else []
    lines = [
        f"{run.path}: {status['state']} at step {status['step']:,} after {progress.clock(seconds)}",
        f"samples: {samples}" + (f" ({', '.join(newest)})" if newest else ""),
        f"losses:  {run.path / 'losses.png'}",
    ]
    return values, lines


class NewPictures(Callback):
    """Names the sample grids of a training as they appear, at most one in ten seconds, and shows them if it can."""

    def __init__(self, write: Callable[[str], None], draw: Callable[[np.ndarray], None] | None = None) -> None:
        """draw: shows a grid, uint8 (height, width, channels)."""
        self._write, self._draw = write, draw
        self._next = 0.0

    def on_train_begin(self, training: TrainingContext) -> None:
        self._training = training

    def on_sample_grid(self, pixels: np.ndarray) -> None:
        if time.monotonic() < self._next:
            return
        self._next = time.monotonic() + PICTURE_SECONDS
        self._write(f"picture: {self._training.run.path / grid_file(self._training.step)}")
        if self._draw:
            self._draw(pixels)


class ReplacedPicture(Callback):
    """Shows each sample grid of a training in a notebook, in place of the one before."""

    def __init__(self, panel: NotebookPanel) -> None:
        self._panel = panel

    def on_sample_grid(self, pixels: np.ndarray) -> None:
        self._panel.picture(pixels)


def _rewrite(state: TrainingState, render: Render | None, callbacks: Sequence[Callback]) -> None:
    with rewritten_line(transient=False) as live:
        shown = TrainingLine(live, state.model)
        with progress.shown_by(shown.counting):
            shown_by = [_pictures(live, render), *callbacks]
            for report in loop.train(*state, note=live.print, callbacks=shown_by):
                shown.update(report)


def _pictures(live: LiveLine | NotebookPanel, render: Render | None) -> Callback:
    if isinstance(live, NotebookPanel):
        return ReplacedPicture(live)
    return NewPictures(live.print, (lambda pixels: live.print(render(pixels))) if render else None)


class TrainingLine:
    """The line of a training that is rewritten; while work inside of it takes long, the line of that work."""

    def __init__(self, live: LiveLine | NotebookPanel, model: Model) -> None:
        self._live, self._texts, self._left = live, ReportTexts(model.metrics), TimeLeft()
        total = sum(stage.steps for stage in model.stages() if stage.is_asked)
        self._show(ProgressLine("compiling", 0, total, None))

    def update(self, report: StepReport) -> None:
        """Show the state at the end of a chunk."""
        if explanation := self._texts.explanation(report):
            self._live.print(explanation)
        label = "step" if report.stage == "train" else f"{report.stage} step"
        facts = self._texts.facts(report) + self._texts.gradients(report)
        self._show(ProgressLine(label, report.step, report.total, self._left.seconds(report), facts))

    @contextlib.contextmanager
    def counting(self, what: str, total: int) -> Iterator[Advance]:
        """A display for gancli.core.progress."""
        counter, before = counting.Counter(what, total), self._line

        def advance(done: int) -> None:
            if counter.is_due():
                self._show(counter.line(done))

        yield advance
        if self._line is not before:
            self._show(before)

    def _show(self, line: ProgressLine) -> None:
        self._line = line
        self._live.show(line)
