"""How long `gancli --help` and its like take, from process start to exit, beside a bare interpreter and TensorFlow.

    python experiments/benchmarks/start_up.py [--rounds 15]

The commands take turns within each round, so that a busy machine slows all alike. Prints the median of each.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

import click

COMMANDS = {
    "python -c pass": ["-c", "pass"],
    "gancli --help": ["-m", "gancli", "--help"],
    "gancli train --help": ["-m", "gancli", "train", "--help"],
    "gancli trian (a usage error)": ["-m", "gancli", "trian"],
    "gancli --version": ["-m", "gancli", "--version"],
    "python -c 'import tensorflow, keras'": ["-c", "import tensorflow, keras"],
    "the same through gancli.backend": ["-c", "from gancli.backend import tf; tf.constant"],
}


@click.command()
@click.option("--rounds", default=15, show_default=True)
def main(rounds: int) -> None:
    """Print the median seconds of each command."""
    seconds: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for _ in range(rounds):
        for name, arguments in COMMANDS.items():
            began = time.perf_counter()
            subprocess.run([sys.executable, *arguments], capture_output=True)
            seconds[name].append(time.perf_counter() - began)
    for name, values in seconds.items():
        click.echo(f"{name:40} {statistics.median(values):.3f} s")


if __name__ == "__main__":
    main()
