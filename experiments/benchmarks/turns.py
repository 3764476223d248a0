"""Ways of doing one job, each in a process of its own, measured in turns so that a busy machine slows all alike."""

from __future__ import annotations

import multiprocessing
import resource
import statistics
import time
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from typing import NamedTuple

WARM_UP = 2.0  # seconds


class Measurement(NamedTuple):
    """Of one way: things done a second, the median over the rounds, and the most memory it held, in bytes."""

    rate: float
    memory: int


def measure(ways: dict[str, Callable[[], Iterator[int]]], *, seconds: float, rounds: int) -> dict[str, Measurement]:
    """Measure each way for `seconds` in each round.

    ways: functions at the top level of a module (or functools.partial of such), called in the process of their own;
    what they return yields again and again how much was done since.
    """
    context, pipes, processes = multiprocessing.get_context("spawn"), {}, []
    for name, way in ways.items():
        pipes[name], theirs = context.Pipe()
        processes.append(context.Process(target=_serve, args=(way, theirs), daemon=True))
        processes[-1].start()
        _ask(pipes[name], WARM_UP)  # one after the other: compiling is work too
    rates = {name: [] for name in ways}
    for _ in range(rounds):
        for name, pipe in pipes.items():
            rates[name].append(_ask(pipe, seconds)[0])
    found = {name: Measurement(statistics.median(rates[name]), _ask(pipe, 0.0)[1]) for name, pipe in pipes.items()}
    for process in processes:
        process.terminate()
    return found


def _ask(pipe: Connection, seconds: float) -> tuple[float, int]:
    pipe.send(seconds)
    return pipe.recv()


def _serve(way: Callable[[], Iterator[int]], pipe: Connection) -> None:
    """Work for as many seconds as is asked for; answer with things done a second, and the highest memory so far."""
    work = way()
    next(work)
    while True:
        seconds = pipe.recv()
        done, began = 0, time.perf_counter()
        while time.perf_counter() - began < seconds:
            done += next(work)
        rate = done / (time.perf_counter() - began)
        pipe.send((rate, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024))
