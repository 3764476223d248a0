"""Where the weights of inception-2015 may be on this machine."""

from __future__ import annotations

import os
from pathlib import Path

from gancli.core import files
from gancli.core.cache import cache_folder
from gancli.core.errors import OptionError
from gancli.evaluation.feature_extractors.inception import download

VARIABLE = "GANCLI_WEIGHTS"
OURS = "inception-2015.safetensors"
NAMES = (OURS, *download.FILES)
WANTED = f"the published file is {download.FILES[0]}"


def find(weights_file: Path | None) -> Path | None:
    """The file: the one given, GANCLI_WEIGHTS, the cache, or where PyTorch keeps its downloads; None without any.

    GANCLI_WEIGHTS: a file, or a folder with one of NAMES. Raises: OptionError if what is given does not exist.
    """
    if weights_file is not None:
        return _existing(weights_file, "--weights-file")
    if named := os.environ.get(VARIABLE):
        path = _existing(_home(named), VARIABLE)
        return path if not path.is_dir() else _within(path) or _existing(path / NAMES[1], VARIABLE)
    return _within(kept_folder()) or _within(_torch_folder())


def kept_folder() -> Path:
    """The folder of the cache in which weights are kept."""
    return cache_folder() / "weights"


def _existing(path: Path, given_by: str) -> Path:
    try:
        path.stat()
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise OptionError(f"{given_by} {path} cannot be found ({why}); {WANTED}") from error
    return path


def _within(folder: Path) -> Path | None:
    """The first file of a known name in a folder, unless it is empty."""
    return next((folder / name for name in NAMES if files.size_of(folder / name)), None)


def _torch_folder() -> Path:
    """Where PyTorch's hub, and with it pytorch-fid and torch-fidelity, keep what they downloaded."""
    cache = _home(os.environ.get("XDG_CACHE_HOME") or "~/.cache")
    return _home(os.environ.get("TORCH_HOME") or str(cache / "torch")) / "hub" / "checkpoints"


def _home(path: str) -> Path:
    return Path(os.path.expanduser(path))  # noqa: PTH111 (pathlib's raises where there is no home)
