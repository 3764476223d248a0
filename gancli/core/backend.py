"""What gancli computes with, imported at first use; TensorFlow and Keras quietly, with settings no file can change.

`from gancli.core.backend import np, tf` costs nothing; reading the first attribute of one imports it: TensorFlow and
Keras together in about three seconds, the others in a tenth each. So every module may name them at its top, and
`--help` still answers at once. A module that reads an attribute while it is imported itself undoes that;
tests/cli/test_start.py names it.
"""

from __future__ import annotations

import contextlib
import functools
import importlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, TypeAlias

from gancli.core.errors import GancliError, OptionError, first_line

Tensor: TypeAlias = Any  # a tf.Tensor, or whatever TensorFlow makes one of

# Keras imports these if they are installed, for wrappers gancli never uses: 1.3 of 4.1 seconds.
_KERAS_EXTRAS = ("sklearn", "matplotlib", "matplotlib.pyplot", "pandas")


class _Lazy(ModuleType):
    """The module of this name, imported when its first attribute is read."""

    def __getattr__(self, name: str) -> object:
        module = start()[self.__name__] if self.__name__ in _STARTED else importlib.import_module(self.__name__)
        value = getattr(module, name)
        setattr(self, name, value)
        return value


_STARTED = ("keras", "tensorflow")  # together, by start()
keras = _Lazy("keras")
tf = _Lazy("tensorflow")
np = _Lazy("numpy")
h5py = _Lazy("h5py")
Image = _Lazy("PIL.Image")
ImageDraw = _Lazy("PIL.ImageDraw")
ImageFont = _Lazy("PIL.ImageFont")
ImageOps = _Lazy("PIL.ImageOps")
linalg = _Lazy("scipy.linalg")
ndimage = _Lazy("scipy.ndimage")
special = _Lazy("scipy.special")
stats = _Lazy("scipy.stats")


@functools.cache
def start() -> dict[str, ModuleType]:
    """Import both, once; returns them by name."""
    os.environ["KERAS_BACKEND"] = "tensorflow"  # assigned: a foreign value would break the import
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    with _quiet_stderr(), _hidden(_KERAS_EXTRAS):
        tensorflow, keras3 = _import("tensorflow"), _import("keras")
        tensorflow.get_logger().setLevel("ERROR")
        gpus = tensorflow.config.list_physical_devices("GPU")
    # It drops orders between reads and writes: one in ten steps of a loop in a graph differed in its last bits.
    tensorflow.config.optimizer.set_experimental_options({"dependency_optimization": False})
    for gpu in gpus:
        tensorflow.config.experimental.set_memory_growth(gpu, True)
    keras3.config.set_epsilon(1e-7)
    keras3.config.set_floatx("float32")  # ~/.keras/keras.json changes these without a word
    keras3.config.set_image_data_format("channels_last")
    keras3.config.set_dtype_policy("float32")
    return {"keras": keras3, "tensorflow": tensorflow}


def _import(name: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except (AssertionError, AttributeError, TypeError, ValueError) as error:  # what both say of Keras' settings
        path = Path(os.environ.get("KERAS_HOME") or "~/.keras", "keras.json")
        raise OptionError(
            f"{name} does not start ({first_line(error)}): mend or delete Keras' settings, {path}"
        ) from error


@contextlib.contextmanager
def _quiet_stderr() -> Iterator[None]:
    """Hold back file descriptor 2: no log level silences TensorFlow's first lines. Shown if the import fails."""
    if os.environ.get("GANCLI_DEBUG") == "1" or sys.stderr is None:
        yield
        return
    sys.stderr.flush()
    import tempfile  # slow to import

    saved = os.dup(2)
    with tempfile.TemporaryFile() as held:
        os.dup2(held.fileno(), 2)
        try:
            yield
        except GancliError:  # which says all
            raise
        except Exception:
            held.seek(0)
            os.write(saved, held.read())
            raise
        finally:
            os.dup2(saved, 2)
            os.close(saved)


@contextlib.contextmanager
def _hidden(names: tuple[str, ...]) -> Iterator[None]:
    """Make `import name` fail for modules not yet imported, and undo it."""
    absent = [name for name in names if name not in sys.modules]
    sys.modules.update(dict.fromkeys(absent))
    try:
        yield
    finally:
        for name in absent:
            sys.modules.pop(name, None)


def has_fast_bfloat16() -> bool:
    """Whether this machine computes convolutions faster in bfloat16: a CPU with AVX512_BF16 or AMX and no GPU."""
    if tf.config.list_physical_devices("GPU"):
        return False
    with contextlib.suppress(OSError):
        flags = Path("/proc/cpuinfo").read_text(encoding="ascii", errors="replace")
        return "avx512_bf16" in flags or "amx_bf16" in flags
    return False
