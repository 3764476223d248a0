"""What `make demo` does once gancli is installed: train a digit generator for two minutes, and draw two pictures.

    python -m experiments.demo.run

The data are MNIST if it is in GANCLI_DATA or in Keras' cache, or can be fetched in ten seconds; otherwise the 1,797
bundled digits. A run of an earlier demo is drawn from again.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import subprocess
import sys
import threading
import urllib.request
from pathlib import Path

import click

from gancli.core import files
from gancli.runs import registry

NAME, OUTDIR = "demo", Path("runs")
# 4,000 steps of these networks take two minutes on two cores; with labels, 99 % of the digits can be read.
MODEL = ["--model", "dcgan", "--conditional", "--width", "16", "--steps", "4000", "--name", NAME]
BUNDLED = ["--data", "digits", "--image-size", "28"]
SOURCE = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/mnist.npz"
SHA256 = "731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1"  # of the file, as in Keras
PATIENCE = 10.0  # seconds for the 11 MB
GRID = ["--grid", "10x12"]  # a row for each digit
WALK = ["--seeds", "0-9", "--from-class", "0", "--to-class", "6", "--steps", "12"]


def mnist() -> bool:
    """Whether MNIST is on this machine, or could be fetched into Keras' cache in a few seconds."""
    cached = Path(os.environ.get("KERAS_HOME") or Path.home() / ".keras") / "datasets" / "mnist.npz"
    folder = os.environ.get("GANCLI_DATA")
    if cached.is_file() or (folder and Path(folder, "mnist.npz").is_file()):
        return True
    fetched: list[bytes] = []
    thread = threading.Thread(target=_fetch, args=(fetched,), daemon=True)  # a name server may not answer for minutes
    thread.start()
    thread.join(PATIENCE)
    if not fetched or hashlib.sha256(fetched[0]).hexdigest() != SHA256:
        return False
    cached.parent.mkdir(parents=True, exist_ok=True)
    files.atomic_write(cached, fetched[0])
    return True


def _fetch(into: list[bytes]) -> None:
    with contextlib.suppress(OSError, ValueError), urllib.request.urlopen(SOURCE, timeout=PATIENCE) as answer:
        into.append(answer.read())


def gancli(*words: str) -> dict[str, object]:
    """Print a command line and run it; returns its result."""
    click.echo(f"\n$ gancli {' '.join(words)}", err=True)
    command = [sys.executable, "-m", "gancli", *words, "--json"]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)


def train() -> None:
    """Train the run of the demo, unless there is one; one that was interrupted is resumed."""
    runs = [run for run in registry.list_runs(OUTDIR) if run.record["name"] == NAME and run.checkpoints()]
    if not runs:
        gancli("train", *MODEL, *(["--data", "mnist"] if mnist() else BUNDLED))
    elif runs[-1].status()["state"] != "finished":
        gancli("train", "--resume", "--run", str(runs[-1].path))


@click.command(help=__doc__.partition("\n\n    python")[0])
def main() -> None:
    """Train, draw, and say how to continue."""
    try:
        train()
        drawn = [gancli("sample", "--run", NAME, *GRID)["out"], gancli("interpolate", "--run", NAME, *WALK)["out"]]
    except subprocess.CalledProcessError as error:  # it has told why
        sys.exit(error.returncode)
    click.echo(
        f"\nDigits, a row of each:  {drawn[0]}\nZeros turn into sixes:  {drawn[1]}\n\nContinue with:\n"
        f"  source {os.path.relpath(sys.prefix)}/bin/activate\n"
        f"  gancli sample --run {NAME} --digit 7\n"
        f"  gancli interpolate --run {NAME} --class 7 --seeds 3,11\n"
        "  gancli train --model dcgan --data mnist      eight minutes"
    )


if __name__ == "__main__":
    main()
