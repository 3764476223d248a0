"""Training speed of every model beside that of another checkout, in one interleaved run.

    python -m experiments.benchmarks.against ../other [--model dcgan] [--rounds 7] [--out against.md]

Both train the same small models of digests.py with the whole loop (records, sums, chunks), each in a process of its
own, in turns. The models are far smaller than useful ones, so that what happens between the steps weighs most.
"""

from __future__ import annotations

import functools
import importlib
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import click

from experiments.benchmarks import digests, turns

LONG = {"steps": 10**7, "log_every": 1000, "sample_every": 10**7, "save_every": 10**7, "batch_size": 8, "jit": "off"}


def training(checkout: Path, name: str, data: Path) -> Iterator[int]:
    """Train a model of a checkout; yields after each chunk the images trained on."""
    sys.path.insert(0, str(checkout))
    sys.meta_path[:] = [finder for finder in sys.meta_path if "editable" not in repr(finder)]  # it finds this checkout
    os.chdir(data)
    setup, loop = _first("gancli.training.setup", "gancli.launch"), _first("gancli.training.loop", "gancli.training")
    words, _ = digests.CASES[name]
    settings = [
        f"{word.lstrip('-').replace('-', '_')}={text}" for word, text in zip(words[::2], words[1::2], strict=True)
    ]
    values = _values(name, settings)
    prepare = getattr(setup, "prepare", None) or setup.plan
    with tempfile.TemporaryDirectory() as outdir:
        started = prepare(name, values | LONG, data_dir=None).start(Path(outdir), "", ["against"])
        done = 0
        for report in loop.train(*started):
            yield (report.step - done) * LONG["batch_size"]
            done = report.step


def _values(name: str, settings: list[str]) -> dict[str, object]:
    """The values of texts such as "width=4", by the checkout's own rules."""
    models, options = importlib.import_module("gancli.models"), _first("gancli.core.options", "gancli.options")
    try:
        config = importlib.import_module("gancli.models.config")
    except ModuleNotFoundError:
        return options.parse_settings(models.get(name).Options, settings)
    return options.parse_settings(settings, config.fields_of(models.get(name)))


def _first(*names: str) -> ModuleType:
    """The first of these modules that there is: they moved."""
    for name in names[:-1]:
        try:
            return importlib.import_module(name)
        except ModuleNotFoundError:
            continue
    return importlib.import_module(names[-1])


@click.command(help=__doc__.partition("\n")[0])
@click.argument("other", type=click.Path(path_type=Path, exists=True))
@click.option("--model", "models", multiple=True, type=click.Choice(list(digests.CASES)), help="Only this model.")
@click.option("--seconds", default=2.0, show_default=True, help="Seconds of each checkout in each round.")
@click.option("--rounds", default=7, show_default=True, help="Rounds.")
@click.option("--out", type=click.Path(path_type=Path), help="Markdown file to write the table to.")
def main(other: Path, models: tuple[str, ...], seconds: float, rounds: int, out: Path | None) -> None:
    """Print images a second of both and their ratio."""
    lines = ["| model | here, images/s | other, images/s | ratio |", "|---|---|---|---|"]
    click.echo("\n".join(lines))
    for name in models or digests.CASES:
        with tempfile.TemporaryDirectory() as data:
            digests.write_data(Path(data))
            places = {"here": digests.ROOT, "other": other.resolve()}
            ways = {key: functools.partial(training, place, name, Path(data)) for key, place in places.items()}
            found = turns.measure(ways, seconds=seconds, rounds=rounds)
        here, there = found["here"].rate, found["other"].rate
        lines.append(f"| {name} | {here:,.0f} | {there:,.0f} | {here / there:.2f} |")
        click.echo(lines[-1])
    if out:
        out.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
