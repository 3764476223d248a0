"""Workers: processes, on several machines perhaps, that train one run together; the first of them is the chief.

Before TensorFlow connects them, which cannot be interrupted, they meet (`meeting.py`): the chief waits a bounded time
for the others and compares what each was asked to do. TensorFlow's own ports then take orders from whoever reaches
them, so all of it belongs in a trusted network.
"""

from __future__ import annotations

import json
import os
import re
import socket
import time
from collections.abc import Callable, Mapping
from typing import NamedTuple

from gancli.core.backend import tf
from gancli.core.distributed import authentication
from gancli.core.distributed.authentication import shown
from gancli.core.distributed.guards import as_interrupts, time_limit
from gancli.core.errors import OptionError, WorkerError, first_line

MEETING_SECONDS = 300.0  # one may still be decoding its pictures
CONNECTING_SECONDS = 60  # once all are there
LOST = "not all are connected: one was lost, or its port is blocked or taken; start every worker again"


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
        """Connect all workers' TensorFlows; before its first computation. Raises: WorkerError if one cannot."""
        cluster = tf.train.ClusterSpec({"worker": list(self.addresses)})
        resolver = tf.distribute.cluster_resolver.SimpleClusterResolver(
            cluster, task_type="worker", task_id=self.index, rpc_layer="grpc"
        )
        with time_limit(CONNECTING_SECONDS, f"Error: {self.name(self.index)} met the others, and {LOST}\n"):
            try:
                return tf.distribute.MultiWorkerMirroredStrategy(cluster_resolver=resolver)
            except tf.errors.OpError as error:
                raise WorkerError(f"{self.name(self.index)} cannot connect ({first_line(error)}): {LOST}") from error

    def rendezvous(
        self,
        asked: Mapping[str, object],
        *,
        seconds: float = MEETING_SECONDS,
        warn: Callable[[str], None] = lambda text: None,
    ) -> None:
        """Wait until all workers are there, and compare what they were asked to do (see rendezvous.py).

        asked: texts, finite numbers, booleans, None, and dicts of these. warn: told of strangers, and of what differs.
        Raises: WorkerError if not all come in time, OptionError if they differ.
        """
        if self.size == 1:
            return
        import asyncio  # slow to import

        from gancli.core.distributed import ports, rendezvous_chief, rendezvous_worker

        deadline = time.monotonic() + seconds
        asked = {"number of workers": self.size} | asked
        authentication.check(asked)
        addresses, names = list(map(_split, self.addresses)), list(map(self.name, range(self.size)))
        with as_interrupts():
            if self.index == 0:
                asyncio.run(rendezvous_chief.receive(addresses, names, asked, deadline, warn))
            else:
                ports.need_free(*addresses[self.index])  # before the others count on it
                asyncio.run(rendezvous_worker.call(addresses[0], names, self.index, asked, deadline))


SINGLE_WORKER = Team()


def find(addresses: str | None, index: int | None) -> Team:
    """The team that --workers and --worker name, or TF_CONFIG, or nobody.

    addresses: "host:port,host:port", the chief first. index: if not given, TF_CONFIG's with its addresses, Slurm's, or
    the one whose host this is. Raises: OptionError, also for a GANCLI_WORKERS_TOKEN that is too short.
    """
    source, place = "--workers", None
    if addresses is not None:
        listed = tuple(part.strip() for part in addresses.split(","))
    else:
        source, (listed, place) = "TF_CONFIG", _tf_config()
    if index is not None and not listed:
        raise OptionError("--worker says which of --workers this one is: give both, or leave both out")
    different = {_split(address, source) for address in listed}
    if not listed:
        return SINGLE_WORKER
    if len(different) < len(listed):
        raise OptionError(f"{source} {shown(','.join(listed))}: an address stands twice")
    if index is None:
        index = _slurm() if place is None else place
    if index is None:
        index = _this_machine(listed) if len(listed) > 1 else 0
    if not 0 <= index < len(listed):
        raise OptionError(f"worker {shown(index)}: {source} names {len(listed)}, from 0 to {len(listed) - 1}")
    authentication.secret()
    return Team(listed, index) if len(listed) > 1 else SINGLE_WORKER


def _slurm() -> int | None:
    """The number that Slurm gives a process. Raises: OptionError."""
    text = os.environ.get("SLURM_PROCID", "")
    if not text:
        return None
    if (number := _number(text)) is None:
        raise OptionError(
            f"the environment's SLURM_PROCID is '{shown(text)}': expected a whole number from 0 on; unset it or give "
            "--worker"
        )
    return number


def _tf_config() -> tuple[tuple[str, ...], int | None]:
    """Addresses and place of TF_CONFIG, none if it is not set. Raises: OptionError."""
    text = os.environ.get("TF_CONFIG", "")
    if not text:
        return (), None
    try:
        config = json.loads(text)
        cluster, kind, index = config["cluster"], config["task"]["type"], config["task"]["index"]
        jobs = {job: cluster[job] for job in ("chief", "worker") if job in cluster}
        if not all(isinstance(job, list) for job in jobs.values()):
            raise ValueError("'cluster' must hold lists of addresses")
        addresses = [address for job in jobs.values() for address in job]
        if not all(isinstance(address, str) for address in addresses):
            raise ValueError("'cluster' must hold lists of addresses")
        if kind not in jobs:
            raise ValueError(f"'cluster' has no task of type {shown(kind)} that trains")
        number = index if type(index) is int else _number(index)
        if number is None or not 0 <= number < len(jobs[kind]):
            raise ValueError(f"index {shown(index)} is none of the {len(jobs[kind])} of type {kind}")
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        reason = f"no {error}" if isinstance(error, KeyError) else shown(error)
        raise OptionError(f"cannot read the environment's TF_CONFIG ({reason}): unset it, or give --workers") from error
    return tuple(addresses), number + (len(jobs["chief"]) if "chief" in jobs and kind == "worker" else 0)


def _this_machine(addresses: tuple[str, ...]) -> int:
    own = {socket.gethostname(), socket.gethostname().split(".")[0], socket.getfqdn()}
    found = [number for number, address in enumerate(addresses) if _split(address)[0] in own]
    if len(found) != 1:
        raise OptionError(
            f"--workers {shown(','.join(addresses))}: {len(found)} of them are on this machine, "
            f"{socket.gethostname()}: say which one this is with --worker 0, 1, …"
        )
    return found[0]


def _number(text: object) -> int | None:
    """A whole number of at most nine ASCII digits, else None."""
    return int(text) if isinstance(text, str) and re.fullmatch("[0-9]{1,9}", text) else None


def _split(address: str, source: str = "--workers") -> tuple[str, int]:
    """Host, without the brackets of IPv6, and port. Raises: OptionError."""
    host, _, port = address.rpartition(":")
    is_bracketed = host.startswith("[") and host.endswith("]")
    host = host[1:-1] if is_bracketed else host
    try:
        is_host = bool(re.fullmatch(r"[^\s,\[\]/@]+", host)) and host.isprintable() and (":" in host) == is_bracketed
        is_host = is_host and bool(host.encode("idna"))
    except UnicodeError:
        is_host = False
    if not is_host or not 0 < (_number(port) or 0) < 65536:
        raise OptionError(
            f"{source}: '{shown(address)}' is no address: expected HOST:PORT, such as node1:2222 or [::1]:2222"
        )
    return host, int(port)
