"""Start-up time from process start to exit: help, version, completion and usage errors.

    python -m experiments.benchmarks.start [--rounds 15]

For comparison: a bare interpreter, the import of Click, which all gancli commands need, and that of TensorFlow. All
alternate within each round, so that a busy machine slows all alike. Bytecode is kept, as where gancli is installed. The
table of medians is written to experiments/benchmarks/start.md.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from typing import NamedTuple

import click

from experiments.results import save, table
from gancli import models
from gancli.cli.main import cli

BARE = "python -c pass"


class Line(NamedTuple):
    """Arguments of an interpreter, the expected exit code, and words for a shell to complete."""

    arguments: list[str]
    code: int = 0
    words: str | None = None


def of_gancli(line: str, code: int = 0, words: str | None = None) -> Line:
    """A command line of gancli."""
    return Line(["-m", "gancli", *line.split()], code, words)


NAMED = {
    BARE: Line(["-c", "pass"]),
    "python -c 'import click'": Line(["-c", "import click"]),
    "gancli --help": of_gancli("--help"),
    "gancli --version": of_gancli("--version"),
    "gancli train --help": of_gancli("train --help"),
    "gancli upscale --help": of_gancli("upscale --help"),
    "gancli completion bash": of_gancli("completion bash"),
    "gancli trian": of_gancli("trian", 2),
    "gancli sample --nothing": of_gancli("sample --nothing", 2),
    "gancli sample --seeds abc": of_gancli("sample --seeds abc", 2),
    "gancli eval-fid --pixel-range x": of_gancli("eval-fid --pixel-range x", 2),
    "gancli upscale": of_gancli("upscale", 2),
    "gancli train --steps 5 --epochs 5": of_gancli("train --steps 5 --epochs 5", 2),
    "gancli TAB": of_gancli("", words="gancli "),
    "gancli sample --TAB": of_gancli("", words="gancli sample --"),
    "gancli train --model srgan --TAB": of_gancli("", words="gancli train --model srgan --"),
}
SLOW = {
    "python -c 'import tensorflow, keras'": Line(["-c", "import tensorflow, keras"]),
    "the same through gancli.core.backend": Line(["-c", "from gancli.core.backend import tf; tf.constant"]),
}


def pages(command: click.Command, path: str = "") -> Iterator[str]:
    """Every command and subcommand below this one."""
    context = click.Context(command)
    for name in command.list_commands(context) if isinstance(command, click.Group) else ():
        yield f"{path}{name}"
        yield from pages(command.get_command(context, name), f"{path}{name} ")


def timed(line: Line, environment: dict[str, str]) -> float:
    """Seconds from start to exit."""
    if line.words is not None:
        completion = {"_GANCLI_COMPLETE": "bash_complete", "COMP_WORDS": line.words}
        environment = environment | completion | {"COMP_CWORD": str(line.words.count(" "))}
    began = time.perf_counter()
    done = subprocess.run([sys.executable, *line.arguments], env=environment, capture_output=True, text=True)
    seconds = time.perf_counter() - began
    if done.returncode != line.code:
        raise click.ClickException(f"{' '.join(line.arguments)}: exit code {done.returncode}: {done.stderr}")
    return seconds


def medians(lines: dict[str, Line], rounds: int) -> dict[str, float]:
    """Median seconds of each, all alternating, after a round that fills the caches."""
    with tempfile.TemporaryDirectory() as cache:
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        environment["PYTHONPYCACHEPREFIX"] = cache
        seconds = [{name: timed(line, environment) for name, line in lines.items()} for _ in range(rounds + 1)][1:]
    return {name: statistics.median(one[name] for one in seconds) for name in lines}


@click.command()
@click.option("--rounds", default=15, show_default=True)
def main(rounds: int) -> None:
    """Write the medians, including the slowest help of all other commands and models."""
    others = [f"{page} --help" for page in pages(cli) if page != "train"]
    of_models = [f"train --model {name} --help" for name in models.names()]
    found = medians(NAMED | {line: of_gancli(line) for line in (*others, *of_models)}, rounds)
    slowest = {
        f"`gancli {max(lines, key=found.get)}`, the slowest of {len(lines)}": lines for lines in (others, of_models)
    }
    named = {f"`{name}`": found[name] for name in NAMED}
    named |= {name: max(found[line] for line in lines) for name, lines in slowest.items()}
    named |= {f"`{name}`" if "-c" in name else name: value for name, value in medians(SLOW, min(rounds, 5)).items()}
    rows = [[name, f"{value:.3f}", f"{value / found[BARE]:.1f}"] for name, value in named.items()]
    text = f"From process start to exit, median of {rounds} alternating rounds; TAB: shell completion."
    save("benchmarks", "start", f"{text}\n\n{table(['command', 'seconds', 'relative to bare Python'], rows)}")


if __name__ == "__main__":
    main()
