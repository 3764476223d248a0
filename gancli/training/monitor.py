"""A watch over trainings: which score is best, whether it is enough, and what looks wrong, in words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from gancli.core.backend import np
from gancli.runs.metadata import Record, best_record

WINDOW = 20  # records in a row that must show a symptom
SURE = 0.98  # the discriminator's belief from which on it doubts no more
FAINT = 1e-3  # of the generator's usual gradient
ALIKE, FALLEN = 0.1, 1 / 3  # of the real images' spread; of the widest spread that the samples had
LOOKS = 5  # at the samples, before ones that were never diverse are called alike
RECENT = 1000  # records kept whole; a day of training would otherwise keep 300 MB, and look at all of it twice a second
LASTING = ("step", "diversity", "missing_classes", "score")  # what is kept of older ones
SCORES, LOST = 5, 0.5  # scores in a row, each of which has lost this share of what training had gained


class Diagnostic(NamedTuple):
    """What was seen, and what to do about it, in words. good: the last step recorded without it."""

    name: str
    good: int
    text: str


class TrainingMonitor:
    """What a training's records say of going on: which score is best, whether that is enough, what looks wrong.

    Attributes: `records`, the newest of metrics.jsonl, and what lasts of those before.
    """

    def __init__(self, records: list[Record], *, higher_is_better: bool, patience: int | None, warns: bool) -> None:
        """patience: scores without a better one. warns: symptoms of these records were told of already."""
        cut = max(0, len(records) - RECENT)
        self.records = [kept for record in records[:cut] if (kept := _lasting(record))] + records[cut:]
        self.higher_is_better, self.patience = higher_is_better, patience
        self._known = {symptom.name for symptom in self._symptoms()} if warns else set()

    def add(self, record: Record) -> None:
        """Take the newest record in; the same are then kept as if all were given at once."""
        self.records.append(record)
        if len(self.records) > RECENT:
            kept = _lasting(self.records[-RECENT - 1])
            self.records[-RECENT - 1 : -RECENT] = [kept] if kept else []

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
        """Those that were not told of before."""
        fresh = [symptom for symptom in self._symptoms() if symptom.name not in self._known]
        self._known |= {symptom.name for symptom in fresh}
        return fresh

    def _best(self) -> Record | None:
        return best_record(self.records, higher_is_better=self.higher_is_better)

    def _symptoms(self) -> list[Diagnostic]:
        return symptoms(self.records, higher_is_better=self.higher_is_better)


def _lasting(record: Record) -> Record | None:
    """What is kept of a record that is no longer recent; None if that is no more than its step."""
    kept = {name: record[name] for name in LASTING if name in record}
    return kept if len(kept) > 1 else None


def symptoms(records: Sequence[Record], *, higher_is_better: bool) -> list[Diagnostic]:
    """The symptoms that the newest records show.

    records: as a training logs them, with D(x), D(G(z)) and the generator's gradient, and now and then `diversity`
    (spread of the samples over that of real images), `missing_classes` and `score`.
    """
    checks: dict[str, Callable[[], Diagnostic | None]] = {
        "saturated": lambda: _saturated(records),
        "vanishing": lambda: _vanishing(records),
        "collapse": lambda: _collapse([record for record in records if "diversity" in record], len(records)),
        "missing": lambda: _missing([record for record in records if "missing_classes" in record]),
        "worse": lambda: _worse([record for record in records if "score" in record], higher_is_better),
    }
    return [found for check in checks.values() if (found := check()) is not None]


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
        "before; it no longer learns. An earlier checkpoint with a smaller --learning-rate usually helps",
    )


def _collapse(seen: Sequence[Record], records: int) -> Diagnostic | None:
    if len(seen) < 2:
        return None
    last, widest = [record["diversity"] for record in seen[-2:]], max(record["diversity"] for record in seen)
    has_fallen = widest >= ALIKE and max(last) < FALLEN * widest
    never_rose = len(seen) >= LOOKS and records >= 3 * WINDOW and widest < ALIKE
    if not (has_fallen or never_rose):
        return None
    return Diagnostic(
        "collapse",
        _before(seen, 2),
        f"the samples collapse: since step {seen[-2]['step']:,} they differ {last[-1]:.2f} times as much as real "
        f"images, {widest:.2f} times at most before. An earlier checkpoint, a smaller --learning-rate or a larger "
        "batch usually helps",
    )


def _missing(seen: Sequence[Record]) -> Diagnostic | None:
    if len(seen) < 3:
        return None
    missing = [record["missing_classes"] for record in seen]
    least, last = min(missing[:-2]), missing[-2:]
    if min(last) <= least:
        return None
    return Diagnostic(
        "missing",
        _before(seen, 2),
        f"classes vanish: {last[-1]} of them are hardly made since step {seen[-2]['step']:,}, {least} before. That is "
        "how a collapse begins; gancli eval-labels says which, and an earlier checkpoint has them",
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
        f"the score has been worse than its best for long: {scored[-1]['score']:.4g}, {peak['score']:.4g} at step "
        f"{peak['step']:,}. --checkpoint best draws from there; --patience stops in time",
    )


def _before(records: Sequence[Record], count: int) -> int:
    """The step of the record before the last `count`, 0 if there is none."""
    return records[-count - 1]["step"] if len(records) > count else 0
