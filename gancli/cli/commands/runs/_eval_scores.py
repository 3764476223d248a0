"""The scores of `gancli eval` in lines: of one run, and of several side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from gancli.cli import tables

if TYPE_CHECKING:
    from gancli.runs.reports.score_comparison import MetricComparison, Pair
    from gancli.runs.reports.score_table import ScoreTable, TableScore

RULE = "A difference counts if it exceeds twice the root of the sum of the squared spreads (±)."
MOST_NAMED = 4  # differing values of recipes that are named


def of_run(table: ScoreTable) -> list[str]:
    """The lines of one run."""
    weights = f", {table.weights} weights" if table.weights else ""
    rows = [(f"    {one.title}", _value(one.value, one.spread), _real(one)) for one in table.scores]
    lines = [f"  gancli eval, step {table.step:,}{weights}", *tables.aligned(rows, left=3)] if rows else []
    return lines + [f"  left out: {text}" for text in table.problems]


def side_by_side(titles: Sequence[str], metrics: Sequence[MetricComparison]) -> list[str]:
    """The lines of several runs, with what can be said of their differences."""
    if not metrics:
        return []
    rows = []
    for one in metrics:
        cells = [
            _value(value, spread) + (", as real images" if as_real else "")
            for value, spread, as_real in zip(one.values, one.spreads, one.as_real, strict=True)
        ]
        rows.append([one.title, *cells, _compare_with(one), verdict(titles, one)])
    return ["", *tables.fitted(["Scores of gancli eval", *titles, "real images", "difference"], rows), RULE]


def verdict(titles: Sequence[str], one: MetricComparison) -> str:
    """What can be said of the differences, in words."""
    present = [at for at, value in enumerate(one.values) if value is not None]
    if len(present) < 2:
        return "-"
    if one.unlike:
        more = ", …" if len(one.unlike) > MOST_NAMED else ""
        text = f"measured in different ways: {', '.join(one.unlike[:MOST_NAMED])}{more}"
        return "; ".join([text, *(_pair(titles, pair, one.better) for pair in one.exceeds)])
    if one.best is None:  # neither higher nor lower is better
        found = [_pair(titles, pair, "") for pair in one.exceeds] + ["within the spread"] * bool(one.within)
        return "; ".join([*found, *["spread unknown"] * bool(one.unknown)])
    if len(present) == 2:
        if one.within:
            return "within the spread"
        return f"better value: {titles[one.best]}; spread unknown" if one.unknown else f"{titles[one.best]} is better"
    parts = [
        ("better than ", _others(one.best, one.exceeds)),
        ("within the spread of ", _others(one.best, one.within)),
        ("spread unknown beside ", _others(one.best, one.unknown)),
    ]
    return f"best value: {titles[one.best]}, " + "; ".join(
        start + ", ".join(titles[at] for at in others) for start, others in parts if others
    )


def _pair(titles: Sequence[str], pair: Pair, better: str) -> str:
    first, second = (titles[at] for at in pair)
    return f"{first} is better than {second}" if better else f"{first} and {second} differ"


def _others(best: int, pairs: Sequence[Pair]) -> list[int]:
    """The other run of each pair with the best one."""
    return sorted(sum(pair) - best for pair in pairs if best in pair)


def _value(value: float | None, spread: float | None) -> str:
    return tables.value_text(value, empty="-") + (tables.spread(spread) if value is not None else "")


def _real(score: TableScore) -> str:
    return "" if score.real is None else f"{score.real_is or 'real images'} {tables.value_text(score.real)}"


def _compare_with(one: MetricComparison) -> str:
    """The score of real images, or of something else that is named."""
    values = dict.fromkeys(value for value in one.real if value is not None)
    text = " or ".join(map(tables.value_text, values)) or "-"
    return text if one.real_is == "real images" or not values else f"{text} ({one.real_is})"
