"""Types of Click for paths: what a command reads, and where it writes; no output is a file that is read."""

from __future__ import annotations

import os
from pathlib import Path

import click

from gancli.core import input_files

WRITTEN = "gancli.written"  # in Click's context: the outputs so far


class _Path(click.Path):
    """A path, given as a Path."""

    name = "path"

    def __init__(self) -> None:
        super().__init__(path_type=Path)


class Input(_Path):
    """A path that is read; its file or folder may be missing, which the reader says."""

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        """Note it as read. Raises: OptionError if an output before it has the same file."""
        path = super().convert(value, param, ctx)
        input_files.reads(path, _expanded(path))
        for written in ctx.meta.get(WRITTEN, ()) if ctx else ():
            input_files.need_free(written)
        return path


class Output(_Path):
    """A path that is written."""

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        """Raises: OptionError for a file that is read, or that makes a run a run."""
        path = super().convert(value, param, ctx)
        input_files.need_free(path)
        if ctx is not None:
            ctx.meta.setdefault(WRITTEN, []).append(path)
        return path


class Source(click.ParamType):
    """Data by a name or a path, given as text; what is at the path is noted as read."""

    name = "data"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> object:
        """Note it as read, if there is such a file."""
        if isinstance(value, str):
            INPUT.convert(value, param, ctx)
        return value


def _expanded(path: Path) -> Path:
    return Path(os.path.expanduser(path))  # noqa: PTH111 (pathlib's fails where there is no such user)


INPUT, OUTPUT, SOURCE = Input(), Output(), Source()
