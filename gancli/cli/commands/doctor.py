"""gancli doctor: the installation, the device and the folders that gancli uses."""

from __future__ import annotations

import os
import platform
import shutil
from pathlib import Path

import click

from gancli.cli import flags, output, tables

EPILOG = """\b
Examples:
  gancli doctor
  gancli doctor --json"""


@click.command(epilog=EPILOG)
@flags.outdir_option
@flags.data_dir_option
@flags.json_option
def command(outdir: Path, data_dir: str | None, as_json: bool) -> None:
    """Show versions, device and folders, and why no GPU is used."""
    from gancli.core.backend import has_fast_bfloat16, tf
    from gancli.core.cache import cache_folder
    from gancli.core.environment import device as find_device
    from gancli.core.environment import versions

    device = find_device()
    result = {
        "versions": versions(),
        "platform": platform.platform(),
        "device": device,
        "gpu": _gpu(device["gpus"], built_with_cuda=tf.test.is_built_with_cuda()),
        "devices": _devices(len(device["gpus"])),
        "precision auto means": "bfloat16" if has_fast_bfloat16() else "float32",
        "runs in": _folder(outdir),
        "cache in": _folder(cache_folder()),
        "data in": _folder(Path(data_dir)) if data_dir else "not set (--data-dir or GANCLI_DATA)",
    }
    output.report(result, tables.named_values(result), as_json=as_json)


def _gpu(gpus: list[str], *, built_with_cuda: bool) -> str:
    if gpus:
        return f"used: {', '.join(gpus)}"
    if platform.system() == "Windows":
        return "not used: TensorFlow has no GPU support on native Windows since 2.11; use WSL2"
    if platform.system() == "Darwin":
        return "not used: TensorFlow has no official GPU support on macOS"
    if not built_with_cuda:
        return "not used: this TensorFlow has no CUDA support; install tensorflow instead of tensorflow-cpu"
    if shutil.which("nvidia-smi") is None and not Path("/proc/driver/nvidia").exists():
        return "not used: no NVIDIA driver on this machine"
    if os.environ.get("CUDA_VISIBLE_DEVICES") in ("", "-1"):
        return "not used: hidden by CUDA_VISIBLE_DEVICES"
    return "not used: the NVIDIA driver is installed, CUDA libraries are missing; pip install 'gancli[gpu]'"


def _devices(gpus: int) -> str:
    if gpus:
        return f"train --devices accepts 1 to {gpus}, or all"
    return "one; train --devices 2 or more uses virtual CPU devices, for tests only"


def _folder(path: Path) -> str:
    existing = path
    while not existing.exists() and existing != existing.parent:
        existing = existing.parent
    free = shutil.disk_usage(existing).free / 1e9
    return f"{path} ({'' if path.exists() else 'does not exist yet, '}{free:,.0f} GB free)"
