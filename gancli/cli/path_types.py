"""Click types for input and output paths: no command overwrites one of its inputs."""

from __future__ import annotations

import os
from pathlib import Path

import click

from gancli.core import input_files

OUTPUTS = "gancli.outputs"  # key of Click's ctx.meta: the output paths so far


class _Path(click.Path):
    name = "path"

    def __init__(self) -> None:
        super().__init__(path_type=Path)


class Input(_Path):
    """A path that the command reads; the reader checks that it exists."""

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        """Register the path as an input. Raises: OptionError if it is also an output."""
        path = super().convert(value, param, ctx)
        input_files.reads(path, _expanded(path))
        for output in ctx.meta.get(OUTPUTS, ()) if ctx else ():
            input_files.need_free(output)
        return path


class Output(_Path):
    """A path that the command writes; neither an input nor a file that a run needs may be there."""

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        """Register the path as an output. Raises: OptionError for an input, or a file that a run needs."""
        path = super().convert(value, param, ctx)
        input_files.need_free(path)
        if ctx is not None:
            ctx.meta.setdefault(OUTPUTS, []).append(path)
        return path


class Source(click.ParamType):
    """Name or path of a data set, as text; a path is registered as an input."""

    name = "data"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> object:
        """Register a path as an input. Returns: the text as it is. Raises: OptionError if it is also an output."""
        if isinstance(value, str):
            INPUT.convert(value, param, ctx)
        return value


def _expanded(path: Path) -> Path:
    return Path(os.path.expanduser(path))  # noqa: PTH111 (pathlib's fails where there is no such user)


INPUT = Input()
OUTPUT = Output()
SOURCE = Source()
