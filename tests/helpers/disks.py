"""A program that trains on tiny disks of its own, which get full, read-only or lose a folder at a given step.

    unshare -rm python -m helpers.disks DATA MOUNTPOINT

It needs to be in a namespace of its own, where it may mount. TensorFlow is started once. For each scenario it prints
one JSON object on a line: exit code, what was said, what is left, and how a resume with room again ends.
"""

import contextlib
import io
import json
import os
import resource
import shutil
import subprocess
import sys
from pathlib import Path

from gancli.cli import main as cli
from gancli.core import files
from gancli.runs import registry
from gancli.runs.run import Run
from gancli.training import loop
from helpers.trainings import digest

SMALL = ["--model", "dcgan", "--width", "4", "--batch-size", "16", "--steps", "12", "--log-every", "2"]
SMALL += ["--save-every", "4", "--sample-every", "3", "--ema", "0", "--jit", "off"]
SIZE = 4_000_000  # bytes of a disk
NEVER = 1000
PAGE = 4096  # what a tmpfs gives at a time


def gancli(*args):
    """Exit code, standard output and standard error."""
    out, err = io.TextIOWrapper(io.BytesIO(), "utf-8"), io.TextIOWrapper(io.BytesIO(), "utf-8")
    sys.argv = ["gancli", *map(str, args)]
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = cli._run()
    return code, *(stream.buffer.getvalue().decode() for stream in (out, err))


def mount(place, *options):
    subprocess.run(["mount", "-t", "tmpfs", "-o", ",".join(options), "tmpfs", place], check=True)


@contextlib.contextmanager
def disk(place, size=SIZE):
    """An empty disk."""
    mount(place, f"size={size}")
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", place], check=True)


def fill(place, left):
    """Use up all but `left` bytes; as much as the first checkpoint of a run takes, if left is None."""
    if left is None:
        left = -(-next(place.rglob("step-00000000.h5")).stat().st_size // PAGE) * PAGE
    free = shutil.disk_usage(place).free
    with open(place / "ballast", "wb") as file:  # noqa: PTH123
        file.write(bytes(max(0, free - left)))


def read_only(place):
    """What lies below can no longer be written, although a file of it is open."""
    subprocess.run(["mount", "--bind", place, place], check=True)
    subprocess.run(["mount", "-o", "remount,bind,ro", place], check=True)


def writable(place):
    subprocess.run(["umount", "--lazy", place], check=True)


@contextlib.contextmanager
def at_step(step, event):
    """Let something happen when a training has told of a step, before it saves."""
    train = loop.train

    def watched(*state, **given):
        for report in train(*state, **given):
            if report.step == step:
                event()
            yield report

    loop.train = watched
    try:
        yield
    finally:
        loop.train = train


def left_over(outdir):
    """What a failure has left: leftovers, and the newest checkpoint, all of which must be whole."""
    runs = registry.list_runs(outdir)
    for run in runs:
        for step in run.checkpoints():
            run.read_checkpoint(step)
    newest = max(runs[0].checkpoints(), default=None) if runs else None
    parts = [str(path) for path in outdir.rglob("*.part")]
    return {"runs": len(list(outdir.glob("0*"))), "newest": newest, "parts": parts}


def trouble(data, place, step, event, mend, *more, size=SIZE):
    """Train with trouble at a step; then mend it, go on, and say how that ends."""
    outdir = place / "runs"
    with disk(place, size):
        with at_step(step, event):
            code, out, err = gancli("train", "--data", data, "--outdir", outdir, *SMALL, *more, "-v")
        mend()
        found = {"code": code, "out": out, "err": err, **left_over(outdir)}
        if found["newest"] is not None:
            if code != 0:
                found["resumed"] = gancli("train", "--resume", "--outdir", outdir, "-q")[0]
            found["digest"] = digest(registry.list_runs(outdir)[0])
            found["state"] = registry.list_runs(outdir)[0].status()["state"]
            found["records"] = [record["step"] for record in registry.list_runs(outdir)[0].metrics()]
        return found


def full(data, place, step, left, *more, unseen=False):
    """A disk that is full from a step on. unseen: somebody else fills it between our look and our writing."""
    look = files.need_space

    def event():
        fill(place, left)
        if unseen:
            files.need_space = lambda *_: None

    try:
        return trouble(data, place, step, event, lambda: (place / "ballast").unlink(missing_ok=True), *more)
    finally:
        files.need_space = look


def too_large(data, place, step, size):
    """A limit on the size of a file, as `ulimit -f`."""
    both = resource.getrlimit(resource.RLIMIT_FSIZE)
    return trouble(
        data,
        place,
        step,
        lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, both[1])),
        lambda: resource.setrlimit(resource.RLIMIT_FSIZE, both),
    )


def small_from_the_start(data, place):
    with disk(place, 64_000):
        code, out, err = gancli("train", "--data", data, "--outdir", place / "runs", *SMALL)
        return {"code": code, "out": out, "err": err, "runs": len(list(place.rglob("0*")))}


def full_from_the_start(data, place):
    """Room is seen where none is: run.json itself cannot be written."""
    look, files.need_space = files.need_space, lambda *_: None
    try:
        with disk(place):
            fill(place, 0)
            code, out, err = gancli("train", "--data", data, "--outdir", place / "runs", *SMALL)
            return {"code": code, "out": out, "err": err, "runs": len(registry.list_runs(place / "runs"))}
    finally:
        files.need_space = look


def commands_on_a_read_only_disk(data, place):
    """What only reads works; what must write says where it cannot."""
    outdir, aside = place / "runs", place.parent / "aside.png"
    found = {}
    with disk(place):
        gancli("train", "--data", data, "--outdir", outdir, *SMALL, "-q")
        run = registry.list_runs(outdir)[0].path
        read_only(place)
        for name, args in {
            "train": ["train", "--data", data, "--outdir", outdir, *SMALL],
            "new folder": ["train", "--data", data, "--outdir", place / "others", *SMALL],
            "resume": ["train", "--resume", "--run", "last", "--steps", 20, "--outdir", outdir],
            "runs": ["runs", "--outdir", outdir],
            "show": ["runs", "--outdir", outdir, "show", run],
            "draw into the run": ["sample", "--run", run, "--seeds", 1],
            "draw elsewhere": ["sample", "--run", run, "--seeds", 1, "--out", aside],
        }.items():
            found[name] = gancli(*args)
        writable(place)
    return found


def events_alone(data, place, step):
    """A disk under TensorBoard's events that is full from a step on, and room for all else."""
    create = Run.create

    def made(*args, **given):
        run = create(*args, **given)
        (run.path / "tensorboard").mkdir()
        mount(run.path / "tensorboard", "size=40960")
        if step == 0:
            fill(run.path / "tensorboard", 0)
        return run

    Run.create = staticmethod(made)
    try:
        return trouble(
            data,
            place,
            step,
            lambda: fill(next(place.glob("runs/*/tensorboard")), 0),
            lambda: next(place.glob("runs/*/tensorboard/ballast")).unlink(),
            "--tensorboard",
        )
    finally:
        Run.create = create


def main(data, place):
    place.mkdir()
    runs = place / "runs"
    scenarios = {
        "untroubled": lambda: full(data, place, NEVER, 0),
        "too small a disk": lambda: small_from_the_start(data, place),
        "full when the run is made": lambda: full_from_the_start(data, place),
        "seen before a checkpoint": lambda: full(data, place, 4, 100_000),
        "unseen, in a checkpoint": lambda: full(data, place, 4, 100_000, unseen=True),
        "in a picture": lambda: full(data, place, 2, 4096, "--tensorboard"),
        "in the status": lambda: full(data, place, 4, None, unseen=True),
        "at the end": lambda: full(data, place, 12, 0),
        "a limit on files": lambda: too_large(data, place, 3, 20_000),
        "a limit below a picture": lambda: too_large(data, place, 2, 1000),
        "read-only": lambda: trouble(data, place, 6, lambda: read_only(runs), lambda: writable(runs)),
        "commands": lambda: commands_on_a_read_only_disk(data, place),
        "events from the start": lambda: events_alone(data, place, 0),
        "events later": lambda: events_alone(data, place, 4),
    }
    for name, scenario in scenarios.items():
        print(json.dumps({"name": name} | scenario()), flush=True)


if __name__ == "__main__":
    os.environ.setdefault("GANCLI_CACHE", str(Path(sys.argv[2]).parent / "cache"))
    main(sys.argv[1], Path(sys.argv[2]))
