"""The scores of `gancli eval` as lines of text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gancli.cli import tables

NAMES = ("metric", "score", "±", "compare with", "better", "what it is")  # of the columns
REAL = "real images"  # what most scores are compared with


def lines(table: Mapping[str, Any]) -> list[str]:
    """The table, what its deviations are, how the scores were measured, and what was left out."""
    rows = [_row(score) for score in table["scores"]]
    kept = [at for at in range(len(NAMES)) if any(row[at] for row in rows)]
    names, *cells = ([row[at] for at in kept] for row in (NAMES, *rows))
    found = [*tables.fitted(names, cells, right=NAMES[1:4], whole=NAMES[:5]), ""]
    found += [f"± of {score['name']}: {score['spread_is']}" for score in table["scores"] if score["spread_is"]]
    found += [f"{group}: {text}" for group, text in table["measurements"].items()]
    found += _left_out(table["left_out"])
    return [*found, f"scored: {_source(table['recipe'])}"]


def _row(score: Mapping[str, Any]) -> tuple[str, ...]:
    unit = f", {score['unit']}" if "unit" in score else ""
    spread, real = (tables.number(score[key], form, missing="") for key, form in (("spread", ".2g"), ("real", ".5g")))
    named = real if score["real_is"] in ("", REAL) else f"{score['real_is']}: {real}"
    return score["name"], f"{score['value']:.5g}", spread, named, score["better"], score["title"] + unit


def _left_out(reasons: Mapping[str, str]) -> list[str]:
    """A line for each reason, with the scores that it keeps from being computed."""
    return [
        f"left out: {', '.join(name for name in reasons if reasons[name] == reason)}: {reason}"
        for reason in dict.fromkeys(reasons.values())
    ]


def _source(recipe: Mapping[str, Any]) -> str:
    if "images" in recipe:
        return f"{recipe['samples']:,} images of {recipe['images']} against '{recipe['data']}'"
    samples = f"{recipe['samples']:,} samples (seeds {recipe['seeds']}) of " if "samples" in recipe else ""
    return f"{samples}step {recipe['step']:,} of {recipe['run']}, {recipe['weights']} weights"
