"""The cache folder: decoded pictures, trained classifiers and checksums."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs


def cache_folder() -> Path:
    """The cache folder: GANCLI_CACHE, or else the user's cache directory."""
    return Path(os.environ.get("GANCLI_CACHE") or platformdirs.user_cache_dir("gancli", appauthor=False))
