"""Results of experiments as files, and the numbers of the READMEs, which are copied from them.

    python experiments/results.py                        copy the results into README.md and experiments/README.md
    python experiments/results.py --check                say which numbers there differ from the results
    python experiments/results.py --adopt family/family  take a table that was changed by hand into its result file

A result is a pair of files, `NAME.md` to read and `NAME.json` to copy from. It holds texts and tables, and for each row
the command that made it, the date, the machine, the versions, and whether the machine did other work.

In a README, comments that do not show mark what is copied: a whole table of a result,

    <!-- table: family/family -->
    | … |
    <!-- end -->

the cell of the row and the column that hold these words,

    <!-- family/family; model acgan; Fréchet -->2.22 ± 0.12<!-- end -->

and of a cell with several numbers one of them, counted from 0: `<!-- radford2015/rooms; features; ours; 1 -->`. Counts
of things in the repository are `<!-- count: options -->`, sums of them `<!-- count: test_locks test_caches -->`.
"""

from __future__ import annotations

import datetime
import importlib.metadata
import json
import os
import platform
import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import click

HERE = Path(__file__).resolve().parent
READMES = (HERE.parent / "README.md", HERE / "README.md")
BESIDE = "EXPERIMENTS_BESIDE"  # environment variable: set where the machine does other work
NUMBER = re.compile(r"[-+]?\d[\d,]*(?:\.\d+)?(?: ± \d+(?:\.\d+)?)?%?")
TABLE = re.compile(r"<!-- table: ([\w/-]+)(?: (\d+))? -->\n(.*?)<!-- end -->", re.DOTALL)
CELL = re.compile(r"<!-- ([\w-]+/[\w-]+); ([^;]+?); ([^;]+?)(?:; (\d+))? -->(.*?)<!-- end -->", re.DOTALL)
COUNT = re.compile(r"<!-- count: ([\w ]+) -->(.*?)<!-- end -->")
Part = str | dict[str, list]
Result = dict[str, list]  # "made": a record for each command that made rows; "parts": texts and tables, in order


def keep(folder: str, name: str, text: str, *, update: bool = False, beside: bool | None = None) -> None:
    """Write a result beside the experiments, and print it.

    text: Markdown, paragraphs and tables. update: rows replace those of the same first cell in the tables that are
    kept already, and the others stay. beside: whether the machine did other work; if not given, whether the environment
    variable EXPERIMENTS_BESIDE is set.
    """
    named = [Path(word).name if os.sep in word else word for word in sys.argv[1:]]
    script = Path(sys.argv[0]).resolve()
    at = script.relative_to(HERE.parent) if script.is_relative_to(HERE.parent) else script.name
    record = made_now(" ".join(["python", str(at), *named]), beside=beside)
    click.echo(text)
    result = of_text(text, record)
    if update and (HERE / folder / f"{name}.json").exists():
        try:
            result = updated(read(f"{folder}/{name}"), result)
        except ValueError as error:  # what took hours is kept all the same
            click.echo(f"{folder}/{name}: {error}; these rows alone are kept", err=True)
    write(HERE / folder / name, result)


def made_now(command: str, *, beside: bool | None = None) -> dict[str, object]:
    """Who made a result: the command, today's date, this machine, the versions, and whether it did other work."""
    return {
        "command": command,
        "date": datetime.date.today().isoformat(),
        "machine": machine_facts(),
        "versions": {
            "python": platform.python_version(),
            **{name: importlib.metadata.version(name) for name in ("tensorflow", "keras", "gancli")},
        },
        "beside_other_work": bool(os.environ.get(BESIDE)) if beside is None else beside,
    }


def machine() -> str:
    """The number of cores and the processor's name."""
    facts = machine_facts()
    return f"{facts['cores']} cores of {facts['cpu']}"


def machine_facts() -> dict[str, object]:
    """The processor's name, how many cores, memory in GiB, and whether it computes in bfloat16; None: not known."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.exists() else []
    names = [line.split(":")[1].strip() for line in lines if line.startswith("model name")]
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30 if hasattr(os, "sysconf") else None
    return {
        "cpu": names[0] if names else platform.processor(),
        "cores": os.cpu_count(),
        "memory_gib": None if memory is None else round(memory),
        "avx512_bf16": any("avx512_bf16" in line for line in lines) if lines else None,
    }


def table(head: Sequence[object], rows: Iterable[Sequence[object]]) -> str:
    """Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)


def of_text(text: str, record: Mapping[str, object]) -> Result:
    """The result that a Markdown text says, all of whose rows were made by one command."""
    parts: list[Part] = []
    for block in re.split(r"\n\s*\n", text.strip()):
        lines = block.splitlines()
        if len(lines) > 1 and lines[0].startswith("|") and re.fullmatch(r"[|\s:-]+", lines[1]):
            head, _, *rows = (_cells(line) for line in lines)
            parts.append({"head": head, "rows": [{"cells": row, "made": 0} for row in rows]})
        else:
            parts.append(block)
    return {"made": [dict(record)], "parts": parts}


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def tables(result: Result) -> list[dict[str, list]]:
    """The tables of a result, in order."""
    return [part for part in result["parts"] if isinstance(part, dict)]


def updated(old: Result, new: Result) -> Result:
    """The old result, its rows replaced by the new ones of the same first cell, new ones at the end of their table.

    Raises: ValueError if the two have not the same tables, or two rows of one have the same first cell.
    """
    if [one["head"] for one in tables(old)] != [one["head"] for one in tables(new)]:
        raise ValueError("the result that is kept has other tables: make all of its rows anew")
    parts, fresh = [], iter(tables(new))
    for part in old["parts"]:
        if isinstance(part, str):
            parts.append(part)
            continue
        rows = {row["cells"][0]: row for row in part["rows"]}
        if len(rows) < len(part["rows"]):
            raise ValueError("two rows of the result that is kept begin alike: make all of them anew")
        for row in next(fresh)["rows"]:
            rows[row["cells"][0]] = {"cells": row["cells"], "made": row["made"] + len(old["made"])}
        parts.append({"head": part["head"], "rows": list(rows.values())})
    return _of_those_used({"made": [*old["made"], *new["made"]], "parts": parts})


def _of_those_used(result: Result) -> Result:
    """The same without records of no row."""
    rows = [row for one in tables(result) for row in one["rows"]]
    used = sorted({row["made"] for row in rows}) or [0]
    for row in rows:
        row["made"] = used.index(row["made"])
    return {"made": [result["made"][at] for at in used], "parts": result["parts"]}


def write(path: Path, result: Result) -> None:
    """Both files of a result; path: of neither ending."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.with_name(f"{path.name}.json").write_text(
        json.dumps(result, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
    )
    path.with_name(f"{path.name}.md").write_text(rendered(result), encoding="utf-8")


def read(name: str) -> Result:
    """The result of a name such as family/family."""
    return json.loads((HERE / f"{name}.json").read_text(encoding="utf-8"))


def names() -> list[str]:
    """Every result, as folder/name."""
    return sorted(str(path.relative_to(HERE).with_suffix("")) for path in HERE.glob("*/*.json"))


def rendered(result: Result) -> str:
    """The Markdown file of a result: who made it, and its texts and tables."""
    lines = []
    for at, record in enumerate(result["made"]):
        rows = [row["cells"][0] for one in tables(result) for row in one["rows"] if row["made"] == at]
        lines.append(told(record) + (f": {', '.join(rows)}" if len(result["made"]) > 1 else ""))
    parts = [part if isinstance(part, str) else as_table(part) for part in result["parts"]]
    return "\n\n".join(["  \n".join(lines), *parts]) + "\n"


def told(record: Mapping[str, object]) -> str:
    """In a line by which command, when, and on which machine something was made."""
    machine, versions = record["machine"], record["versions"]
    memory = f"{machine['memory_gib']} GiB" if machine.get("memory_gib") else ""
    known = {"tensorflow": "TensorFlow", "keras": "Keras", "gancli": "gancli"}
    words = [f"`{record['command']}`", record["date"], f"{machine['cores']} cores of {machine['cpu']}", memory]
    words += [f"{title} {versions[name]}" for name, title in known.items() if name in versions]
    words += ["beside other work"] if record["beside_other_work"] else []
    return ", ".join([word for word in words if word] + ([record["note"]] if record.get("note") else []))


def as_table(part: Mapping[str, list]) -> str:
    """A table of a result, Markdown."""
    return table(part["head"], [row["cells"] for row in part["rows"]])


def cell(name: str, row: str, column: str, number: int | None = None) -> str:
    """A cell of a result's tables, or one of the numbers in it.

    row: words that one row alone holds, options without dashes, or its whole first cell; column: words that one
    column's title alone holds, or all of the title. Raises: LookupError for what is not there or not one.
    """
    found = []
    for part in tables(read(name)):
        columns = _fitting(part["head"], column, lambda title: title)
        rows = _fitting(part["rows"], row, lambda one: _plain(one["cells"][0]), lambda one: _plain(*one["cells"]))
        found += [one["cells"][part["head"].index(title)] for one in rows for title in columns]
    if len(found) != 1:
        raise LookupError(f"{name}: {len(found)} cells are of '{row}' and '{column}'")
    if number is None:
        return found[0]
    numbers = NUMBER.findall(found[0])
    if number >= len(numbers):
        raise LookupError(f"{name}: '{found[0]}' has {len(numbers)} numbers, and number {number} is asked for")
    return numbers[number]


def _fitting(items: list, words: str, *texts: Callable[[object], str]) -> list:
    """Those of which the first text is these words; else those of which the last holds them."""
    return [one for one in items if texts[0](one) == words] or [one for one in items if words in texts[-1](one)]


def _plain(*cells: str) -> str:
    """Cells in a line, without the two dashes of options, which a comment may not hold; one cell without its marks."""
    text = " ".join(cells).replace("--", "")
    return text.strip("*`") if len(cells) == 1 else text


def spaced(text: str) -> str:
    """With a space before each percent sign."""
    return re.sub(r"(?<=\d)%", " %", text)


def filled(text: str, counts: Mapping[str, int]) -> str:
    """A README with all that is marked in it as the results have it. Raises: LookupError."""

    def whole(match: re.Match) -> str:
        marker = match[0].partition("\n")[0]
        return f"{marker}\n{spaced(as_table(tables(read(match[1]))[int(match[2] or 0)]))}\n<!-- end -->"

    def one(match: re.Match) -> str:
        value = spaced(cell(match[1], match[2], match[3], None if match[4] is None else int(match[4])))
        return f"{match[0].partition('-->')[0]}-->{value}<!-- end -->"

    def count(match: re.Match) -> str:
        names = [match[1]] if match[1] in counts else match[1].split()
        missing = [name for name in names if name not in counts]
        if missing:
            raise LookupError(f"nothing of the name '{missing[0]}' is counted")
        return f"<!-- count: {match[1]} -->{sum(counts[name] for name in names):,}<!-- end -->"

    return COUNT.sub(count, CELL.sub(one, TABLE.sub(whole, text)))


def adopt(name: str, *, note: str) -> Result:
    """The result of a `.md` whose table was changed by hand or by an older program: rows that the `.json` has keep who
    made them, the others are of today and this machine, with a note."""
    text = (HERE / f"{name}.md").read_text(encoding="utf-8")
    first, _, rest = text.partition("\n\n")
    command = re.match(r"`([^`]+)`", first)
    new = of_text(rest, made_now(command[1] if command else "unknown") | {"note": note})
    if not (HERE / f"{name}.json").exists():
        return new
    old = read(name)
    known = {tuple(row["cells"]): row["made"] for one in tables(old) for row in one["rows"]}
    for one in tables(new):
        for row in one["rows"]:
            row["made"] = known.get(tuple(row["cells"]), len(old["made"]))
    return _of_those_used({"made": [*old["made"], *new["made"]], "parts": new["parts"]})


@click.command()
@click.option("--check", is_flag=True, help="Change nothing, and fail where a number differs.")
@click.option("--adopt", "adopted", multiple=True, metavar="NAME", help="Results whose .md was changed by hand.")
@click.option("--note", default="taken from a table", show_default=True, help="What is noted of adopted rows.")
def main(check: bool, adopted: tuple[str, ...], note: str) -> None:
    """Copy the results into the READMEs; counts of things in the repository are those of `make readme`."""
    for name in adopted:
        write(HERE / name, adopt(name, note=note))
    for readme in READMES:
        text = readme.read_text(encoding="utf-8")
        counts = {match[1]: int(match[2].replace(",", "")) for match in COUNT.finditer(text)}  # as they are
        fresh = filled(text, counts)
        if check and fresh != text:
            raise click.ClickException(f"{readme.name} differs from the results: make readme copies them")
        readme.write_text(fresh, encoding="utf-8")


if __name__ == "__main__":
    main()
