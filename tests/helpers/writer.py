"""A program that saves a run's checkpoints, log and status as a training does, and is ended while it does so.

    python -m helpers.writer moments RUN COUNT SEED    COUNT times: killed at a random moment
    python -m helpers.writer calls RUN                 ended before and after each system call of one save

It forks, so that a start of Python is paid once, and it imports no TensorFlow, so that it may. After each ending it
looks at the run and prints one JSON object on a line.
"""

import json
import os
import pathlib
import shutil
import signal
import sys
import tempfile
import time
from types import SimpleNamespace

import numpy as np

from gancli.core.errors import CheckpointError
from gancli.runs import checkpoints
from gancli.runs.checkpoints import Position
from gancli.runs.run import Run

SIZES = {"moments": 4_000_000, "calls": 20_000}  # numbers in a checkpoint; many, so that kills fall into the writing
LONGEST = 0.4  # seconds until the kill
CALLS = [(os, name) for name in ("open", "fsync", "replace", "close", "unlink", "mkdir", "umask")]
CALLS += [(tempfile, "mkstemp"), (shutil, "disk_usage")]
CALLS += [(pathlib.Path, name) for name in ("write_bytes", "chmod", "unlink", "mkdir", "open", "glob")]


class Array(SimpleNamespace):
    """What stands for a variable."""

    def numpy(self) -> np.ndarray:
        return self.value


class Model:
    """What stands for a model: arrays that tell of which step they are."""

    config = SimpleNamespace(keep=3, keep_every=None, snapshot_steps=tuple)

    size = 1

    def __init__(self, step: int) -> None:
        self.step = step

    def variables(self) -> dict[str, Array]:
        kernel = np.full(self.size, self.step, np.float32)
        return {"kernel": Array(value=kernel), "noise": Array(value=np.int64(self.step))}


def save(run: Run, step: int) -> None:
    """What a training does at a checkpoint."""
    run.log({"stage": "train", "step": step, "seconds": 0.0})
    run.save(Model(step), Position((step,)))
    run.set_status("running", step=step)


def look(run: Run, acknowledged: int) -> dict[str, object]:
    """The state that a kill left: what is whole, what is not, and what a resume sweeps away."""
    whole, torn = [], []
    for step, path in run.checkpoints().items():
        try:
            arrays, position = checkpoints.read(path)
            ours = arrays.keys() == Model(step).variables().keys()  # the first ones are of a training
            same = position.step == step and all((array == step).all() for array in arrays.values() if ours)
            (whole if same else torn).append(step)
        except CheckpointError:
            torn.append(step)
    left = len(list(run.path.rglob("*.part")))
    status = run.status()
    run.truncate(max(whole, default=0))  # as a resume does
    return {
        "acknowledged": acknowledged,
        "whole": whole,
        "torn": torn,
        "left": left,
        "swept": not list(run.path.rglob("*.part")),
        "status": status["step"],
        "records": [record["step"] for record in run.metrics()],
    }


def killed_at_a_moment(run: Run, seconds: float, step: int) -> int:
    """Save on and on in a process that is killed; returns the last step that it said to have saved."""
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        while True:
            step += 1
            save(run, step)
            os.write(writer, f"{step}\n".encode())
    os.close(writer)
    time.sleep(seconds)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    with os.fdopen(reader) as told:
        return max((int(line) for line in told.read().splitlines()), default=0)


def moments(run: Run, count: int, seed: int) -> None:
    """Kill at random moments, each time going on from what is left."""
    random, step = np.random.default_rng(seed), max(run.checkpoints())
    for seconds in random.uniform(0, LONGEST, count):
        acknowledged = killed_at_a_moment(run, seconds, step) or step
        found = look(run, acknowledged)
        print(json.dumps(found), flush=True)
        step = max(found["whole"], default=0)


def counted(call, name, left, half):
    """A call of the system that ends the process when `left` has counted down to it: before it, half-way, or after."""

    def wrapper(*args, **named):
        left[0] -= 1
        if left[0] == 0:
            if half and name == "write_bytes":
                call(args[0], args[1][: len(args[1]) // 2])
            os._exit(9)
        done = call(*args, **named)
        left[0] -= 1
        if left[0] == 0:
            os._exit(9)
        return done

    return wrapper


def ended_at_call(run: Run, number: int, step: int, *, half: bool) -> bool:
    """Save once in a process that ends at a call; returns whether it ended there, and not at its own end."""
    child = os.fork()
    if not child:
        left = [number]
        for place, name in CALLS:
            setattr(place, name, counted(getattr(place, name), name, left, half))
        save(run, step)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9


def calls(run: Run) -> None:
    """End at the first point, the second, … until a save comes to its own end; the run is put back each time."""
    with tempfile.TemporaryDirectory() as aside:
        whole, number, was_ended = pathlib.Path(aside) / "run", 0, True
        shutil.copytree(run.path, whole)
        before = max(run.checkpoints())
        while was_ended:
            number += 1
            for half in (False, True):
                was_ended = ended_at_call(run, number, before + 1, half=half)
                print(json.dumps(look(run, before) | {"point": number, "ended": was_ended}), flush=True)
                shutil.rmtree(run.path)
                shutil.copytree(whole, run.path)


if __name__ == "__main__":
    what, path, *rest = sys.argv[1:]
    Model.size = SIZES[what]
    {"moments": moments, "calls": calls}[what](Run(pathlib.Path(path)), *map(int, rest))
