"""Tables of `gancli eval` side by side: which differences exceed the spread, and what may not be compared."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gancli.runs.reports.score_table import REAL, ScoreTable, TableScore

TIMES = 2  # the spread of a difference that the difference must exceed
OF_A_RUN = ("run", "model", "step", "weights", "seeds", "seconds", "gancli", "file", "saved_as")  # may always differ
Pair = tuple[int, int]


@dataclass(frozen=True)
class MetricComparison:
    """A metric of several runs, which are numbered from 0 in the order given.

    values, spreads, real: for each run, None where there is none; spread_is: what the spread of each is, in words.
    real_is: what `real` is the score of. as_real: whether the value is that of real images within its spread; None
    where either is unknown, or `real` is of something else.
    best: the run with the best value, None if that cannot be said.
    exceeds, within, unknown: the pairs of runs whose values differ by more than the spread, by less, and those without
    a spread; the better run of a pair is first. unlike: what differs in the recipes, if runs were measured in different
    ways; such runs are in no pair.
    """

    name: str
    title: str
    better: str
    values: tuple[float | None, ...]
    spreads: tuple[float | None, ...]
    spread_is: tuple[str, ...]
    real: tuple[float | None, ...]
    real_is: str
    as_real: tuple[bool | None, ...]
    best: int | None
    exceeds: tuple[Pair, ...]
    within: tuple[Pair, ...]
    unknown: tuple[Pair, ...]
    unlike: tuple[str, ...]


def compare(tables: Sequence[ScoreTable | None]) -> tuple[MetricComparison, ...]:
    """A comparison for each metric, in the order of the first table that has it.

    A difference exceeds the spread if it is larger than twice the root of the sum of the two squared spreads.
    """
    by_name = [{} if table is None else {score.name: score for score in table.scores} for table in tables]
    names = dict.fromkeys(name for scores in by_name for name in scores)
    return tuple(_metric([scores.get(name) for scores in by_name]) for name in names)


def _metric(scores: Sequence[TableScore | None]) -> MetricComparison:
    first = next(score for score in scores if score is not None)
    given = {at: score for at, score in enumerate(scores) if score is not None and score.value is not None}
    pairs: dict[str, list[Pair]] = {"exceeds": [], "within": [], "unknown": []}
    for one, two in itertools.combinations(given, 2):
        if given[one].comparable == given[two].comparable:
            pair = (two, one) if _is_better(given[two], given[one]) else (one, two)
            pairs[_verdict(given[one], given[two])].append(pair)
    unlike = _unlike(list(given.values()))
    return MetricComparison(
        name=first.name,
        title=first.title,
        better=first.better,
        values=tuple(score and score.value for score in scores),
        spreads=tuple(score and score.spread for score in scores),
        spread_is=tuple(score.spread_is if score else "" for score in scores),
        real=tuple(score and score.real for score in scores),
        real_is=first.real_is or REAL,
        as_real=tuple(score and _as_real(score) for score in scores),
        best=_best(given) if first.better and len(given) > 1 and not unlike else None,
        **{kind: tuple(found) for kind, found in pairs.items()},
        unlike=unlike,
    )


def _is_better(one: TableScore, two: TableScore) -> bool:
    return one.value > two.value if one.better == "higher" else one.better == "lower" and one.value < two.value


def _best(given: Mapping[int, TableScore]) -> int:
    sign = 1 if next(iter(given.values())).better == "higher" else -1
    return max(given, key=lambda at: sign * given[at].value)


def _verdict(one: TableScore, two: TableScore) -> str:
    if one.value == two.value:
        return "within"
    if one.spread is None or two.spread is None:
        return "unknown"
    return "exceeds" if abs(one.value - two.value) > TIMES * math.hypot(one.spread, two.spread) else "within"


def _as_real(score: TableScore) -> bool | None:
    if None in (score.value, score.real, score.spread) or score.real_is not in (REAL, ""):
        return None
    return abs(score.value - score.real) <= score.spread


def _unlike(scores: Sequence[TableScore]) -> tuple[str, ...]:
    """What differs in the recipes of scores that may not be compared: names of values, else the texts themselves."""
    texts = dict.fromkeys(score.comparable for score in scores)
    if len(texts) < 2:
        return ()
    recipes = [dict(_flat(score.recipe)) for score in scores]
    names = dict.fromkeys(name for recipe in recipes for name in recipe)
    differing = tuple(name for name in names if any(recipe.get(name) != recipes[0].get(name) for recipe in recipes))
    return differing or tuple(texts)


def _flat(table: Mapping[str, Any], *, of: str = "") -> Iterator[tuple[str, object]]:
    """The values of a recipe by name, with the names of the tables that they are in."""
    for name, value in table.items():
        if name in OF_A_RUN:
            continue
        if isinstance(value, Mapping):
            yield from _flat(value, of=f"{of}{name} ".replace("_", " "))
        elif not isinstance(value, (list, float)):
            yield f"{of}{name}".replace("_", " "), value
