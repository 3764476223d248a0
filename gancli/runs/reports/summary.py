"""Summaries of runs: what is trained, how far it is, its newest loss and score."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from gancli.core import files
from gancli.runs.reports import scores
from gancli.runs.run import Run

RATE_RECORDS = 50  # records, the newest, that the time left is estimated from
LOSSES = ("_loss", "_cost", "cross_entropy")  # endings of the names of losses
MAIN_LOSSES = ("generator_loss", "segmenter_loss", "loss")  # in this order; else the first metric that is a loss


@dataclass(frozen=True)
class RunSummary:
    """One row of the list of runs.

    step: steps done; of a live run, those of its newest record. total: steps of the whole training; None if unknown, as
    in unfinished runs of older versions. seconds_left: estimate for a live run, else None. state: of the training.
    loss_name, score_name: what `loss`, the newest, and `score`, the last, are; empty without one. started, updated: the
    start, and the last change of the state, ISO 8601 in UTC; updated may be empty.
    """

    number: int
    name: str
    model: str
    data: str
    step: int
    total: int | None
    seconds_left: float | None
    state: str
    loss: float | None
    loss_name: str
    score: float | None
    score_name: str
    started: str
    updated: str
    note: str
    megabytes: float
    path: str


def summarize(run: Run) -> RunSummary:
    """Read the summary of a run, whose metrics.jsonl is read from its end only.

    Raises: CheckpointError if its files are damaged.
    """
    status, records = run.status(), list(itertools.islice(run.newest_metrics(), RATE_RECORDS))
    step = max([status["step"], *(record["step"] for record in records[:1] if status["state"] == "running")])
    total = max(status["total"], step) if status["total"] else (step if status["state"] == "finished" else None)
    loss_name = main_loss(records[0]) if records else ""
    score = scores.last(run)
    size = sum(map(files.size_of, run.path.rglob("*")))
    return RunSummary(
        number=run.number,
        name=run.name,
        model=run.record["model"],
        data=run.facts.name,
        step=step,
        total=total,
        seconds_left=_seconds_left(records, total) if status["state"] == "running" else None,
        state=status["state"],
        loss=records[0][loss_name] if loss_name else None,
        loss_name=loss_name,
        score=score.value if score else None,
        score_name=score.name if score else "",
        started=run.record["created"],
        updated=str(status.get("updated", "")),
        note=run.note,
        megabytes=round(size / 1e6, 1),
        path=str(run.path),
    )


def losses_first(names: Iterable[str]) -> list[str]:
    """Names of metrics: the main loss, the other losses, all others, each in the order given."""
    names = list(names)
    main = main_loss(dict.fromkeys(names))
    return sorted(names, key=lambda name: (name != main, not name.endswith(LOSSES)))


def main_loss(record: Mapping[str, object]) -> str:
    """The name of a record's main loss; empty if it has none."""
    others = [name for name in record if name.endswith(LOSSES)]
    return next((name for name in (*MAIN_LOSSES, *others) if name in record), "")


def _seconds_left(records: list[Mapping[str, float]], total: int | None) -> float | None:
    """Time of the steps that are left, by the time of the last ones. records: newest first."""
    if total is None or not records:
        return None
    newest, oldest = records[0], records[-1] if len(records) > 1 else {"step": 0, "seconds": 0.0}
    steps, seconds = (newest.get(key, 0) - oldest.get(key, 0) for key in ("step", "seconds"))
    return round(seconds / steps * max(0, total - newest["step"]), 1) if steps > 0 <= seconds else None
