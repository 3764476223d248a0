"""Copies numbers from the results, and tables of the tool itself, into README.md and experiments/*/README.md.

    python -m experiments.readmes                        copy (make readme)
    python -m experiments.readmes --check                fail if a README differs from the results
    python -m experiments.readmes --adopt family/family  first take over a NAME.md that was edited by hand

Comments that Markdown does not show mark what is copied. A whole table of a result (the first, or the one at an index):

    <!-- table: family/family -->
    | … |
    <!-- end -->

The cell whose row and column contain these words, with options written without dashes:

    <!-- family/family; model acgan; Fréchet -->2.22 ± 0.12<!-- end -->

One of several numbers in a cell, counted from 0: `<!-- radford2015/rooms; features; ours; 1 -->`. Counts of things in
the repository: `<!-- count: options -->`, and sums of them: `<!-- count: test_locks test_caches -->`.
"""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import click

from experiments import results

ROOT = Path(__file__).resolve().parents[1]
FAULTS = ROOT / "tests" / "faults"
NUMBER = re.compile(r"[-+]?\d[\d,]*(?:\.\d+)?(?: ± \d+(?:\.\d+)?)?%?")
TABLE = re.compile(r"<!-- table: ([\w/-]+)(?: (\d+))? -->\n(.*?)<!-- end -->", re.DOTALL)
CELL = re.compile(r"<!-- ([\w-]+/[\w-]+); ([^;]+?); ([^;]+?)(?:; (\d+))? -->(.*?)<!-- end -->", re.DOTALL)
COUNT = re.compile(r"<!-- count: ([\w ]+) -->(.*?)<!-- end -->")
COMMANDS = re.compile(r"\| command \| description \|\n\|---\|---\|\n(\|.*\n)*")


def paths() -> list[Path]:
    """README.md, the page of exports, the index of experiments, and the README of each."""
    pages = [ROOT / "README.md", ROOT / "docs" / "export.md", ROOT / "experiments" / "README.md"]
    return [*pages, *sorted((ROOT / "experiments").glob("*/README.md"))]


def cell(name: str, row: str, column: str, number: int | None = None) -> str:
    """A cell of a result's tables, or one of the numbers in it.

    row: words that exactly one row contains, options without dashes, or its whole first cell; column: words that
    exactly one column's title contains, or the whole title. Raises: LookupError if there is none or more than one.
    """
    found = []
    for part in results.tables(results.read(name)):
        columns = _matching(part["head"], column, lambda title: title)
        rows = _matching(part["rows"], row, lambda one: _plain(one["cells"][0]), lambda one: _plain(*one["cells"]))
        found += [one["cells"][part["head"].index(title)] for one in rows for title in columns]
    if len(found) != 1:
        raise LookupError(f"{name}: {len(found)} cells match '{row}' and '{column}', expected one")
    if number is None:
        return found[0]
    numbers = NUMBER.findall(found[0])
    if number >= len(numbers):
        raise LookupError(f"{name}: '{found[0]}' has {len(numbers)} numbers, there is no number {number}")
    return numbers[number]


def _matching(items: list, words: str, *texts: Callable[[object], str]) -> list:
    """Items whose first text equals the words; if there are none, those whose last text contains them."""
    return [one for one in items if texts[0](one) == words] or [one for one in items if words in texts[-1](one)]


def _plain(*cells: str) -> str:
    """Cells in a line, without the two dashes of options, which a comment may not hold; one cell without its marks."""
    text = " ".join(cells).replace("--", "")
    return text.strip("*`") if len(cells) == 1 else text


def _with_spaces(text: str) -> str:
    """The text with a space before each percent sign."""
    return re.sub(r"(?<=\d)%", " %", text)


def filled(text: str, counts: Mapping[str, int]) -> str:
    """A README with all marked places filled from the results and counts. Raises: LookupError."""

    def whole(match: re.Match) -> str:
        marker = match[0].partition("\n")[0]
        part = results.tables(results.read(match[1]))[int(match[2] or 0)]
        return f"{marker}\n{_with_spaces(results.render_table(part))}\n<!-- end -->"

    def one(match: re.Match) -> str:
        value = _with_spaces(cell(match[1], match[2], match[3], None if match[4] is None else int(match[4])))
        return f"{match[0].partition('-->')[0]}-->{value}<!-- end -->"

    def count(match: re.Match) -> str:
        names = [match[1]] if match[1] in counts else match[1].split()
        missing = [name for name in names if name not in counts]
        if missing:
            raise LookupError(f"there is no count named '{missing[0]}'")
        return f"<!-- count: {match[1]} -->{sum(counts[name] for name in names):,}<!-- end -->"

    return COUNT.sub(count, CELL.sub(one, TABLE.sub(whole, text)))


def command_table() -> str:
    """The README's table of commands, from the commands themselves."""
    from gancli.cli import main as entry

    group = entry.cli
    rows = []
    for name in group.list_commands(None):
        rows.append(f"| `gancli {name}` | {group.get_command(None, name).get_short_help_str(200)} |")
    return "\n".join(["| command | description |", "|---|---|", *rows]) + "\n"


def counts(text: str, *, faults: Mapping[str, int] | None = None) -> dict[str, int]:
    """Counts for the marks of a README. faults: tests in each file of tests/faults [default: as the text has them]."""
    spec = importlib.util.spec_from_file_location("test_values", FAULTS / "test_values.py")
    values = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(values)
    bad = 2 * sum(len(list(values.bad_texts(field))) for _, field in values.CASES)  # as a flag, and with --set
    if faults is None:
        known = {name: int(number.replace(",", "")) for name, number in COUNT.findall(text)}
    else:
        known = {"faults": sum(faults.values()), **faults}
    return known | {"options": len(values.CASES), "bad values": bad}


def collected_faults() -> dict[str, int]:
    """The number of tests in each file of tests/faults, as pytest collects them."""
    command = [sys.executable, "-m", "pytest", "--collect-only", "-qq", str(FAULTS)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    if done.returncode:
        raise click.ClickException(f"pytest cannot collect tests/faults:\n{done.stdout[-2000:]}")
    lines = (line.rpartition(": ") for line in done.stdout.splitlines() if ".py: " in line)
    return {Path(path).stem: int(number) for path, _, number in lines}


@click.command()
@click.option("--check", is_flag=True, help="Fail if a README differs, and change nothing.")
@click.option("--adopt", "adopted", multiple=True, metavar="NAME", help="Results whose .md was edited by hand.")
@click.option("--note", default="taken from a table", show_default=True, help="Note for adopted rows.")
def main(check: bool, adopted: tuple[str, ...], note: str) -> None:
    """Copy results, counts and the table of commands into the READMEs."""
    for name in adopted:
        results.write(results.HERE / name, results.adopt(name, note=note))
    faults = collected_faults()
    for path in paths():
        text = path.read_text(encoding="utf-8")
        fresh = filled(COMMANDS.sub(lambda _: command_table(), text), counts(text, faults=faults))
        if check and fresh != text:
            raise click.ClickException(f"{path.relative_to(ROOT)} differs from the results: make readme updates it")
        path.write_text(fresh, encoding="utf-8")


if __name__ == "__main__":
    main()
