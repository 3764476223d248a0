"""The formats of an export: ending, packages, and the module that writes a file and computes with its runtime.

Each module defines

    write(network, path, about, half)        a file of an ExportedNetwork with its metadata; half: in float16
    compute(path, network, cases)            the outputs of the file's own runtime for lists of inputs
    about(path)                              the metadata in a file
    RUNTIME                                  the package of the runtime
"""

from __future__ import annotations

import importlib
import importlib.util
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from gancli.core.errors import OptionError


@dataclass(frozen=True)
class Format:
    """One format. ending: of its file; "" for a folder. packages: imported by it. has_half: holds float16 weights."""

    name: str
    ending: str
    packages: tuple[str, ...] = ()
    has_half: bool = True

    def module(self) -> ModuleType:
        """What writes and computes. Raises: OptionError if a package is missing."""
        missing = [package for package in self.packages if importlib.util.find_spec(package) is None]
        if missing:
            raise OptionError(
                f"--format {self.name} needs packages that are not installed ({', '.join(missing)}): "
                "pip install 'gancli[export]'"
            )
        return importlib.import_module(f"gancli.inference.export.{self.name.replace('-', '_')}_format")

    def check(self, out: Path | None, *, half: bool) -> None:
        """Raise OptionError for an output of another type, or for half precision where it cannot be stored."""
        if half and not self.has_half:
            raise OptionError(f"--float16: a {self.name} is stored in float32; use --format onnx, litert or keras")
        if out is not None and out.suffix.lower() != self.ending and (self.ending or out.suffix.lower() in ENDINGS):
            wish = f"ends in {self.ending}" if self.ending else "names a folder"
            raise OptionError(f"--out {out}: expected a name that {wish}, for --format {self.name}")


FORMATS = {
    one.name: one
    for one in (
        Format("keras", ".keras"),
        Format("saved-model", "", has_half=False),
        Format("onnx", ".onnx", ("onnx", "onnxruntime", "tf2onnx")),
        Format("litert", ".tflite", ("ai_edge_litert",)),
    )
}
ENDINGS = {".keras", ".onnx", ".tflite", ".png", ".npz", ".h5", ".zip"}


def runtime(module: ModuleType) -> str:
    """Name and version of a format's runtime."""
    from importlib import metadata  # slow to import

    return f"{module.RUNTIME} {metadata.version(module.RUNTIME)}"
