"""Waiting for other workers in a way that signals and deadlines can end."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections.abc import Iterator

from gancli.core.errors import Interrupted, WorkerError

WATCH = """
import os, sys, time
watched, seconds, sentence, number = sys.argv[1:]
time.sleep(float(seconds))
if os.getppid() == int(watched):
    os.write(2, os.fsencode(sentence))
    os.kill(int(watched), int(number))
"""


@contextlib.contextmanager
def as_interrupts() -> Iterator[None]:
    """Let SIGTERM and SIGHUP end a rendezvous as Ctrl-C does, so that the others are notified. Raises: Interrupted."""
    received: list[int] = []

    def interrupt(number: int, frame: object) -> None:
        received.append(number)
        signal.raise_signal(signal.SIGINT)

    before = {}
    with contextlib.suppress(ValueError):  # not in the main thread
        for number in (signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM)):
            if signal.getsignal(number) is not signal.SIG_IGN:  # nohup ignores one of them
                before[number] = signal.signal(number, interrupt)
    try:
        yield
    except KeyboardInterrupt:
        if not received:
            raise
        name = signal.Signals(received[0]).name
        raise Interrupted(f"{name} before the training began: nothing was saved", received[0]) from None
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextlib.contextmanager
def time_limit(seconds: int, sentence: str) -> Iterator[None]:
    """End the process after `seconds` with a message on stderr and exit code 8.

    While TensorFlow connects, no Python code runs in this process. So another process writes the message and sends a
    signal, whose handler is the C library's `_exit`: the signal's number becomes the exit code. Afterwards SIGTERM, for
    which TensorFlow installs a handler, gets its old one back.
    """
    if not hasattr(signal, "SIGHUP"):  # Windows
        yield
        return
    import ctypes
    import subprocess

    terminate, library = signal.getsignal(signal.SIGTERM), ctypes.CDLL(None)
    library.signal.restype = ctypes.c_void_p
    before = library.signal(WorkerError.exit_code, ctypes.cast(library._exit, ctypes.c_void_p))
    arguments = [str(os.getpid()), str(seconds), sentence, str(WorkerError.exit_code)]
    command = [sys.executable, "-S", "-E", "-c", WATCH, *arguments]
    watch = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    try:
        yield
    finally:
        watch.kill()
        watch.wait()
        library.signal(WorkerError.exit_code, ctypes.c_void_p(before))
        with contextlib.suppress(ValueError):  # not in the main thread
            signal.signal(signal.SIGTERM, terminate)
