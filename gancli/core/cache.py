"""The folder where decoded pictures, classifiers and digests are kept."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs


def cache_folder() -> Path:
    """Where decoded pictures and classifiers are kept: GANCLI_CACHE, else the user's cache folder."""
    return Path(os.environ.get("GANCLI_CACHE") or platformdirs.user_cache_dir("gancli", appauthor=False))
