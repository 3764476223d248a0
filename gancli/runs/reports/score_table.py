"""The scores that `gancli eval` saved for a run in eval/scores.json: one table, measured on one set of samples."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gancli.core.errors import CheckpointError
from gancli.runs import metadata
from gancli.runs.run import Run

STEM = "scores"  # of its file in eval/
BETTER = ("higher", "lower", "")
REAL = "real images"  # what scores are compared with, if nothing else is named
MOST, LONGEST = 200, 300  # scores of a table; characters of a text in it


@dataclass(frozen=True)
class TableScore:
    """A score of the table.

    name: of the metric; title: the score's name for people, with features and counts. value: None if it is not defined.
    spread: its standard error or deviation, None if unknown; spread_is: which of them, in words. real: the same score
    of real images, or of what real_is names, None without one. better: "higher", "lower" or "" where neither is.
    comparable: a text that is equal for two scores exactly if they can be compared. recipe: how it was measured.
    """

    name: str
    title: str
    value: float | None
    spread: float | None
    spread_is: str
    real: float | None
    real_is: str
    better: str
    comparable: str
    recipe: Mapping[str, Any]


@dataclass(frozen=True)
class ScoreTable:
    """The table of a run: its scores in order, the step and the weights that were scored, and when, seconds since 1970.

    problems: a sentence for each thing that is damaged and was left out, with the name of the file.
    """

    scores: tuple[TableScore, ...] = ()
    step: int = 0
    weights: str = ""
    modified: float = 0.0
    problems: tuple[str, ...] = ()

    def defined(self) -> TableScore | None:
        """The first score with a value."""
        return next((score for score in self.scores if score.value is not None), None)


def read(run: Run) -> ScoreTable | None:
    """The table of a run; None without one. It may be damaged or of an untrusted source: whatever is not as it should
    be is left out, with a sentence in `problems`."""
    path = run.path / "eval" / f"{STEM}.json"
    try:
        modified = path.stat().st_mtime
        table = metadata.read_json(path)
    except FileNotFoundError:
        return None
    except (CheckpointError, OSError) as error:
        return ScoreTable(problems=(str(error),))
    rows = table.get("scores")
    if not isinstance(rows, list):
        return ScoreTable(problems=(f"{path}: scores: expected a list",), modified=modified)
    scores: dict[str, TableScore] = {}
    for row in rows[:MOST]:
        if (score := _score(row)) is not None:
            scores.setdefault(score.name, score)
    bad = len(rows) - len(scores)
    why = f"expected at most {MOST}, each with a name of its own, title, value, better and comparable"
    problems = (f"{path}: {bad:,} of {len(rows):,} scores: {why}",) if bad else ()
    step, weights = table.get("step"), table.get("weights")
    return ScoreTable(
        scores=tuple(scores.values()),
        step=step if type(step) is int else 0,
        weights=weights if _is_text(weights) else "",
        modified=modified,
        problems=problems,
    )


def finite(value: object) -> float | None:
    """A number that a float can hold; None for anything else."""
    if type(value) not in (int, float):
        return None
    try:
        return value if math.isfinite(value) else None
    except OverflowError:  # an integer too large for a float
        return None


def _score(row: object) -> TableScore | None:
    """A score from an object of the file; None if something in it is not as it should be."""
    if not isinstance(row, dict):
        return None
    row = {"spread": None, "spread_is": "", "real": None, "real_is": REAL, "better": "", "recipe": {}} | row
    texts = [row.get(key) for key in ("name", "title", "comparable", "spread_is", "real_is", "better")]
    numbers = [row.get(key) for key in ("value", "spread", "real")]
    is_valid = all(map(_is_text, texts)) and all(texts[:2]) and row["better"] in BETTER
    is_valid &= "value" in row and all(number is None or finite(number) is not None for number in numbers)
    if not is_valid or not isinstance(row["recipe"], dict) or (row["spread"] or 0) < 0:
        return None
    return TableScore(**{name: row[name] for name in TableScore.__dataclass_fields__})


def _is_text(value: object) -> bool:
    return isinstance(value, str) and len(value) <= LONGEST
