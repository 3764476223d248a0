"""A single file that is a data set by itself, such as mnist.npz."""

from __future__ import annotations

from pathlib import Path

from gancli.core import files
from gancli.data.containers.source_files import SourceFiles, file_on_disk

ORDER = 90  # after the archives


def accepts(path: Path) -> bool:
    """Whether the path is no folder; pipes and devices are refused when they are listed."""
    return not path.is_dir()


def list_files(path: Path) -> SourceFiles:
    """The file alone. Raises: DataError if it is a pipe or a device."""
    files.need_regular(path)
    status = path.stat()
    stamp = f"{path} {status.st_size} {status.st_mtime_ns}"
    return SourceFiles.of(path, [file_on_disk(path, path.name)], kind="file", stamp=stamp)
