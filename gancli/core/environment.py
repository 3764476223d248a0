"""The software and hardware of this process, as a run records them."""

from __future__ import annotations

import contextlib
import os
import platform
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from gancli.core import VERSION
from gancli.core.backend import tf
from gancli.core.options import whole

PACKAGES = ("tensorflow", "keras", "numpy", "h5py", "pillow")
# Eigen and oneDNN choose their matrix multiplication by these.
INSTRUCTIONS = ("avx", "avx2", "fma", "avx_vnni", "avx512f", "avx512bw", "avx512vl", "avx512_vnni", "avx512_bf16")
INSTRUCTIONS += ("avx512_fp16", "amx_tile", "amx_int8", "amx_bf16", "amx_fp16", "asimd", "bf16", "sve", "sve2", "sme")
VARIABLES = ("ONEDNN_MAX_CPU_ISA", "ONEDNN_DEFAULT_FPMATH_MODE", "XLA_FLAGS")  # that change results
INTRA_OP = "TF_NUM_INTRAOP_THREADS"  # the only number of threads that was found to change bits
MOST_THREADS = 2**31 - 1  # that TensorFlow accepts
LONGEST = 100  # characters of a value in a message


def versions() -> dict[str, str]:
    """Versions of gancli, Python and the packages that compute."""
    return {"gancli": VERSION, "python": platform.python_version()} | {name: _version(name) for name in PACKAGES}


def total_memory() -> int:
    """Physical memory of this machine, in bytes."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def _version(name: str) -> str:
    """The version in the name of a package's .dist-info folder; without one, importlib.metadata, which is slower."""
    for folder in sys.path:
        for found in Path(folder or ".").glob(f"{name}-*.dist-info"):
            return found.stem.removeprefix(f"{name}-")
    from importlib import metadata

    return metadata.version(name)


def device() -> dict[str, object]:
    """The hardware, and the settings that decide in which order numbers are added.

    A resume is bit-identical only if all of these are equal.
    """
    gpus = [gpu.name for gpu in tf.config.list_physical_devices("GPU")]
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    facts, threading = cpu_facts(), tf.config.threading
    return {
        "machine": platform.machine(),
        "cpu": cpu_name(facts),
        "instructions": " ".join(name for name in INSTRUCTIONS if name in facts.get("flags", "").split()),
        "cpus": cores,
        "intra_op_threads": _threads(threading.get_intra_op_parallelism_threads(), INTRA_OP, cores),
        "inter_op_threads": _threads(threading.get_inter_op_parallelism_threads(), "TF_NUM_INTEROP_THREADS", cores),
        "gpus": gpus,
        "onednn": os.environ.get("TF_ENABLE_ONEDNN_OPTS", "1"),
        "environment": {name: os.environ[name] for name in VARIABLES if name in os.environ},
    }


def cpu_facts(path: Path = Path("/proc/cpuinfo")) -> dict[str, str]:
    """The entries for the first CPU in Linux's /proc/cpuinfo, such as "model name"; ARM's "Features" are also "flags".

    Empty on other systems.
    """
    with contextlib.suppress(OSError):
        first = path.read_text(encoding="utf-8", errors="replace").strip().split("\n\n")[0]
        pairs = (line.partition(":") for line in first.splitlines())
        facts = {name.strip(): value.strip() for name, _, value in pairs}
        return {"flags": facts.get("Features", "")} | facts
    return {}


def cpu_name(facts: Mapping[str, str]) -> str:
    """The CPU model, from `cpu_facts`. Hypervisors shorten names, so family, model and stepping follow."""
    keys = ("cpu family", "model", "stepping", "CPU implementer", "CPU part")
    numbers = [f"{name.removeprefix('cpu ').removeprefix('CPU ')} {facts[name]}" for name in keys if name in facts]
    return ", ".join([facts.get("model name") or platform.processor() or platform.machine(), *numbers])


def _threads(setting: int, variable: str, cores: int) -> int:
    """The number of threads that TensorFlow uses: its setting, the environment variable, or one per visible core."""
    return setting or whole(os.environ.get(variable, ""), MOST_THREADS) or cores


def differences(recorded: Mapping[str, object], here: Mapping[str, object]) -> list[str]:
    """The differences between the environment of a run and that of this process, a phrase each.

    SourceFiles that either lacks, as runs of older versions do, are left out.
    """
    found = []
    for name in here:
        if name in recorded and recorded[name] != here[name]:
            there, now_here = str(recorded[name]), str(here[name])
            if name == "instructions":  # of some dozen words only two or three differ
                common = {*there.split()} & {*now_here.split()}
                there, now_here = (
                    " ".join(word for word in text.split() if word not in common) or "none more"
                    for text in (there, now_here)
                )
            remedy = f" (set {INTRA_OP}={there[:LONGEST]})" if name == "intra_op_threads" else ""
            found.append(f"{name.replace('_', ' ')} {there[:LONGEST]}, here {now_here[:LONGEST]}{remedy}")
    return found


def now() -> str:
    """The current time in UTC in ISO format, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")
