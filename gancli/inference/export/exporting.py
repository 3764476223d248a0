"""Writes a network of a run as a file for another program, opens it with that program's runtime, and compares."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from gancli.core import files, input_files
from gancli.core.backend import np
from gancli.core.errors import CheckpointError, GancliError, OptionError, ResourceError, first_line
from gancli.inference.export import comparison, faults, metadata, networks
from gancli.inference.export.formats import FORMATS, Format, runtime
from gancli.inference.export.networks import ExportedNetwork
from gancli.inference.export.quiet import quiet

if TYPE_CHECKING:
    from gancli.inference.trained_model import TrainedModel


@dataclass(frozen=True)
class ExportResult:
    """What was written. path; size in bytes; runtime: what opened it; about: the metadata in the file.

    difference: the largest one between the outputs of the file and those of gancli's layers in float32, relative to
    the largest number of an output that exceeds 1. batches: the sizes of the batches that were compared.
    """

    path: Path
    size: int
    format: str
    runtime: str
    difference: float
    tolerance: float
    batches: tuple[int, ...]
    about: dict[str, object]

    def to_mapping(self) -> dict[str, object]:
        """As a JSON object; the vocabulary of text networks is left to the file."""
        chosen = ("network", "weights", "inputs", "outputs", "float16")
        return {
            "out": str(self.path),
            "format": self.format,
            **{name: self.about[name] for name in chosen},
            "bytes": self.size,
            "runtime": self.runtime,
            "difference": self.difference,
            "tolerance": self.tolerance,
            "batches": list(self.batches),
        }


def export_network(
    trained: TrainedModel, out: Path, format: str = "onnx", *, network: str | None = None, half: bool = False
) -> ExportResult:
    """Write a network of a run to `out`, open it with its own runtime, and compare it with gancli's own layers.

    format: "keras", "saved-model" (a folder), "onnx" or "litert". network: by default the model's main one for
    inference. half: weights in float16. Nothing is written if the comparison fails.

    Raises: OptionError for an unknown network, a format that cannot hold the network, or a file that computes something
    else; CheckpointError for weights that are not finite; ResourceError if it cannot be written.
    """
    kind = FORMATS[format]
    kind.check(out, half=half)
    module = kind.module()
    _need_free_folder(out, kind)
    found = networks.find(trained.model, network)
    about = metadata.about(trained, found, half=half)
    tolerance = comparison.HALF_TOLERANCE if half else comparison.TOLERANCE
    inputs = comparison.cases(trained.model, found)
    expected = comparison.reference(found, inputs)
    if not np.isfinite(comparison.difference(expected, expected)):
        raise CheckpointError(f"{trained.run.path}: {found.name} of step {trained.step:,} computes no finite numbers")
    with tempfile.TemporaryDirectory() as folder:
        aside = Path(folder, f"network{kind.ending}")
        with quiet():
            theirs = _outputs(module, found, aside, about, inputs, half=half)
            apart = np.inf if isinstance(theirs, str) else comparison.difference(expected, theirs)
            if not apart <= tolerance:
                where = faults.find(module, found, inputs, tolerance)
        if not apart <= tolerance:
            raise OptionError(_refusal(kind, found, where, theirs, apart, tolerance))
        size = _place(aside, out)
    return ExportResult(out, size, format, runtime(module), apart, tolerance, comparison.BATCHES, about)


def _outputs(
    module: ModuleType,
    network: ExportedNetwork,
    path: Path,
    about: dict[str, object],
    inputs: Sequence[list[np.ndarray]],
    *,
    half: bool,
) -> list[list[np.ndarray]] | str:
    """The outputs of a new file, or the reason why there are none."""
    try:
        module.write(network, path, about, half)
        return module.compute(path, network, inputs)
    except (GancliError, MemoryError, OSError):
        raise
    except Exception as error:  # converters and runtimes raise what they like
        return first_line(error)


def _refusal(kind: Format, network: ExportedNetwork, where: str, theirs: object, apart: float, tolerance: float) -> str:
    """Why a network was not exported, in one sentence."""
    at = f"layer {where} of network {network.name}" if where else f"network {network.name}"
    others = ", ".join(name for name in FORMATS if name != kind.name)
    if isinstance(theirs, str):
        return f"--format {kind.name} cannot hold {at} ({theirs[:120]}): choose another format ({others})"
    return (
        f"--format {kind.name}: {at} comes out differently (by {apart:.2g}, at most {tolerance:g} is accepted), "
        f"so nothing was written: choose another format ({others})"
    )


def _need_free_folder(out: Path, kind: Format) -> None:
    input_files.need_free(out)
    if not kind.ending and out.exists() and not (out.is_dir() and not any(out.iterdir())):
        raise OptionError(f"--out {out}: it exists, and a {kind.name} is a new folder: choose another name")


def _place(aside: Path, out: Path) -> int:
    """Move a file or folder to where it belongs, at once. Returns: its size in bytes."""
    if aside.is_file():
        with files.atomic_path(out) as place:
            shutil.copyfile(aside, place)
        return out.stat().st_size
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{out.name}-", dir=out.parent) as folder:
            os.replace(shutil.copytree(aside, Path(folder, out.name)), out)  # noqa: PTH105
    except OSError as error:
        raise ResourceError(f"cannot write {out}: {error.strerror or error}") from error
    return sum(path.stat().st_size for path in out.rglob("*") if path.is_file())
