"""What the experiments share: gancli's commands given as anybody could, trainings that several use, and tables."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import click
from results import keep, machine, table

from gancli.core.errors import CheckpointError
from gancli.models import config
from gancli.runs import registry
from gancli.runs.run import Run

__all__ = ["HERE", "MNIST", "data_option", "gancli", "keep", "machine", "on_mnist", "table", "train"]

# may change, and the weights with them
LENGTH_AND_RATE = ("steps", "epochs", "level_steps", "learning_rate", "decay_from")
HERE = Path(__file__).parent
MNIST = {  # the trainings on MNIST that more than one experiment looks at
    "cgan": ["--model", "cgan"],
    "matching": ["--model", "matching", "--steps", "8000", "--keep-every", "1000"],
    "acgan": ["--model", "acgan"],
    "dcgan-conditional": ["--model", "dcgan", "--conditional", "--learning-rate", "2e-4", "--steps", "8000"],
    "wgan": ["--model", "wgan", "--eval-every", "250"],
    "wgan-gp": ["--model", "wgan-gp", "--eval-every", "250"],
    "lsgan": ["--model", "lsgan"],
    "ebgan": ["--model", "ebgan"],
}

data_option = click.option("--data", default="mnist", show_default=True, help="MNIST, by name or path.")


def gancli(*arguments: object) -> dict[str, object]:
    """Run a gancli command, its progress on our standard error; returns the JSON object that it prints."""
    command = ["gancli", *map(str, arguments), "--json"]
    click.echo(f"$ {shlex.join(command)}", err=True)
    done = subprocess.run([sys.executable, "-m", *command], stdout=subprocess.PIPE, check=True)
    return json.loads(done.stdout)


def train(name: str, asked: Sequence[object], data: str) -> dict[str, object]:
    """The newest run with these options, gone on with if it is not finished, or one that is trained now, of that name.

    Options that change no weights, such as how often pictures are drawn, may differ. Returns what `gancli runs show`
    tells; its `path` names the run to other commands.
    """
    wanted = gancli("train", *asked, "--data", data, "--dry-run")
    found = _with_options(wanted)
    if found is None:
        gancli("train", *asked, "--data", data, "--name", name)
        found = _with_options(wanted)
    elif found.status()["state"] != "finished":
        gancli("train", "--resume", "--run", found.path)
    return gancli("runs", "show", found.path)


def _with_options(wanted: dict) -> Run | None:
    """The newest run of the model and data that was asked for what `gancli train --dry-run` resolved."""
    told = wanted["options"]
    for run in reversed(registry.every(Path(os.environ.get("GANCLI_OUTDIR", "runs")))):
        if (run.record["model"], run.facts.name) == (wanted["model"], wanted["data"]["name"]):
            fields = config.fields_of(run.model_class)
            decisive = [field.name for field in fields if not field.rule.may_change or field.name in LENGTH_AND_RATE]
            try:
                held = run.settings().to_mapping()
            except CheckpointError:  # of another version
                continue
            if all(held[field] == told[field] for field in decisive):
                return run
    return None


def on_mnist(which: str, data: str) -> tuple[str, dict[str, object]]:
    """One of the shared trainings: its path, and what `gancli runs show` tells of it."""
    run = train(f"mnist-{which}", MNIST[which], data)
    return run["path"], run
