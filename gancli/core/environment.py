"""What computes, where and when: the facts that a run records of its surroundings."""

from __future__ import annotations

import contextlib
import os
import platform
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from gancli import __version__
from gancli.core.backend import tf
from gancli.core.options import whole

PACKAGES = ("tensorflow", "keras", "numpy", "h5py", "pillow")
# By these Eigen and oneDNN choose how they multiply.
INSTRUCTIONS = ("avx", "avx2", "fma", "avx_vnni", "avx512f", "avx512bw", "avx512vl", "avx512_vnni", "avx512_bf16")
INSTRUCTIONS += ("avx512_fp16", "amx_tile", "amx_int8", "amx_bf16", "amx_fp16", "asimd", "bf16", "sve", "sve2", "sme")
VARIABLES = ("ONEDNN_MAX_CPU_ISA", "ONEDNN_DEFAULT_FPMATH_MODE", "XLA_FLAGS")  # which change numbers
INTRA_OP = "TF_NUM_INTRAOP_THREADS"  # the only setting of threads that was seen to change bits
MOST_THREADS = 2**31 - 1  # that TensorFlow reads
LONGEST = 100  # characters of a fact in a message


def versions() -> dict[str, str]:
    """Versions of what computes."""
    return {"gancli": __version__, "python": platform.python_version()} | {name: _version(name) for name in PACKAGES}


def _version(name: str) -> str:
    """The version in the name of a package's folder of facts; importlib.metadata, three times as slow, where there is
    no such folder."""
    for folder in sys.path:
        for found in Path(folder or ".").glob(f"{name}-*.dist-info"):
            return found.stem.removeprefix(f"{name}-")
    from importlib import metadata

    return metadata.version(name)


def device() -> dict[str, object]:
    """What it runs on, and the settings that decide how numbers are added up.

    A resume is bit-identical only where all of these are equal.
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
    """What Linux tells of the first CPU, by its names, such as "model name"; ARM's "Features" are "flags" too. Nothing
    elsewhere.
    """
    with contextlib.suppress(OSError):
        first = path.read_text(encoding="utf-8", errors="replace").strip().split("\n\n")[0]
        pairs = (line.partition(":") for line in first.splitlines())
        facts = {name.strip(): value.strip() for name, _, value in pairs}
        return {"flags": facts.get("Features", "")} | facts
    return {}


def cpu_name(facts: Mapping[str, str]) -> str:
    """The kind of CPU, from what `cpu_facts` returns. Hypervisors cut names short, so the numbers follow."""
    keys = ("cpu family", "model", "stepping", "CPU implementer", "CPU part")
    numbers = [f"{name.removeprefix('cpu ').removeprefix('CPU ')} {facts[name]}" for name in keys if name in facts]
    return ", ".join([facts.get("model name") or platform.processor() or platform.machine(), *numbers])


def _threads(setting: int, variable: str, cores: int) -> int:
    """The number of threads that TensorFlow takes: its setting, the environment's, or one for each visible core."""
    told = os.environ.get(variable, "")
    return setting or whole(told, MOST_THREADS) or cores


def differences(recorded: Mapping[str, object], here: Mapping[str, object]) -> list[str]:
    """What differs between the facts of a run and those of this process, in words. Facts that either lacks, as runs of
    older versions do, are left out.
    """
    found = []
    for name in here:
        if name in recorded and recorded[name] != here[name]:
            there, now_here = str(recorded[name]), str(here[name])
            if name == "instructions":  # of some dozen words two or three differ
                common = {*there.split()} & {*now_here.split()}
                there, now_here = (
                    " ".join(word for word in text.split() if word not in common) or "none more"
                    for text in (there, now_here)
                )
            remedy = f" (set {INTRA_OP}={there[:LONGEST]})" if name == "intra_op_threads" else ""
            found.append(f"{name.replace('_', ' ')} {there[:LONGEST]}, here {now_here[:LONGEST]}{remedy}")
    return found


def now() -> str:
    """The time as an ISO text, in UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")
