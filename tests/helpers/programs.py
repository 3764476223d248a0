"""How tests start the programs in this folder in processes of their own."""

import os
import sys
from pathlib import Path

TESTS = Path(__file__).parents[1]


def command(name, *args) -> list[str]:
    """The command line that runs `helpers/name.py`; it needs `environment()`."""
    return [sys.executable, "-m", f"helpers.{name}", *map(str, args)]


def environment() -> dict[str, str]:
    """Ours, with the helpers and everything this process can import on the path."""
    return os.environ | {"PYTHONPATH": os.pathsep.join([str(TESTS), *filter(None, sys.path)])}
