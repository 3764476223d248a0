"""Errors a user can mend, each with the exit code of the process that meets it."""

import re

LONGEST = 60  # signs of a value in a message
_OVERLONG = re.compile(rf"\d{{{LONGEST + 1},}}|[^\s/]{{256,}}")  # longer than any name of a file


def brief(text: str) -> str:
    """A message with numbers of more than 60 digits, and words longer than any file's name, cut to their beginning."""
    return _OVERLONG.sub(lambda found: f"{found[0][:LONGEST]}…", text)


def shown(value: object) -> str:
    """A value as a message shows it: its beginning; whole numbers of any size."""
    try:
        text = str(value)
    except ValueError:  # Python writes at most 4,300 digits
        text = f"a number of {value.bit_length():,} bits" if isinstance(value, int) else f"a {type(value).__name__}"
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


class GancliError(Exception):
    """One sentence for the user: the thing, the value found, what was expected, the next step."""

    exit_code = 1

    def __init__(self, message: str = "") -> None:
        super().__init__(brief(message))


class OptionError(GancliError):
    """A wrong option, name or configuration file."""

    exit_code = 2


class DataError(GancliError):
    """Data that cannot be found, read or used."""

    exit_code = 3


class CheckpointError(GancliError):
    """A run or checkpoint that is missing, damaged or does not fit."""

    exit_code = 4


class DivergedError(GancliError):
    """A training went wrong: a loss or a weight is not finite, or the watch over its health says so.

    good: the last step at which nothing was wrong.
    """

    exit_code = 5

    def __init__(self, message: str, *, good: int = 0) -> None:
        super().__init__(message)
        self.good = good


class ResourceError(GancliError):
    """Disk or memory is not enough, or a folder cannot be written."""

    exit_code = 6


class LockedError(GancliError):
    """Another process is training this run."""

    exit_code = 7


class WorkerError(GancliError):
    """Another worker of the same training does not come, is lost, or ended it with an exit code of its own."""

    exit_code = 8

    def __init__(self, message: str, exit_code: int = exit_code) -> None:
        super().__init__(message)
        self.exit_code = exit_code


class Interrupted(GancliError):
    """A signal ended the training after its state was saved; exit code 128 + signal."""

    def __init__(self, message: str, signal_number: int) -> None:
        super().__init__(message)
        self.exit_code = 128 + signal_number


def first_line(error: Exception) -> str:
    """The first line of what an error says, or its type where it says nothing."""
    return str(error).splitlines()[0] if str(error) else type(error).__name__
