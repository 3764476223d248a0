"""Lines of text on standard output and standard error, with control characters escaped."""

from __future__ import annotations

import errno
import os
import sys
import unicodedata
from collections.abc import Sequence

HIDDEN = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}  # Unicode categories: control, format, surrogate, private, separators
JOINERS = "\u200c\u200d"  # needed by some scripts and by emoji


def note(*lines: str) -> None:
    """Print lines on standard error."""
    print_lines(lines, err=True)


def print_lines(lines: Sequence[str], *, err: bool) -> None:
    """Print lines, with newlines inside of them escaped. err: on standard error.

    If the reader of a pipe has exited or the terminal is closed, the output is dropped and the program continues.
    Raises: OSError for standard output on a full disk.
    """
    stream = sys.stderr if err else sys.stdout
    if stream is None:
        return
    text = "\n".join(map(escaped, lines)) + "\n"
    try:
        if hasattr(stream, "buffer"):
            stream.flush()
            stream.buffer.write(text.encode())
            stream.buffer.flush()
        else:  # of a notebook
            stream.write(text)
            stream.flush()
    except OSError as error:
        if not err and error.errno not in (errno.EPIPE, errno.EIO):
            raise  # a lost result is an error
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2 if err else 1)


def escaped(text: str) -> str:
    r"""Text on one line: control and format characters, including newlines, become escapes like \x1b, \n or \u202e.

    Letters of all scripts, accents, emoji and spaces are kept.
    """
    return text if text.isprintable() else "".join(map(_escape, text))


def _escape(character: str) -> str:
    is_hidden = unicodedata.category(character) in HIDDEN and character not in JOINERS
    return character.encode("unicode_escape").decode("ascii") if is_hidden else character
