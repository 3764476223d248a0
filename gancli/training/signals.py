"""Signals that end a training: received at once, even while TensorFlow computes."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable

from gancli.core import backend

ECHO_SECONDS = 0.5


class Signals:
    """SIGINT, SIGTERM, SIGHUP: the number of the first is stored in `received`, the second ends the process at once.

    In a program that imports gancli a second one changes nothing, as the process is not gancli's to end.
    A thread reads them from a pipe, because Python's own handlers wait until TensorFlow returns.
    """

    NAMES = ("SIGINT", "SIGTERM", "SIGHUP")

    def __init__(self) -> None:
        self.received, self._since = 0, 0.0
        self._handlers: dict[int, signal.Handlers | Callable] = {}  # those before
        self._reader, writer = os.pipe()
        os.set_blocking(writer, False)
        self._writer = writer
        if threading.current_thread() is threading.main_thread():
            self._wakeup = signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
            for name in self.NAMES:
                number = getattr(signal, name, None)
                if number is not None and signal.getsignal(number) is not signal.SIG_IGN:  # nohup stays in effect
                    self._handlers[number] = signal.signal(number, lambda *_: None)
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def _listen(self) -> None:
        while byte := os.read(self._reader, 1):
            if byte[0] == 0:
                return
            if byte[0] in self._handlers:
                if self.received and backend.owns_process() and not self._is_echo(byte[0]):
                    os._exit(128 + byte[0])
                self.received, self._since = byte[0], time.monotonic()

    def _is_echo(self, number: int) -> bool:
        """A closing terminal and `timeout` send their signal twice at once; the second one does not count."""
        return number == self.received and time.monotonic() - self._since < ECHO_SECONDS

    def close(self) -> None:
        """Restore the handlers. After a signal was received gancli's process is ending, so further ones are ignored."""
        is_ending = self.received and backend.owns_process()
        for number, handler in self._handlers.items():
            signal.signal(number, signal.SIG_IGN if is_ending else handler)
        if self._handlers:
            signal.set_wakeup_fd(self._wakeup)
        os.write(self._writer, b"\0")
        self._thread.join()
        os.close(self._writer)
        os.close(self._reader)
