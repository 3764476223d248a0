"""Workers: processes, on several machines perhaps, that train one run together; the first of them is the chief.

Before TensorFlow connects them, which cannot be interrupted, they meet: the chief waits a bounded time for the others
and compares what each was asked to do.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import time
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from gancli.backend import tf
from gancli.errors import OptionError, WorkerError

MEETING_SECONDS = 300.0  # one may still be decoding its pictures
CONNECTING_SECONDS = 60  # once all are there
PAUSE = 0.2


class Team(NamedTuple):
    """The addresses of all workers, host:port, and which of them this process is."""

    addresses: tuple[str, ...] = ("localhost",)
    index: int = 0

    @property
    def size(self) -> int:
        """How many workers there are."""
        return len(self.addresses)

    def name(self, worker: int) -> str:
        """A worker in words."""
        return f"worker {worker} ({self.addresses[worker]}{', the chief' * (worker == 0)})"

    def strategy(self) -> tf.distribute.Strategy:
        """Connect all workers' TensorFlows; before its first computation."""
        cluster = tf.train.ClusterSpec({"worker": list(self.addresses)})
        resolver = tf.distribute.cluster_resolver.SimpleClusterResolver(
            cluster, task_type="worker", task_id=self.index, rpc_layer="grpc"
        )
        with _bounded(CONNECTING_SECONDS):
            return tf.distribute.MultiWorkerMirroredStrategy(cluster_resolver=resolver)

    def meet(self, asked: Mapping[str, object], *, seconds: float = MEETING_SECONDS) -> None:
        """Wait until all workers are there, and compare what they were asked to do.

        asked: values that JSON can hold. Raises: WorkerError if not all come in time, OptionError if they differ.
        """
        if self.size > 1:
            deadline = time.monotonic() + seconds
            (self._receive if self.index == 0 else self._call)(json.loads(json.dumps(asked)), deadline)

    def _receive(self, asked: dict[str, object], deadline: float) -> None:
        """The chief's part: hear them all, then answer them all."""
        missing = set(range(1, self.size))
        with contextlib.ExitStack() as stack:
            listener = stack.enter_context(_listener(self.addresses[0]))
            calls, answer = [], ""
            while missing:
                listener.settimeout(max(0.01, deadline - time.monotonic()))
                try:
                    call = stack.enter_context(listener.accept()[0].makefile("rw", encoding="utf-8"))
                    said = json.loads(call.readline())
                    missing.discard(said["worker"])
                except TimeoutError:
                    names = ", ".join(map(self.name, sorted(missing)))
                    raise WorkerError(f"{names} did not come: start every worker with the same command") from None
                except (OSError, ValueError, KeyError, TypeError):  # somebody else who knocks at the port
                    continue
                calls.append(call)
                answer = answer or _difference(self.name(said["worker"]), said["asked"], asked)
            for call in calls:
                with contextlib.suppress(OSError):
                    call.write(json.dumps(answer) + "\n")
                    call.flush()
        if answer:
            raise OptionError(answer)

    def _call(self, asked: dict[str, object], deadline: float) -> None:
        host, port = _split(self.addresses[0])
        while True:
            try:
                with socket.create_connection((host, port), timeout=max(0.01, deadline - time.monotonic())) as link:
                    call = link.makefile("rw", encoding="utf-8")
                    call.write(json.dumps({"worker": self.index, "asked": asked}) + "\n")
                    call.flush()
                    answer = json.loads(call.readline())
                    break
            except (OSError, ValueError) as error:
                if time.monotonic() > deadline:
                    raise WorkerError(
                        f"{self.name(0)} did not answer ({error}): start every worker with the same command"
                    ) from error
                time.sleep(PAUSE)
        if answer:
            raise OptionError(answer)


ALONE = Team()


def find(addresses: str | None, index: int | None) -> Team:
    """The team that --workers and --worker name, or TF_CONFIG, or nobody.

    addresses: "host:port,host:port", the chief first. index: if not given, Slurm's, or the one whose host this is.
    Raises: OptionError.
    """
    if addresses is None:
        addresses, index = _tf_config(index)
    listed = tuple(part.strip() for part in addresses.split(",") if part.strip())
    if index is not None and not listed:
        raise OptionError("--worker says which of --workers this one is: give both, or leave both out")
    if len(listed) < 2:
        return ALONE
    for address in listed:
        _split(address)
    if len(set(listed)) < len(listed):
        raise OptionError(f"--workers {addresses}: an address stands twice")
    if index is None:
        slurm = os.environ.get("SLURM_PROCID", "")
        index = int(slurm) if slurm.isdecimal() else _this_machine(listed)
    if not 0 <= index < len(listed):
        raise OptionError(f"--worker {index}: --workers names {len(listed)}, from 0 to {len(listed) - 1}")
    return Team(listed, index)


def _tf_config(index: int | None) -> tuple[str, int | None]:
    text = os.environ.get("TF_CONFIG", "")
    if not text:
        return "", index
    try:
        config = json.loads(text)
        cluster, task = config["cluster"], config["task"]
        jobs = [job for job in ("chief", "worker") if job in cluster]
        addresses = [address for job in jobs for address in cluster[job]]
        first = len(cluster["chief"]) if jobs == ["chief", "worker"] and task["type"] == "worker" else 0
        return ",".join(addresses), int(task["index"]) + first
    except (KeyError, TypeError, ValueError) as error:
        raise OptionError(
            f"cannot read the environment's TF_CONFIG ({error!r}): unset it, or give --workers"
        ) from error


def _this_machine(addresses: tuple[str, ...]) -> int:
    own = {socket.gethostname(), socket.gethostname().split(".")[0], socket.getfqdn()}
    found = [number for number, address in enumerate(addresses) if _split(address)[0] in own]
    if len(found) != 1:
        raise OptionError(
            f"--workers {','.join(addresses)}: {len(found)} of them are on this machine, {socket.gethostname()}: "
            "say which one this is with --worker 0, 1, …"
        )
    return found[0]


def _split(address: str) -> tuple[str, int]:
    host, colon, port = address.rpartition(":")
    if not (host and colon and port.isdecimal() and 0 < int(port) < 65536):
        raise OptionError(f"--workers: '{address}' is no address: expected HOST:PORT, such as node1:2222")
    return host.strip("[]"), int(port)


def _listener(address: str) -> socket.socket:
    _, port = _split(address)
    try:
        return socket.create_server(("", port))
    except OSError as error:
        raise WorkerError(f"cannot listen at {address} ({error.strerror}): give the chief another port") from error


def _difference(name: str, theirs: dict[str, object], ours: dict[str, object]) -> str:
    """In words what two workers were asked to do differently, or nothing."""
    names = [key for key in sorted(theirs.keys() | ours.keys()) if theirs.get(key) != ours.get(key)]
    if not names:
        return ""
    told = ", ".join(f"{key} {theirs.get(key)} there and {ours.get(key)} at the chief" for key in names)
    return f"{name} was not started as the chief was: {told}"


@contextlib.contextmanager
def _bounded(seconds: int) -> Iterator[None]:
    """End the process by SIGALRM after so long: while TensorFlow connects, Python runs no code of its own.

    And give SIGTERM back its meaning: TensorFlow takes it for itself.
    """
    if not hasattr(signal, "alarm"):  # Windows
        yield
        return
    terminate = signal.getsignal(signal.SIGTERM)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        with contextlib.suppress(ValueError):  # not in the main thread
            signal.signal(signal.SIGTERM, terminate)
