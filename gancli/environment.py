"""What computes, where and when: the facts that a run records of its surroundings."""

from __future__ import annotations

import os
import platform
from datetime import UTC, datetime
from importlib import metadata

from gancli import __version__
from gancli.backend import tf

PACKAGES = ("tensorflow", "keras", "numpy", "h5py", "pillow")


def versions() -> dict[str, str]:
    """Versions of what computes."""
    return {"gancli": __version__, "python": platform.python_version()} | {
        name: metadata.version(name) for name in PACKAGES
    }


def device() -> dict[str, object]:
    """What it runs on; a resume is bit-identical only where these are equal."""
    gpus = [gpu.name for gpu in tf.config.list_physical_devices("GPU")]
    return {
        "machine": platform.machine(),
        "cpus": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "gpus": gpus,
        "onednn": os.environ.get("TF_ENABLE_ONEDNN_OPTS", "1"),
    }


def now() -> str:
    """The time as an ISO text, in UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")
