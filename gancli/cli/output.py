"""What commands print: results on standard output; notes, warnings and remarks on data on standard error."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from gancli.core.errors import DataError
from gancli.core.streams import note, print_lines

if TYPE_CHECKING:
    from gancli.data import Dataset, Remark

__all__ = ["need_none", "note", "print_dataset_remarks", "print_remarks", "report", "warn"]
STRICT, PRINTED = "gancli.strict", "gancli.printed"  # keys of Click's ctx.meta


def print_dataset_remarks(dataset: Dataset) -> None:
    """Print the important remarks of a data set, each once per command. Raises: DataError for them with --strict."""
    print_remarks(dataset.remarks)


def print_remarks(remarks: Iterable[Remark]) -> None:
    """Print the important remarks, each once per command. Raises: DataError for them with --strict."""
    remarks = list(remarks)
    need_none(remarks)
    context = click.get_current_context(silent=True)
    printed = context.meta.setdefault(PRINTED, set()) if context else set()
    for remark in remarks:
        if remark.matters and remark.text not in printed:
            printed.add(remark.text)
            note(f"note: {remark.text}")


def need_none(remarks: Iterable[Remark]) -> None:
    """With --strict, raise DataError for important remarks."""
    texts = [remark.text for remark in remarks if remark.matters]
    context = click.get_current_context(silent=True)
    if texts and context is not None and context.meta.get(STRICT):
        raise DataError(f"--strict: {'; '.join(texts)}")


def warn(text: str) -> None:
    """Print a warning on standard error."""
    note(f"warning: {text}")


def report(result: Mapping[str, Any], lines: Sequence[str], *, as_json: bool) -> None:
    """Print a result on standard output: as lines, with control characters escaped, or as one JSON object."""
    from gancli.core import strict_json

    print_lines([strict_json.dumps(result)] if as_json else lines, err=False)
