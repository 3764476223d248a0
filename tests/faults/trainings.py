"""Small trainings to do harm to: in this process, or in one of their own."""

import signal
import subprocess
import sys

from gancli import checkpoints, launch, training

QUICK = {"steps": 12, "batch_size": 16, "log_every": 4, "sample_every": 6, "save_every": 4}


def start(outdir, data, model="dcgan", **chosen):
    """A new run, ready to train."""
    width = {"width": 4} if model == "dcgan" else {}
    values = {"data": str(data), **QUICK, **width, **chosen}
    return launch.plan(model, values, data_dir=None).start(outdir, "", ["test"])


def resume(run, **chosen):
    """A run ready to go on."""
    return launch.resume(run, chosen, data_dir=None, warn=lambda text: None)


def finish(started):
    """Train to the end; every moment."""
    return list(training.train(*started))


def digest(run, step=None):
    """Of a checkpoint's names, shapes and bits; the newest if no step is given."""
    found = run.checkpoints()
    return checkpoints.digest(checkpoints.read(found[step or max(found)])[0])


def spawn(outdir, data, *more, model="dcgan"):
    """`gancli train` in a process of its own, with Ctrl-C as a terminal would give it."""
    width = ["--width", "4"] if model == "dcgan" else []
    command = [sys.executable, "-m", "gancli", "train", "--model", model, "--data", data, "--outdir", outdir]
    command += [*width, "--batch-size", "16", "--log-every", "1", "-v", *more]
    return subprocess.Popen(
        list(map(str, command)),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )


def wait_for_step(process, step):
    """Read the process's progress up to a step."""
    for line in process.stderr:
        if line.startswith("train step ") and int(line.split()[2].split("/")[0]) >= step:
            return
    raise AssertionError("the training ended before its step")
