"""Bad files: those that cannot be read, all of them by name, with the reasons."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from gancli.core.errors import DataError

BadFile: TypeAlias = tuple[str, str]  # name and reason


class BadFilesError(DataError):
    """Files that cannot be read. bad: their names and reasons; is_complete: whether these are all of their kind."""

    def __init__(self, message: str, bad: Sequence[BadFile] = (), *, is_complete: bool = False) -> None:
        super().__init__(message)
        self.bad, self.is_complete = tuple(bad), is_complete

    @classmethod
    def of(cls, name: str, reason: object) -> BadFilesError:
        """The error for one file, whose name the reason may begin with."""
        text = str(reason).removeprefix(f"{name}: ")
        return cls(f"{name}: {text}", [(name, text)])

    @classmethod
    def all_of(cls, where: str, bad: Sequence[BadFile], what: str = "file") -> BadFilesError:
        """The error for all bad files of a data set. where: its path."""
        return cls(
            f"{where}: {len(bad):,} bad {what}{'' if len(bad) == 1 else 's'}: {listed(bad)}", bad, is_complete=True
        )


def listed(bad: Sequence[BadFile]) -> str:
    """All names with their reasons; each reason once, behind the names that it is true of."""
    reasons: dict[str, list[str]] = {}
    for name, reason in bad:
        reasons.setdefault(reason, []).append(name)
    return "; ".join(f"{', '.join(names)}: {reason}" for reason, names in reasons.items())
