"""Progress of a training: a bar on a terminal, else a line every few seconds."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from gancli.cli.output import note
from gancli.core.escapes import escaped

if TYPE_CHECKING:
    from gancli.runs.run import Run
    from gancli.training.loop import StepReport
    from gancli.training.setup import TrainingState

LINE_SECONDS = 5.0  # between two lines
Note = Callable[[str], None]


def opening_line(state: TrainingState) -> str:
    """What is trained, on which data, from which step, and in which arithmetic."""
    from gancli.models.precision import compute_precision, uses_xla

    run, model, dataset, position = state
    count = f"{model.pipeline.training_count():,}"
    kind = {"point": "points", "sentence": "sentences"}.get(next(iter(dataset.train)))
    kind = kind or f"images of {dataset.shape[1]}x{dataset.shape[0]}x{dataset.shape[2]}"
    total = position.step + sum(position.left(model.stages()))
    steps = f"steps {position.step:,} to {total:,}" if position.step else f"{total:,} steps"
    arithmetic = f"{compute_precision(model.config)} {'with' if uses_xla(model) else 'without'} XLA"
    replicas = f" on {model.devices.replicas} devices" if model.devices.replicas > 1 else ""
    return (
        f"{run.path}: training {model.name()} on {count} {kind} of '{dataset.name}', {steps}, "
        f"{arithmetic}{replicas}; compiling"
    )


def show(begin: Callable[[Note], Iterable[StepReport]], *, verbosity: int) -> None:
    """Run a training to its end and show its progress.

    begin: starts the training; its argument prints a note beside the progress. verbosity: -1 prints nothing, 0 is the
    default, 1 prints a line for every record of metrics.
    """
    if verbosity < 0:
        for _ in begin(note):
            pass
    elif verbosity == 0 and sys.stderr is not None and sys.stderr.isatty():
        _bar(begin)
    else:
        _lines(begin(note), 0.0 if verbosity > 0 else LINE_SECONDS)


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
    lines = [
        f"{run.path}: {status['state']} at step {status['step']:,} after {seconds / 60:.1f} minutes",
        f"samples: {samples}" + (" (growing.gif)" if (samples / "growing.gif").exists() else ""),
        f"losses:  {run.path / 'losses.png'}",
    ]
    return values, lines


@contextlib.contextmanager
def counting(what: str, total: int) -> Iterator[Callable[[int], None]]:
    """A progress bar on a terminal, else nothing; yields a function that sets the number of completed items."""
    if sys.stderr is None or not sys.stderr.isatty():
        yield lambda done: None
        return
    from rich.console import Console  # slow to import
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    columns = TextColumn("{task.description}", markup=False), BarColumn(), TaskProgressColumn(), TimeRemainingColumn()
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(escaped(what), total=total)
        yield lambda done: progress.update(task, completed=done)


def _bar(begin: Callable[[Note], Iterable[StepReport]]) -> None:
    from rich.console import Console  # slow to import
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
    from rich.text import Text

    from gancli.training.callbacks.progress import metrics_text

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=None),
        MofNCompleteColumn(),
        TextColumn("{task.fields[facts]}", markup=False),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), expand=True, auto_refresh=False) as progress:
        task = progress.add_task("compiling", total=None, facts="")
        progress.refresh()

        def print_note(text: str) -> None:
            with contextlib.suppress(OSError):
                progress.console.print(Text(escaped(text)))

        for report in begin(print_note):
            with contextlib.suppress(OSError):  # a closed terminal must not end a training
                progress.update(
                    task,
                    description=f"{report.stage} epoch {report.epoch:.1f} step",
                    completed=report.step,
                    total=report.total,
                    facts=metrics_text(report),
                    refresh=True,
                )


def _lines(reports: Iterable[StepReport], interval: float) -> None:
    from gancli.training.callbacks import ProgressCallback

    progress = ProgressCallback(note, interval)
    for report in reports:
        progress.on_chunk_end(report)
