"""Summaries of runs: what was trained, how far it is, and how large it is."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from gancli.core import files
from gancli.runs.run import Run


@dataclass(frozen=True)
class RunSummary:
    """One row of the list of runs. status: state of the training. started: time of its start, ISO 8601 in UTC."""

    number: int
    name: str
    model: str
    data: str
    step: int
    status: str
    started: str
    megabytes: float
    path: str


@dataclass(frozen=True)
class RunDetails(RunSummary):
    """Everything about a run that `gancli runs show` prints.

    reason: why the training ended. best: step and score of the best checkpoint, empty without scores. last: the last
    line of metrics.jsonl. argv: the command line that started the run.
    """

    reason: str
    options: dict[str, object]
    checkpoints: list[int]
    best: dict[str, float]
    last: dict[str, float]
    argv: list[str]
    versions: dict[str, str]
    device: dict[str, object]


def summarize(run: Run) -> RunSummary:
    """Read the summary of a run. Raises: CheckpointError if its files are damaged."""
    status = run.status()
    size = sum(map(files.size_of, run.path.rglob("*")))
    return RunSummary(
        number=run.number,
        name=run.record["name"],
        model=run.record["model"],
        data=run.facts.name,
        step=status["step"],
        status=status["state"],
        started=run.record["created"],
        megabytes=round(size / 1e6, 1),
        path=str(run.path),
    )


def describe(run: Run) -> RunDetails:
    """Read everything about a run. Raises: CheckpointError if its files are damaged."""
    metrics = run.metrics()
    return RunDetails(
        **asdict(summarize(run)),
        reason=run.status().get("reason", ""),
        options=run.settings().to_mapping(),
        checkpoints=list(run.checkpoints()),
        best=dict(zip(("step", "score"), run.best() or (), strict=False)),
        last=metrics[-1] if metrics else {},
        argv=run.record["argv"],
        versions=run.record["versions"],
        device=run.record["device"],
    )
