"""A folder that all processes of one test session share: what is costly to make is made once, by whoever asks first."""

import contextlib
import fcntl
import os
import tempfile
from pathlib import Path

FOLDER = "TESTS_SHARED"  # the environment variable that hands the folder to workers and programs


def folder() -> Path:
    """The session's folder; a new one where no session set one."""
    if FOLDER not in os.environ:
        os.environ[FOLDER] = tempfile.mkdtemp(prefix="gancli-tests-")
    return Path(os.environ[FOLDER])


@contextlib.contextmanager
def locked(name):
    """One process at a time."""
    with (folder() / f"{name}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def once(name, make) -> Path:
    """The path `name` in the shared folder, after one process made it by `make(path)`."""
    path, done = folder() / name, folder() / f"{name}.done"
    with locked(name):
        if not done.exists():
            make(path)
            done.touch()
    return path
