"""Measurements of several implementations of one job, each in its own process, alternating on a busy machine."""

from __future__ import annotations

import contextlib
import multiprocessing
import resource
import statistics
import time
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from typing import NamedTuple

WARM_UP = 2.0  # seconds


class Measurement(NamedTuple):
    """Units of work per second, the median over the rounds, and peak memory in bytes."""

    rate: float
    memory: int


def measure(ways: dict[str, Callable[[], Iterator[int]]], *, seconds: float, rounds: int) -> dict[str, Measurement]:
    """Measure each implementation for `seconds` in each round.

    ways: functions at the top level of a module (or functools.partial of such), called in a process of their own. They
    return iterators that yield the amount of work done since the last call.
    """
    context = multiprocessing.get_context("spawn")
    pipes = {}
    processes = []
    for name, way in ways.items():
        pipes[name], theirs = context.Pipe()
        processes.append(context.Process(target=_serve, args=(way, theirs), daemon=True))
        processes[-1].start()
        _ask(pipes[name], WARM_UP)  # one after the other, since compiling is work too
    rates = {name: [] for name in ways}
    for number in range(rounds):  # each way comes first as often as last
        for name in list(pipes) if number % 2 == 0 else reversed(pipes):
            rates[name].append(_ask(pipes[name], seconds)[0])
    found = {name: Measurement(statistics.median(rates[name]), _ask(pipe, 0.0)[1]) for name, pipe in pipes.items()}
    for process in processes:
        process.terminate()
    return found


def _ask(pipe: Connection, seconds: float) -> tuple[float, int]:
    pipe.send(seconds)
    return pipe.recv()


def _serve(way: Callable[[], Iterator[int]], pipe: Connection) -> None:
    """Work for the requested number of seconds; answer with units of work per second and peak memory so far."""
    work = way()
    next(work)
    with contextlib.suppress(EOFError):  # the other end is closed: all is measured
        while True:
            seconds = pipe.recv()
            done, began = 0, time.perf_counter()
            while time.perf_counter() - began < seconds:
                done += next(work)
            rate = done / (time.perf_counter() - began)
            pipe.send((rate, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024))
