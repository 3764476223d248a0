"""`python -m gancli …` in a process of its own, forked from one in which TensorFlow is imported already.

    python -m helpers.forkserver SOCKET

A start takes some hundredths of a second instead of four. The process is as real as any: it has a pid of its own, takes
signals, and ends as Python ends. It is for tests whose promise is not about starting up.
"""

import contextlib
import functools
import json
import os
import select
import selectors
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from helpers import programs

NUMBER = 12  # bytes of a length, a pid, an exit code
HANDLED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD)


# --- in the tests


class Process:
    """What subprocess.Popen gives of such a process: pid, outputs, signals, exit code."""

    def __init__(self, args, environment, *, terminal=None):
        """terminal: a descriptor that both outputs go to, instead of pipes."""
        (out, out_end), (err, err_end), (self._status, status_end) = (os.pipe() for _ in range(3))
        if terminal is not None:
            os.dup2(terminal, out_end)
            os.dup2(terminal, err_end)
        ends = [out_end, err_end, status_end]
        request = json.dumps([["gancli", *map(str, args)], dict(environment), str(Path.cwd())]).encode()
        socket.send_fds(_server(), [number(len(request))], ends)
        _server().sendall(request)
        for end in ends:
            os.close(end)
        self.stdout, self.stderr = os.fdopen(out, encoding="utf-8"), os.fdopen(err, encoding="utf-8")
        self.pid, self.returncode = int(os.read(self._status, NUMBER)), None

    def wait(self, timeout=None):
        """The exit code, negative after a signal. Raises: TimeoutExpired."""
        if self.returncode is None:
            if not select.select([self._status], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired("gancli", timeout)
            self.returncode = int(os.read(self._status, NUMBER))
            os.close(self._status)
        return self.returncode

    def poll(self):
        """The exit code, None before there is one."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            return self.wait(0)

    def send_signal(self, number):
        """Nothing where the process has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self):
        self.send_signal(signal.SIGKILL)

    def communicate(self, timeout=None):
        """What is yet to be read of both outputs, once the process has ended. Raises: TimeoutExpired."""
        end = None if timeout is None else time.monotonic() + timeout
        found = dict.fromkeys((self.stdout, self.stderr), b"")
        with selectors.DefaultSelector() as selector:
            for pipe in found:
                if not pipe.closed:
                    selector.register(pipe, selectors.EVENT_READ)
            while selector.get_map():
                ready = selector.select(None if end is None else max(0, end - time.monotonic()))
                if not ready:
                    raise subprocess.TimeoutExpired("gancli", timeout)
                for key, _ in ready:
                    part = os.read(key.fd, 1 << 16)
                    found[key.fileobj] += part
                    if not part:
                        selector.unregister(key.fileobj)
        self.wait(None if end is None else max(0, end - time.monotonic()))
        return tuple(part.decode() for part in found.values())


def run(*args, timeout=100):
    """The finished process of a command line, as subprocess.run gives it."""
    process = Process(args, os.environ)
    try:
        out, err = process.communicate(timeout)
    finally:
        process.kill()
    return subprocess.CompletedProcess(list(args), process.returncode, out, err)


@functools.cache
def _server():
    """The socket to a server of this process' own, which ends with it."""
    ours, its = socket.socketpair()
    command = programs.command("forkserver", its.fileno())
    subprocess.Popen(command, env=programs.environment(), pass_fds=[its.fileno()], stdout=subprocess.DEVNULL)
    its.close()
    return ours


def number(value):
    return f"{value:{NUMBER}}".encode()


# --- in the server


def serve(server):
    """Fork whenever it is asked for; returns in the forked process, made ready for its command line."""
    before = dict(os.environ)
    from gancli.cli.commands import train  # noqa: F401
    from gancli.core import backend
    from gancli.training import loop  # noqa: F401

    backend.own_process()
    backend.start()
    imported = {name: value for name, value in os.environ.items() if before.get(name) != value}
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # no zombies
    while True:
        head, ends, _, _ = socket.recv_fds(server, NUMBER, 3)
        if not head:
            os._exit(0)  # the tests have ended
        request = server.recv(int(head), socket.MSG_WAITALL)
        if not os.fork() and not watched(ends[2]):
            server.close()
            args, environment, folder = json.loads(request)
            become(ends, args, environment | imported, folder)
            return
        for end in ends:
            os.close(end)


def watched(status):
    """Fork once more, and stay to tell the pid and the exit code; returns 0, in the fork alone."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    if not (pid := os.fork()):
        return 0
    os.closerange(3, status)
    os.closerange(status + 1, status + 100)
    for stream in (1, 2):
        os.close(stream)
    os.write(status, number(pid))
    os.write(status, number(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])))
    os._exit(0)


def become(ends, args, environment, folder):
    """A process as one that was just started with these arguments."""
    for stream, end in enumerate(ends[:2], 1):
        os.dup2(end, stream)
    for end in ends:
        os.close(end)
    for name in HANDLED:
        signal.signal(name, signal.default_int_handler if name == signal.SIGINT else signal.SIG_DFL)
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    sys.argv = args


if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])))
    from gancli.cli.main import main

    main()
