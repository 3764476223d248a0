"""Containers of files: a folder, an archive, or a file alone. One module each, with `accepts` and `list_files`."""

from __future__ import annotations

import os
from pathlib import Path
from types import ModuleType

from gancli.core.errors import DataError
from gancli.data.containers.source_files import SourceFile, SourceFiles
from gancli.data.discovery import modules_of

__all__ = ["SourceFile", "SourceFiles", "containers", "open_container"]


def containers() -> list[ModuleType]:
    """The modules that list the files of a path, in the order in which they are tried."""
    return [module for module in modules_of(__name__) if hasattr(module, "accepts")]


def open_container(path: Path) -> SourceFiles:
    """The files of a folder or archive, or a file alone. Raises: DataError if there are none, or it is damaged."""
    if not os.path.exists(path):  # noqa: PTH110 (pathlib's fails for long names)
        raise DataError(f"{path} does not exist")
    module = next(module for module in containers() if module.accepts(path))
    return module.list_files(path)
