"""What the experiments share: gancli's commands given as anybody could, trainings that several use, and tables."""

from __future__ import annotations

import json
import os
import platform
import shlex
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import click

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


def train(name: str, options: Sequence[object], data: str) -> dict[str, object]:
    """Train a run of that name, go on with it, or leave it if it is finished; returns what `gancli runs show` tells."""
    known = {run["name"]: run for run in gancli("runs")["runs"]}
    if name not in known:
        gancli("train", *options, "--data", data, "--name", name)
    elif known[name]["status"] != "finished":
        gancli("train", "--resume", "--run", name)
    return gancli("runs", "show", name)


def on_mnist(which: str, data: str) -> tuple[str, dict[str, object]]:
    """One of the shared trainings: its name, and what `gancli runs show` tells of it."""
    name = f"mnist-{which}"
    return name, train(name, MNIST[which], data)


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)


def keep(folder: str, name: str, text: str) -> None:
    """Write a result beside the experiments with the machine it was made on, and print it."""
    path = HERE / folder / f"{name}.md"
    path.parent.mkdir(exist_ok=True)
    named = [Path(word).name if os.sep in word else word for word in sys.argv[1:]]
    command = " ".join(["python", f"experiments/{Path(sys.argv[0]).name}", *named])
    path.write_text(f"`{command}`, {machine()}\n\n{text}\n", encoding="utf-8")
    click.echo(text)


def machine() -> str:
    """The number of cores, and the processor's name where Linux tells it."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.exists() else []
    names = [line.split(":")[1].strip() for line in lines if line.startswith("model name")]
    return f"{os.cpu_count()} cores of {names[0] if names else platform.processor()}"
