"""Results of experiments as files: tables and paragraphs, and the command, date, machine and versions behind each row.

A result is a pair of files in the folder of its experiment: `NAME.md` to read and `NAME.json` to copy numbers from
(`experiments/readmes.py`). Its name is FOLDER/NAME, such as family/first.
"""

from __future__ import annotations

import datetime
import importlib.metadata
import json
import os
import platform
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import click

HERE = Path(__file__).resolve().parent
BUSY = "EXPERIMENTS_BUSY"  # environment variable: set when the machine runs other jobs too
Part = str | dict[str, list]
Result = dict[str, list]  # "made": the provenance of each command that made rows; "parts": texts and tables, in order


def save(folder: str, name: str, text: str, *, update: bool = False, busy: bool | None = None) -> None:
    """Write a result next to its experiment, and print it.

    text: Markdown, paragraphs and tables. update: replace the rows with the same first cell in the existing tables and
    keep the others. busy: whether the machine ran other jobs [default: whether EXPERIMENTS_BUSY is set].
    """
    click.echo(text)
    result = from_markdown(text, provenance(_command_line(), busy=busy))
    if update and (HERE / folder / f"{name}.json").exists():
        try:
            result = merge(read(f"{folder}/{name}"), result)
        except ValueError as error:  # results that took hours are saved all the same
            click.echo(f"{folder}/{name}: {error}; only the new rows are saved", err=True)
    write(HERE / folder / name, result)


def _command_line() -> str:
    """The command that runs now; paths are shortened to file names."""
    words = [Path(word).name if os.sep in word else word for word in sys.argv[1:]]
    script = Path(sys.argv[0]).resolve()
    if script.is_relative_to(HERE):
        return " ".join(
            ["python -m", ".".join(["experiments", *script.relative_to(HERE).with_suffix("").parts]), *words]
        )
    return " ".join(["python", script.name, *words])


def provenance(command: str, *, busy: bool | None = None) -> dict[str, object]:
    """The command, today's date, this machine, the versions, and whether the machine ran other jobs."""
    return {
        "command": command,
        "date": datetime.date.today().isoformat(),
        "machine": machine_facts(),
        "versions": {
            "python": platform.python_version(),
            **{name: importlib.metadata.version(name) for name in ("tensorflow", "keras", "gancli")},
        },
        "beside_other_work": bool(os.environ.get(BUSY)) if busy is None else busy,
    }


def machine_facts() -> dict[str, object]:
    """Name of the processor, number of cores, memory in GiB, and bfloat16 support; None: unknown."""
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
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)


def from_markdown(text: str, made: Mapping[str, object]) -> Result:
    """The result in a Markdown text whose rows all have the same provenance."""
    parts: list[Part] = []
    for block in re.split(r"\n\s*\n", text.strip()):
        lines = block.splitlines()
        if len(lines) > 1 and lines[0].startswith("|") and re.fullmatch(r"[|\s:-]+", lines[1]):
            head, _, *rows = (_cells(line) for line in lines)
            parts.append({"head": head, "rows": [{"cells": row, "made": 0} for row in rows]})
        else:
            parts.append(block)
    return {"made": [dict(made)], "parts": parts}


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def tables(result: Result) -> list[dict[str, list]]:
    """The tables of a result, in order."""
    return [part for part in result["parts"] if isinstance(part, dict)]


def merge(old: Result, new: Result) -> Result:
    """The old result with rows replaced by new ones of the same first cell; other new rows go to the end of the table.

    Raises: ValueError if the tables of the two differ, or if two rows of a table have the same first cell.
    """
    if [one["head"] for one in tables(old)] != [one["head"] for one in tables(new)]:
        raise ValueError("the saved result has other tables: recompute all of its rows")
    parts, fresh = [], iter(tables(new))
    for part in old["parts"]:
        if isinstance(part, str):
            parts.append(part)
            continue
        rows = {row["cells"][0]: row for row in part["rows"]}
        if len(rows) < len(part["rows"]):
            raise ValueError("two rows of the saved result have the same first cell: recompute all of them")
        for row in next(fresh)["rows"]:
            rows[row["cells"][0]] = {"cells": row["cells"], "made": row["made"] + len(old["made"])}
        parts.append({"head": part["head"], "rows": list(rows.values())})
    return _without_unused_provenance({"made": [*old["made"], *new["made"]], "parts": parts})


def _without_unused_provenance(result: Result) -> Result:
    rows = [row for one in tables(result) for row in one["rows"]]
    used = sorted({row["made"] for row in rows}) or [0]
    for row in rows:
        row["made"] = used.index(row["made"])
    return {"made": [result["made"][at] for at in used], "parts": result["parts"]}


def write(path: Path, result: Result) -> None:
    """Write both files of a result; path: without an ending."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.with_name(f"{path.name}.json").write_text(
        json.dumps(result, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
    )
    path.with_name(f"{path.name}.md").write_text(render(result), encoding="utf-8")


def read(name: str) -> Result:
    """The result of a name such as family/family."""
    return json.loads((HERE / f"{name}.json").read_text(encoding="utf-8"))


def names() -> list[str]:
    """Names of all results."""
    return sorted(str(path.relative_to(HERE).with_suffix("")) for path in HERE.glob("*/*.json"))


def pages() -> list[str]:
    """Names of all Markdown files of results."""
    found = (path for path in HERE.glob("*/*.md") if path.name != "README.md")
    return sorted(str(path.relative_to(HERE).with_suffix("")) for path in found)


def render(result: Result) -> str:
    """The Markdown file of a result: provenance, texts and tables."""
    lines = []
    for at, made in enumerate(result["made"]):
        rows = [row["cells"][0] for one in tables(result) for row in one["rows"] if row["made"] == at]
        lines.append(render_provenance(made) + (f": {', '.join(rows)}" if len(result["made"]) > 1 else ""))
    parts = [part if isinstance(part, str) else render_table(part) for part in result["parts"]]
    return "\n\n".join(["  \n".join(lines), *parts]) + "\n"


def render_provenance(made: Mapping[str, object]) -> str:
    """Command, date, machine and versions in one line."""
    machine, versions = made["machine"], made["versions"]
    memory = f"{machine['memory_gib']} GiB" if machine.get("memory_gib") else ""
    titles = {"tensorflow": "TensorFlow", "keras": "Keras", "gancli": "gancli"}
    words = [f"`{made['command']}`", made["date"], f"{machine['cores']} cores of {machine['cpu']}", memory]
    words += [f"{title} {versions[name]}" for name, title in titles.items() if name in versions]
    words += ["other jobs running"] if made["beside_other_work"] else []
    return ", ".join([word for word in words if word] + ([made["note"]] if made.get("note") else []))


def render_table(part: Mapping[str, list]) -> str:
    """A table of a result as Markdown."""
    return table(part["head"], [row["cells"] for row in part["rows"]])


def adopt(name: str, *, note: str) -> Result:
    """The result of a `.md` whose table was edited by hand or written by an older program.

    Rows that the `.json` has keep their provenance; the others get today's date, this machine and the note.
    """
    text = (HERE / f"{name}.md").read_text(encoding="utf-8")
    first, _, rest = text.partition("\n\n")
    command = re.match(r"`([^`]+)`", first)
    new = from_markdown(rest, provenance(command[1] if command else "unknown") | {"note": note})
    if not (HERE / f"{name}.json").exists():
        return new
    old = read(name)
    known = {tuple(row["cells"]): row["made"] for one in tables(old) for row in one["rows"]}
    for one in tables(new):
        for row in one["rows"]:
            row["made"] = known.get(tuple(row["cells"]), len(old["made"]))
    return _without_unused_provenance({"made": [*old["made"], *new["made"]], "parts": new["parts"]})
