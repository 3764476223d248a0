"""Monitoring of trainings: the best score, early stopping, and signs of divergence or mode collapse."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from gancli.core.backend import np
from gancli.runs.metadata import Record, best_record

WINDOW = 20  # consecutive records that must show a problem
SURE = 0.98  # D(x) from which on the discriminator counts as certain
FAINT = 1e-3  # of the generator's median gradient
ALIKE, FALLEN = 0.1, 1 / 3  # diversity of collapsed samples: of the real images', of the samples' own largest
LOOKS = 5  # sample grids before samples that were never diverse count as collapsed
RECENT = 1000  # records kept in full; a day of training would otherwise keep 300 MB and scan it twice a second
LASTING = ("step", "diversity", "missing_classes", "score")  # fields kept of older records
SCORES, LOST = 5, 0.5  # consecutive scores that have each lost this share of the improvement so far


class Diagnostic(NamedTuple):
    """A problem of a training.

    Attributes: `name` of the problem; `good`, the last recorded step without it; `text`, what was found and what helps.
    """

    name: str
    good: int
    text: str


class TrainingMonitor:
    """Watches the records of a training for problems, the best score and early stopping.

    Attributes: `records`, the newest of metrics.jsonl in full, and some fields of older ones.
    """

    def __init__(self, records: list[Record], *, higher_is_better: bool, patience: int | None, warns: bool) -> None:
        """records: so far. patience: scores without improvement before an early stop. warns: problems in `records` have
        been reported already.
        """
        cut = max(0, len(records) - RECENT)
        self.records = [shortened for record in records[:cut] if (shortened := _lasting(record))] + records[cut:]
        self.higher_is_better, self.patience = higher_is_better, patience
        self._reported = {diagnostic.name for diagnostic in self._diagnostics()} if warns else set()

    def add(self, record: Record) -> None:
        """Add the newest record. The result is the same as if all records had been passed at once."""
        self.records.append(record)
        if len(self.records) > RECENT:
            shortened = _lasting(self.records[-RECENT - 1])
            self.records[-RECENT - 1 : -RECENT] = [shortened] if shortened else []

    def is_best(self) -> bool:
        """Whether the newest record has the best score."""
        return bool(self.records) and self.records[-1] is self._best()

    def early_stop_reason(self) -> str | None:
        """Why the training stops early, or None if it goes on."""
        scored = [record for record in self.records if "score" in record]
        if not self.patience or not scored or len(scored) - 1 - scored.index(self._best()) < self.patience:
            return None
        return f"no better score in {self.patience} at step {scored[-1]['step']:,}: --patience"

    def new_diagnostics(self) -> list[Diagnostic]:
        """Problems that were not reported before."""
        new = [diagnostic for diagnostic in self._diagnostics() if diagnostic.name not in self._reported]
        self._reported |= {diagnostic.name for diagnostic in new}
        return new

    def _best(self) -> Record | None:
        return best_record(self.records, higher_is_better=self.higher_is_better)

    def _diagnostics(self) -> list[Diagnostic]:
        return diagnose(self.records, higher_is_better=self.higher_is_better)


def _lasting(record: Record) -> Record | None:
    """The fields kept of an older record; None if that is only its step."""
    fields = {name: record[name] for name in LASTING if name in record}
    return fields if len(fields) > 1 else None


def diagnose(records: Sequence[Record], *, higher_is_better: bool) -> list[Diagnostic]:
    """The problems that the newest records show.

    records: of metrics.jsonl, with D(x), D(G(z)) and the norm of the generator's gradient, and in some of them
    `diversity` (spread of the samples relative to that of real images), `missing_classes` and `score`.
    """
    found = [
        _saturated(records),
        _vanishing(records),
        _collapse([record for record in records if "diversity" in record], len(records)),
        _missing([record for record in records if "missing_classes" in record]),
        _worse([record for record in records if "score" in record], higher_is_better),
    ]
    return [diagnostic for diagnostic in found if diagnostic is not None]


def _saturated(records: Sequence[Record]) -> Diagnostic | None:
    last = records[-WINDOW:]
    beliefs = [(record.get("D(x)", 0.5), record.get("D(G(z))", 0.5)) for record in last]
    if len(last) < WINDOW or not all(real > SURE and fake < 1 - SURE for real, fake in beliefs):
        return None
    real, fake = beliefs[-1]
    return Diagnostic(
        "saturated",
        _before(records, WINDOW),
        f"the discriminator is saturated: D(x) {real:.3f} and D(G(z)) {fake:.3f} since step {last[0]['step']:,}; the "
        "generator hardly learns. A smaller --learning-rate, a larger batch or a smaller discriminator usually helps",
    )


def _vanishing(records: Sequence[Record]) -> Diagnostic | None:
    slopes = np.array([record.get("generator_gradient", np.nan) for record in records])
    if len(slopes) < 3 * WINDOW or np.isnan(slopes[:-WINDOW]).all():
        return None
    usual, last = np.nanmedian(slopes[:-WINDOW]), slopes[-WINDOW:]
    if not (last < FAINT * usual).all():
        return None
    return Diagnostic(
        "vanishing",
        _before(records, WINDOW),
        f"the generator's gradient vanishes: {last[-1]:.1e} since step {records[-WINDOW]['step']:,}, {usual:.1e} "
        "before; it no longer learns. Going back to an earlier checkpoint with a smaller --learning-rate usually helps",
    )


def _collapse(looks: Sequence[Record], records: int) -> Diagnostic | None:
    if len(looks) < 2:
        return None
    last, widest = [record["diversity"] for record in looks[-2:]], max(record["diversity"] for record in looks)
    has_fallen = widest >= ALIKE and max(last) < FALLEN * widest
    never_rose = len(looks) >= LOOKS and records >= 3 * WINDOW and widest < ALIKE
    if not (has_fallen or never_rose):
        return None
    return Diagnostic(
        "collapse",
        _before(looks, 2),
        f"mode collapse: since step {looks[-2]['step']:,} the samples differ {last[-1]:.2f} times as much as real "
        f"images, before that up to {widest:.2f} times. An earlier checkpoint, a smaller --learning-rate or a "
        "larger batch usually helps",
    )


def _missing(looks: Sequence[Record]) -> Diagnostic | None:
    if len(looks) < 3:
        return None
    missing = [record["missing_classes"] for record in looks]
    least, last = min(missing[:-2]), missing[-2:]
    if min(last) <= least:
        return None
    return Diagnostic(
        "missing",
        _before(looks, 2),
        f"missing classes: {last[-1]} are hardly generated since step {looks[-2]['step']:,}, {least} before. This is "
        "how mode collapse begins; gancli eval-labels shows which, and an earlier checkpoint still has them",
    )


def _worse(scored: Sequence[Record], higher_is_better: bool) -> Diagnostic | None:
    values = np.array([record["score"] for record in scored]) * (1 if higher_is_better else -1)
    if len(values) < SCORES + 2:
        return None
    gained, best = np.ptp(values[:-SCORES]), values[:-SCORES].max()
    if not (values[-SCORES:] < best - LOST * gained).all():
        return None
    peak = scored[int(values.argmax())]
    return Diagnostic(
        "worse",
        _before(scored, SCORES),
        f"the score has long been worse than its best: {scored[-1]['score']:.4g}, {peak['score']:.4g} at step "
        f"{peak['step']:,}. --checkpoint best samples from there; --patience stops in time",
    )


def _before(records: Sequence[Record], count: int) -> int:
    """The step of the record before the last `count`, 0 if there is none."""
    return records[-count - 1]["step"] if len(records) > count else 0
