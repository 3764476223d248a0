"""The sockets of the rendezvous: listening at the chief's address, and checking that a port is free."""

from __future__ import annotations

import contextlib
import errno
import os
import socket
from collections.abc import Callable

from gancli.core.errors import WorkerError


def listen(host: str, port: int) -> list[socket.socket]:
    """Listening sockets at all addresses of a host name, and at no others. Raises: WorkerError."""
    where = f"{host}:{port}"
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise WorkerError(
            f"cannot listen at {where} ({error.strerror}): the first of --workers must be an address of this machine"
        ) from error
    sockets, failed = [], None
    for family, address in dict.fromkeys((family, address) for family, _, _, _, address in found):
        try:
            sockets.append(socket.create_server(address[:2], family=family))
        except OSError as error:
            failed = failed or (error, address[0])
            if error.errno not in (
                errno.EADDRNOTAVAIL,
                errno.EAFNOSUPPORT,
            ):  # a name may also stand for addresses of other machines
                break
    else:
        if sockets:
            return sockets
    for one in sockets:
        one.close()
    error, at = failed
    if error.errno == errno.EADDRNOTAVAIL:
        advice = f"{at} is not an address of this machine, and the first of --workers must be one"
    else:
        advice = "give the chief another port"
    raise WorkerError(f"cannot listen at {where} ({os.strerror(error.errno)}): {advice}") from error


def need_free(host: str, port: int) -> None:
    """Raise WorkerError if another program uses the port that TensorFlow will listen on.

    No error if `host` is not an address of this machine, as behind a router.
    """
    with contextlib.suppress(OSError):
        for family, _, _, _, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
            try:
                socket.create_server(address[:2], family=family).close()
            except OSError as error:
                if error.errno == errno.EADDRINUSE:
                    raise WorkerError(
                        f"{host}:{port} is taken on this machine: give this worker another port"
                    ) from error


def warn_of_loopback(hosts: list[str], warn: Callable[[str], None]) -> None:
    """Warn if other machines cannot reach the chief's address, as with a machine's own name on Debian."""
    if not set(hosts) <= {hosts[0], "localhost", "127.0.0.1", "::1"}:
        warn(
            f"on this machine {hosts[0]} is a loopback address, which other machines cannot reach: if their workers do "
            "not arrive, give the chief's address in their network"
        )
