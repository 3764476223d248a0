"""The list of runs: rows of any columns, filtered and sorted."""

from __future__ import annotations

import dataclasses
import fnmatch
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gancli.core.errors import CheckpointError, OptionError
from gancli.core.names.similar import did_you_mean
from gancli.runs.reports.summary import RunSummary, summarize
from gancli.runs.run import Run


@dataclass(frozen=True)
class Row:
    """A run of the list: its summary, and its options by name."""

    summary: RunSummary
    options: Mapping[str, object]

    def __getitem__(self, key: str) -> Any:
        """A value of the summary, or else of the option of that name; None if it has neither."""
        return getattr(self.summary, key) if key in SUMMARY else self.options.get(key)


SUMMARY = tuple(field.name for field in dataclasses.fields(RunSummary))


def rows(runs: Iterable[Run]) -> list[Row]:
    """A row for each run. Raises: CheckpointError if files of a run are damaged."""
    return [Row(summarize(run), options_of(run)) for run in runs]


def options_of(run: Run) -> Mapping[str, object]:
    """The options of a run by their names of today, or as they were recorded if this version does not know them all."""
    try:
        return run.settings().to_mapping()
    except (CheckpointError, OptionError):
        return run.recorded_options()


def need_known(keys: Iterable[str], found: Sequence[Row], columns: Sequence[str]) -> None:
    """Raise OptionError for a key that is neither one of these columns, nor a value of a summary, nor an option of any
    run. Without runs all keys are accepted."""
    known = {*columns, *SUMMARY, *(name for row in found for name in row.options)}
    for key in keys if found else ():
        if key not in known:
            near = did_you_mean(key, sorted(known))
            raise OptionError(f"'{key}' is neither a column ({', '.join(columns)}) nor an option of these runs{near}")


def matching(found: Iterable[Row], filters: Iterable[tuple[str, str]]) -> list[Row]:
    """The rows whose values match every filter, a key and a text.

    A text matches a number that it stands for, and text in any case, with * and ? for any characters.
    """
    filters = list(filters)
    return [row for row in found if all(_matches(row[key], text) for key, text in filters)]


def _matches(value: object, text: str) -> bool:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        try:
            return float(text) == value
        except ValueError:
            return False
    shown = "none" if value is None else str(value)
    return fnmatch.fnmatchcase(shown.casefold(), text.casefold())


def in_order(found: Iterable[Row], key: str) -> list[Row]:
    """The rows sorted by a key, from the largest with "-" before it; rows without a value come last."""
    found, key, is_descending = list(found), key.removeprefix("-"), key.startswith("-")
    present = [row for row in found if row[key] is not None]
    present.sort(key=lambda row: _rank(row[key]), reverse=is_descending)
    return present + [row for row in found if row[key] is None]


def _rank(value: object) -> tuple[bool, Any]:
    is_number = isinstance(value, (int, float))
    return (not is_number, value if is_number else str(value).casefold())
