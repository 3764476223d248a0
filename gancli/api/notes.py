"""What library functions print while they work, on standard error: notes, remarks on data, and progress."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from gancli.core import progress as work
from gancli.core.streams import note

if TYPE_CHECKING:
    from gancli.data.remarks import Remark


def no_note(text: str) -> None:
    """Print nothing."""


def notes(*, progress: bool) -> Callable[[str], None]:
    """What receives a line of text: it is printed, or with progress=False dropped."""
    return note if progress else no_note


def print_remarks(remarks: Iterable[Remark], *, progress: bool = True) -> None:
    """Print the remarks on data that matter, unless progress is False."""
    for remark in remarks if progress else ():
        if remark.matters:
            note(f"note: {remark.text}")


@contextlib.contextmanager
def shown(*, progress: bool) -> Iterator[None]:
    """Show the progress of the work inside, as a bar in a terminal or notebook, else as lines; or not."""
    from gancli.api.progress import counting

    with work.shown_by(counting.show if progress else None):
        yield
