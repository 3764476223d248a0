"""Errors that a user can fix, each with its exit code."""

import re

LONGEST = 60  # characters of a value in a message
_OVERLONG = re.compile(rf"\d{{{LONGEST + 1},}}|[^\s/]{{256,}}")  # longer than any file name


def brief(text: str) -> str:
    """A message in which numbers of more than 60 digits, and words longer than any file name, are truncated."""
    return _OVERLONG.sub(lambda found: f"{found[0][:LONGEST]}…", text)


def value_text(value: object) -> str:
    """A value as messages show it, truncated to 60 characters."""
    try:
        text = str(value)
    except ValueError:  # Python converts integers of at most 4,300 digits
        text = f"a number of {value.bit_length():,} bits" if isinstance(value, int) else f"a {type(value).__name__}"
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


class GancliError(Exception):
    """One sentence for the user: the subject, the value found, what was expected, and the next step."""

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
    """A run or checkpoint that is missing, damaged or incompatible."""

    exit_code = 4


class DivergedError(GancliError):
    """A training diverged: a loss or weight is not finite, or the training monitor found a problem.

    good: the last step without a problem.
    """

    exit_code = 5

    def __init__(self, message: str, *, good: int = 0) -> None:
        super().__init__(message)
        self.good = good


class ResourceError(GancliError):
    """Not enough disk space or memory, or a folder that cannot be written."""

    exit_code = 6


class LockedError(GancliError):
    """Another process is training this run."""

    exit_code = 7


class WorkerError(GancliError):
    """Another worker of the training did not start, was lost, or failed with its own exit code."""

    exit_code = 8

    def __init__(self, message: str, exit_code: int = exit_code) -> None:
        super().__init__(message)
        self.exit_code = exit_code


class Interrupted(GancliError):
    """A signal ended the command; a training has saved its state. The exit code is 128 + signal.

    run: of a training that `gancli.train` started, its gancli.Run, to be resumed.
    """

    run: object = None

    def __init__(self, message: str, signal_number: int) -> None:
        super().__init__(message)
        self.exit_code = 128 + signal_number


def first_line(error: BaseException) -> str:
    """The first line of an error message, or the type of an error without a message."""
    return str(error).splitlines()[0] if str(error) else type(error).__name__
