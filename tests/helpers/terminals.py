"""Pseudo-terminals: what a program shows in a window of some size."""

import contextlib
import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios

from helpers import programs

ESCAPE = re.compile(r"\x1b(\[[0-9;?]*[ -/]*[@-~]|[()78=>].?|_G[^\x1b]*\x1b\\|P[^\x1b]*\x1b\\)")

OWN = "import fcntl, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0)\n"  # as a shell's window is that of its programs


def resize(terminal, columns, rows=24):
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, columns * 10, rows * 20))


@contextlib.contextmanager
def window(columns):
    """Both ends of a pseudo-terminal: the program's and ours."""
    ours, its = pty.openpty()
    resize(its, columns)
    try:
        yield its, ours
    finally:
        os.close(ours)


def read(ours):
    """Whatever comes until the program ends."""
    parts = []
    with contextlib.suppress(OSError):  # the other end is closed
        while part := os.read(ours, 1 << 16):
            parts.append(part)
    return b"".join(parts).decode()


def run(program, *args, columns=80, answer=None, **environment):
    """What a Python program prints in a terminal. answer: called with new output, returns what the terminal replies."""
    with window(columns) as (its, ours):
        command = [sys.executable, "-c", OWN + program, *map(str, args)]
        given = programs.environment() | {"TERM": "xterm-256color"} | environment
        process = subprocess.Popen(command, stdin=its, stdout=its, stderr=its, env=given, start_new_session=True)
        os.close(its)
        shown = b""
        with contextlib.suppress(OSError):
            while part := os.read(ours, 1 << 16):
                shown += part
                if answer and (reply := answer(part)):
                    os.write(ours, reply)
        assert process.wait(timeout=60) == 0, shown.decode()
    return shown.decode()


def rows(shown):
    """Each row as it was last or in between, without escape sequences."""
    return [text for part in re.split(r"\r?\n|\r", shown) if (text := ESCAPE.sub("", part).rstrip())]
