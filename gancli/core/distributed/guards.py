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
    """Let SIGTERM and SIGHUP end a meeting as Ctrl-C does, so that the others hear of it. Raises: Interrupted."""
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
        raise Interrupted(f"{name} before the training began: nothing was done", received[0]) from None
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextlib.contextmanager
def time_limit(seconds: int, sentence: str) -> Iterator[None]:
    """End the process after so long, with a sentence and exit code 8.

    While TensorFlow connects, Python runs no code of its own here, so another process says it; and the C library's
    `_exit` is what answers its signal, whose number is then the exit code. SIGTERM, which TensorFlow takes for itself,
    gets its meaning back.
    """
    if not hasattr(signal, "SIGHUP"):  # Windows
        yield
        return
    import ctypes
    import subprocess

    terminate, library = signal.getsignal(signal.SIGTERM), ctypes.CDLL(None)
    library.signal.restype = ctypes.c_void_p
    before = library.signal(WorkerError.exit_code, ctypes.cast(library._exit, ctypes.c_void_p))
    told = [sys.executable, "-S", "-E", "-c", WATCH, str(os.getpid()), str(seconds), sentence]
    watch = subprocess.Popen([*told, str(WorkerError.exit_code)], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    try:
        yield
    finally:
        watch.kill()
        watch.wait()
        library.signal(WorkerError.exit_code, ctypes.c_void_p(before))
        with contextlib.suppress(ValueError):  # not in the main thread
            signal.signal(signal.SIGTERM, terminate)
