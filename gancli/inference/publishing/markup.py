"""YAML and Markdown of a model card; names in them may be any text."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

PLAIN = re.compile("[a-z][a-z0-9]*(-[a-z0-9]+)*")  # texts that YAML reads as texts without quotes, but for these:
WORDS = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"}
MARKS = re.compile(r"([\\`*_{}\[\]<>()#|!~$])")


def printable(text: str) -> str:
    """A text on one line, with control characters and others that YAML excludes replaced."""
    return text if text.isprintable() else "".join(one if one.isprintable() else "\ufffd" for one in text)


def yaml(value: object, *, indent: int = 0) -> list[str]:
    """The lines of a table or list of tables, lists, texts, numbers and booleans, none of them empty, as YAML."""
    return list(_yaml(value, " " * indent))


def _yaml(value: object, before: str) -> Iterator[str]:
    is_table = isinstance(value, Mapping)
    for start, one in ((f"{key}:", value[key]) for key in value) if is_table else (("-", one) for one in value):
        if isinstance(one, Mapping) and not is_table:  # the table begins in the line of its dash
            first, *others = _yaml(one, f"{before}  ")
            yield f"{before}- {first.strip()}"
            yield from others
        elif isinstance(one, (Mapping, list, tuple)):
            yield f"{before}{start}"
            yield from _yaml(one, f"{before}  ")
        else:
            yield f"{before}{start} {_scalar(one)}"


def _scalar(value: object) -> str:
    if isinstance(value, str):
        text = printable(value)
        return text if PLAIN.fullmatch(text) and text not in WORDS else json.dumps(text, ensure_ascii=False)
    return json.dumps(value)


def plain(text: str) -> str:
    """A text as Markdown that shows it as it is."""
    return MARKS.sub(r"\\\1", printable(text))


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """A table in Markdown. rows: cells in Markdown."""
    lines = [heads, ["---"] * len(heads), *rows]
    return [f"| {' | '.join(line)} |" for line in lines] if len(lines) > 2 else []
