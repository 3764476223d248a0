"""Shared by the experiments: gancli's commands as any user runs them, trainings that several of them use, tables."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from experiments.results import save, table
from gancli.core.errors import CheckpointError
from gancli.models import config
from gancli.runs import names, registry
from gancli.runs.run import Run

__all__ = ["MNIST", "data_option", "gancli", "on_mnist", "outdir", "save", "table", "train"]

# options that may change in a resume, and that change the weights
LENGTH_AND_RATE = ("steps", "minutes", "epochs", "level_steps", "learning_rate", "lr_decay_start")
MNIST = {  # trainings on MNIST that several experiments use, with the settings of the papers
    "cgan": ["--model", "cgan", "--preset", "paper"],
    "matching": ["--model", "matching", "--preset", "original", "--keep-every", "1000"],
    "acgan": ["--model", "acgan"],
    "dcgan-conditional": ["--model", "dcgan", "--conditional", "--learning-rate", "2e-4", "--steps", "8000"],
    "wgan": ["--model", "wgan", "--preset", "paper", "--steps", "4000", "--eval-every", "250"],
    "wgan-gp": [
        *("--model", "wgan-gp", "--preset", "paper", "--width", "16"),
        *("--steps", "4000", "--eval-every", "250"),
    ],
    "lsgan": ["--model", "lsgan"],
    "ebgan": ["--model", "ebgan"],
}

data_option = click.option("--data", default="mnist", show_default=True, help="Name or path of MNIST.")


def gancli(*arguments: object) -> dict[str, object]:
    """Run a gancli command with its progress on our standard error; returns the JSON object that it prints."""
    command = ["gancli", *map(str, arguments), "--json"]
    click.echo(f"$ {shlex.join(command)}", err=True)
    done = subprocess.run([sys.executable, "-m", *command], stdout=subprocess.PIPE, check=True)
    return json.loads(done.stdout)


def train(name: str, arguments: Sequence[object], data: str) -> dict[str, object]:
    """The newest run with these options, resumed if it is unfinished, or a new run with this name.

    Options that do not affect the weights, such as how often sample images are drawn, may differ. Returns the output of
    `gancli runs show`; its `path` identifies the run for other commands.
    """
    wanted = gancli("train", *arguments, "--data", data, "--dry-run")
    found = _with_options(wanted)
    if found is None:
        gancli("train", *arguments, "--data", data, "--name", names.free(name, outdir()))
        found = _with_options(wanted)
    elif found.status()["state"] != "finished":
        gancli("train", "--resume", "--run", found.path)
    return gancli("runs", "show", found.path)


def outdir() -> Path:
    """The folder of the runs, as gancli finds it."""
    return Path(os.environ.get("GANCLI_OUTDIR", "runs"))


def _with_options(wanted: dict) -> Run | None:
    """The newest run of this model and data with the options that `gancli train --dry-run` resolved."""
    resolved = wanted["options"]
    for run in reversed(registry.list_runs(outdir())):
        if (run.record["model"], run.facts.name) == (wanted["model"], wanted["data"]["name"]):
            fields = config.fields_of(run.model_class)
            decisive = [field.name for field in fields if not field.rule.may_change or field.name in LENGTH_AND_RATE]
            if resolved["minutes"] is not None:  # a run records the steps that they came to
                decisive.remove("steps")
            try:
                recorded = run.settings().to_mapping()
            except CheckpointError:  # of another version
                continue
            if all(recorded[field] == resolved[field] for field in decisive):
                return run
    return None


def on_mnist(which: str, data: str) -> tuple[str, dict[str, object]]:
    """One of the shared trainings: its path, and the output of `gancli runs show`."""
    run = train(f"mnist-{which}", MNIST[which], data)
    return run["path"], run
