"""Markdown from help texts and docstrings, and folders of generated pages."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import click

FLAG = re.compile(r"(?<![\w`/-])--[a-z][\w-]*(?: \d[\d.e-]*\d|\b \d\b)?")


def text(words: str) -> str:
    """A text with flags as code. What is code already, between backticks, stays."""
    parts = words.replace("<", "&lt;").split("`")
    return "`".join(FLAG.sub(r"`\g<0>`", part) if index % 2 == 0 else part for index, part in enumerate(parts))


def commands(lines: Iterable[str]) -> Iterator[str]:
    """Examples of commands as lines of a shell: what follows three spaces or more is a comment."""
    for line in lines:
        found = re.fullmatch(r"(\S.*?\S)(\s{3,})(?!#)(\S.*)", line)
        yield f"{found[1]}{found[2]}# {found[3]}" if found else line


def cell(words: str) -> str:
    """A text in a cell of a table."""
    return " ".join(words.split()).replace("|", "\\|")


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> list[str]:
    """Lines of a table, without an empty column."""
    lines = [[*head], *map(list, rows)]
    kept = [index for index in range(len(lines[0])) if any(line[index] for line in lines[1:])]
    lines = [[line[index] for index in kept] for line in lines]
    lines.insert(1, ["---"] * len(kept))
    return [f"| {' | '.join(line)} |" for line in lines]


def write(fresh: Mapping[Path, str], folder: Path, *, check: bool) -> None:
    """Write pages into a folder, and remove those of what there is no longer. Raises: ClickException if they differ and
    are to be checked only."""
    old = {path: path.read_text(encoding="utf-8") for path in folder.glob("*.md") if path.name != "index.md"}
    if check:
        if names := sorted(path.name for path in fresh.keys() | old.keys() if fresh.get(path) != old.get(path)):
            raise click.ClickException(f"{folder.name}: {', '.join(names)} would change: make readme updates them")
        return
    for path in old.keys() - fresh.keys():
        path.unlink()
    for path, page in fresh.items():
        path.write_text(page, encoding="utf-8")
    click.echo(f"{folder}: {len(fresh)} pages")


def write_file(path: Path, fresh: str, source: str, *, check: bool) -> None:
    """Write one generated file. source: what it is made from. Raises: ClickException if it differs and is to be checked
    only."""
    if check:
        if not path.exists() or fresh != path.read_text(encoding="utf-8"):
            raise click.ClickException(f"{path.name} differs from {source}: make readme updates it")
        return
    path.write_text(fresh, encoding="utf-8")
    click.echo(path)
