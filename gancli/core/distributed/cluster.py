"""Workers: processes, possibly on several machines, that train one run together; the first is the chief.

Before TensorFlow connects them, which cannot be interrupted, there is a rendezvous: the chief waits a limited time for
the others and compares their settings. TensorFlow's own ports then accept commands from anyone who can connect, so
workers belong in a trusted network.
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
from gancli.core.distributed.authentication import printable
from gancli.core.distributed.guards import as_interrupts, time_limit
from gancli.core.errors import OptionError, WorkerError, first_line

RENDEZVOUS_SECONDS = 300.0  # a worker may still be decoding its images
CONNECTING_SECONDS = 60  # after the rendezvous
LOST = "not all workers connected: one was lost, or its port is blocked or in use; start every worker again"


class Team(NamedTuple):
    """The `addresses` of all workers, host:port, the chief first, and the `index` of this process among them."""

    addresses: tuple[str, ...] = ("localhost",)
    index: int = 0

    @property
    def size(self) -> int:
        """The number of workers."""
        return len(self.addresses)

    def name(self, worker: int) -> str:
        """The name of a worker in messages, such as "worker 0 (node1:2222, the chief)"."""
        role = ", the chief" if worker == 0 else ""
        return f"worker {worker} ({self.addresses[worker]}{role})"

    def strategy(self) -> tf.distribute.Strategy:
        """Connect TensorFlow on all workers, before its first computation. Raises: WorkerError if that fails."""
        cluster = tf.train.ClusterSpec({"worker": list(self.addresses)})
        resolver = tf.distribute.cluster_resolver.SimpleClusterResolver(
            cluster, task_type="worker", task_id=self.index, rpc_layer="grpc"
        )
        with time_limit(CONNECTING_SECONDS, f"Error: {self.name(self.index)} found the others, but {LOST}\n"):
            try:
                return tf.distribute.MultiWorkerMirroredStrategy(cluster_resolver=resolver)
            except tf.errors.OpError as error:
                raise WorkerError(f"{self.name(self.index)} cannot connect ({first_line(error)}): {LOST}") from error

    def rendezvous(
        self,
        settings: Mapping[str, object],
        *,
        seconds: float = RENDEZVOUS_SECONDS,
        warn: Callable[[str], None] = lambda text: None,
    ) -> None:
        """Wait for all workers and compare their settings (rendezvous_chief.py). Nothing happens for a single worker.

        settings: texts, finite numbers, booleans, None, and dicts of these. seconds: to wait. warn: called with a
        message about strangers, and about settings that differ. Raises: WorkerError if not all arrive in time,
        OptionError if settings differ.
        """
        if self.size == 1:
            return
        import asyncio  # slow to import

        from gancli.core.distributed import ports, rendezvous_chief, rendezvous_worker

        deadline = time.monotonic() + seconds
        settings = {"number of workers": self.size} | settings
        authentication.check(settings)
        addresses, names = list(map(_split, self.addresses)), list(map(self.name, range(self.size)))
        with as_interrupts():
            if self.index == 0:
                asyncio.run(rendezvous_chief.receive(addresses, names, settings, deadline, warn))
            else:
                ports.need_free(*addresses[self.index])  # before the others rely on it
                asyncio.run(rendezvous_worker.call(addresses[0], names, self.index, settings, deadline))


SINGLE_WORKER = Team()


def find(addresses: str | None, index: int | None) -> Team:
    """The team of --workers and --worker, or of TF_CONFIG; without both SINGLE_WORKER.

    addresses: "host:port,host:port", the chief first. index: if not given, that of TF_CONFIG with its addresses, that
    of Slurm, or that of the address on this machine. Raises: OptionError, also for a GANCLI_WORKERS_TOKEN that is too
    short.
    """
    source, place = "--workers", None
    if addresses is not None:
        listed = tuple(part.strip() for part in addresses.split(","))
    else:
        source, (listed, place) = "TF_CONFIG", _tf_config()
    if index is not None and not listed:
        raise OptionError("--worker is the index of this process in --workers: give both, or neither")
    different = {_split(address, source) for address in listed}
    if not listed:
        return SINGLE_WORKER
    if len(different) < len(listed):
        raise OptionError(f"{source} {printable(','.join(listed))}: an address is listed twice")
    if index is None:
        index = _slurm() if place is None else place
    if index is None:
        index = _this_machine(listed) if len(listed) > 1 else 0
    if not 0 <= index < len(listed):
        raise OptionError(f"worker {printable(index)}: {source} names {len(listed)}, from 0 to {len(listed) - 1}")
    authentication.secret()
    return Team(listed, index) if len(listed) > 1 else SINGLE_WORKER


def _slurm() -> int | None:
    """The number that Slurm gives this process, None without Slurm. Raises: OptionError."""
    text = os.environ.get("SLURM_PROCID", "")
    if not text:
        return None
    if (number := _number(text)) is None:
        raise OptionError(
            f"the environment variable SLURM_PROCID is '{printable(text)}': expected an integer from 0; unset it "
            "or give --worker"
        )
    return number


def _tf_config() -> tuple[tuple[str, ...], int | None]:
    """Addresses and index in TF_CONFIG; none if it is not set. Raises: OptionError."""
    text = os.environ.get("TF_CONFIG", "")
    if not text:
        return (), None
    try:
        config = json.loads(text)
        cluster = config["cluster"]
        kind = config["task"]["type"]
        index = config["task"]["index"]
        jobs = {job: cluster[job] for job in ("chief", "worker") if job in cluster}
        if not all(isinstance(job, list) for job in jobs.values()):
            raise ValueError("'cluster' must hold lists of addresses")
        addresses = [address for job in jobs.values() for address in job]
        if not all(isinstance(address, str) for address in addresses):
            raise ValueError("'cluster' must hold lists of addresses")
        if kind not in jobs:
            raise ValueError(f"'cluster' has no task of type {printable(kind)} that trains")
        number = index if type(index) is int else _number(index)
        if number is None or not 0 <= number < len(jobs[kind]):
            raise ValueError(f"index {printable(index)} is out of range for {len(jobs[kind])} of type {kind}")
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        reason = f"no {error}" if isinstance(error, KeyError) else printable(error)
        raise OptionError(
            f"cannot read the environment variable TF_CONFIG ({reason}): unset it, or give --workers"
        ) from error
    return tuple(addresses), number + (len(jobs["chief"]) if "chief" in jobs and kind == "worker" else 0)


def _this_machine(addresses: tuple[str, ...]) -> int:
    own = {socket.gethostname(), socket.gethostname().split(".")[0], socket.getfqdn()}
    found = [number for number, address in enumerate(addresses) if _split(address)[0] in own]
    if len(found) != 1:
        raise OptionError(
            f"--workers {printable(','.join(addresses))}: {len(found)} of them are on this machine, "
            f"{socket.gethostname()}: give the number of this one with --worker 0, 1, …"
        )
    return found[0]


def _number(text: object) -> int | None:
    """The integer in a text of at most nine ASCII digits, else None."""
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
            f"{source}: '{printable(address)}' is not an address: expected HOST:PORT, such as node1:2222 or [::1]:2222"
        )
    return host, int(port)
