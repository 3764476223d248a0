"""gancli.Scores: scores by name, with the recipe of each."""

from __future__ import annotations

import html
import math
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gancli.evaluation.metric_table import Score

HEADINGS = ("metric", "score", "spread", "real images")


class Scores(Mapping[str, float]):
    """Scores by name, float each; NaN where a score is not defined. `evaluate` returns them.

    Attributes, each a dict by name: `recipe`, how a score was measured, the object that the command prints with --json:
    features, reference images, seeds, counts, run and step. `real`, the same score of real images, the value to expect
    of perfect samples; `spread`, its deviation or standard error: only for the metrics that have them; `left_out`, of
    metrics="all", why a metric that applies could not be computed on the data.
    """

    def __init__(
        self,
        values: Mapping[str, float],
        recipe: Mapping[str, Mapping[str, Any]],
        real: Mapping[str, float] | None = None,
        spread: Mapping[str, float] | None = None,
        left_out: Mapping[str, str] | None = None,
    ) -> None:
        self._values = dict(values)
        self.recipe: dict[str, dict[str, Any]] = {name: dict(one) for name, one in recipe.items()}
        self.real: dict[str, float] = dict(real or {})
        self.spread: dict[str, float] = dict(spread or {})
        self.left_out: dict[str, str] = dict(left_out or {})

    @classmethod
    def of(cls, scores: Mapping[str, Score], left_out: Mapping[str, str] | None = None) -> Scores:
        """Scores of gancli.evaluation.metric_table."""
        return cls(
            {name: one.value for name, one in scores.items()},
            {name: one.measured.result for name, one in scores.items()},
            {name: one.real for name, one in scores.items() if one.real is not None},
            {name: one.spread for name, one in scores.items() if one.spread is not None},
            left_out,
        )

    def __getitem__(self, name: str) -> float:
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def to_dict(self) -> dict[str, dict[str, Any]]:
        """For JSON: by name `value`, None where it is not defined, `real` and `spread` if there are any, `recipe`."""
        table: dict[str, dict[str, Any]] = {}
        for name, value in self._values.items():
            table[name] = {"value": None if math.isnan(value) else value}
            table[name] |= {"real": self.real[name]} if name in self.real else {}
            table[name] |= {"spread": self.spread[name]} if name in self.spread else {}
            table[name]["recipe"] = self.recipe[name]
        return table

    def _rows(self) -> list[tuple[str, ...]]:
        """The table as texts, with its headings."""
        rows: list[tuple[str, ...]] = [HEADINGS]
        for name, value in self._values.items():
            spread = f"± {self.spread[name]:.2g}" if name in self.spread else ""
            real = f"{self.real[name]:.5g}" if name in self.real else ""
            rows.append((name, "not defined" if math.isnan(value) else f"{value:.5g}", spread, real))
        return rows

    def __repr__(self) -> str:
        widths = [max(map(len, column)) for column in zip(*self._rows(), strict=True)]
        lines = []
        for first, *others in self._rows():
            cells = [f"{cell:>{width}}" for cell, width in zip(others, widths[1:], strict=True)]
            lines.append("  ".join([f"{first:{widths[0]}}", *cells]).rstrip())
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        """For notebooks: a table."""
        head, *rows = self._rows()
        lines = ["<tr>" + "".join(f"<th>{cell}</th>" for cell in head) + "</tr>"]
        lines += ["<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>" for row in rows]
        return f"<table>{''.join(lines)}</table>"
