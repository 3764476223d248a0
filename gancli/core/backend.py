"""Lazy imports of the numeric libraries; TensorFlow and Keras start quietly, with settings that no file can change.

`from gancli.core.backend import np, tf` takes no time; the first attribute access imports the library: TensorFlow and
Keras together in about three seconds, each of the others in a tenth of a second. So every module may import them at its
top, and `--help` still answers at once. A module that accesses an attribute at import time breaks this;
tests/cli/test_start.py reports it.
"""

from __future__ import annotations

import contextlib
import functools
import importlib
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, TypeAlias

from gancli.core.errors import GancliError, OptionError, first_line

Tensor: TypeAlias = Any  # a tf.Tensor, or anything that TensorFlow converts to one

# Keras imports these if they are installed, for wrappers that gancli does not use: 1.3 of 4.1 seconds.
_KERAS_EXTRAS = ("sklearn", "matplotlib", "matplotlib.pyplot", "pandas")


class _Lazy(ModuleType):
    """A module that is imported at the first attribute access."""

    def __getattr__(self, name: str) -> object:
        module = start()[self.__name__] if self.__name__ in _STARTED else importlib.import_module(self.__name__)
        value = getattr(module, name)
        setattr(self, name, value)
        return value


_STARTED = ("keras", "tensorflow")  # imported together, by start()
if TYPE_CHECKING:  # what the names are, for type checkers
    import h5py
    import keras
    import numpy as np
    import tensorflow as tf
    from PIL import Image, ImageDraw, ImageFont, ImageOps
    from scipy import linalg, ndimage, special, stats
else:
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


# It drops control dependencies between reads and writes: one in ten graph loops changed in the last bits.
GRAPH_OPTIONS = {"dependency_optimization": False}
_owner: list[bool] = []


def own_process() -> None:
    """This process is the program gancli: its settings of Keras and TensorFlow hold from `start` on.

    In other programs they hold inside of `gancli.core.library_scope`. Call it before `start`.
    """
    _owner[:] = [True]


def owns_process() -> bool:
    """Whether `own_process` was called."""
    return bool(_owner)


@functools.cache
def start() -> dict[str, ModuleType]:
    """Import TensorFlow and Keras once; returns both by name. Raises: OptionError if they cannot be imported, or if
    another program runs Keras on another backend."""
    if not _owner:
        return _start_in_library()
    os.environ["KERAS_BACKEND"] = "tensorflow"  # overwritten: another backend would break the import
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "0" if _shows_log() else "3"  # whatever a shell sets for other programs
    with _quiet_stderr(), _hidden(_KERAS_EXTRAS):
        tensorflow, keras3 = _import("tensorflow"), _import("keras")
        tensorflow.get_logger().setLevel("INFO" if _shows_log() else "ERROR")
        gpus = tensorflow.config.list_physical_devices("GPU")
    configure_tensorflow(tensorflow)
    for gpu in gpus:
        tensorflow.config.experimental.set_memory_growth(gpu, True)
    configure_keras(keras3)
    return {"keras": keras3, "tensorflow": tensorflow}


def _start_in_library() -> dict[str, ModuleType]:
    """The modules as the program has configured them, or as they are by default."""
    if "keras" not in sys.modules:
        _need_tensorflow(os.environ.get("KERAS_BACKEND") or "tensorflow")  # another might not even be installed
    with _quiet_stderr():
        keras3 = _import("keras")
        _need_tensorflow(keras3.backend.backend())
        tensorflow = _import("tensorflow")
        tensorflow.config.list_physical_devices("GPU")  # prints why there is none
    return {"keras": keras3, "tensorflow": tensorflow}


def _need_tensorflow(name: str) -> None:
    """Raise OptionError if Keras runs on another backend."""
    if name != "tensorflow":
        raise OptionError(
            f"Keras runs on {name} in this process, gancli needs TensorFlow: set the environment variable "
            "KERAS_BACKEND=tensorflow before Keras is imported"
        )


def configure_tensorflow(tensorflow: ModuleType) -> None:
    """Set the options of graphs that results depend on."""
    tensorflow.config.optimizer.set_experimental_options(GRAPH_OPTIONS)


def configure_keras(keras3: ModuleType) -> None:
    """Set Keras' defaults, for which ~/.keras/keras.json may hold other values."""
    keras3.config.set_epsilon(1e-7)
    keras3.config.set_floatx("float32")
    keras3.config.set_image_data_format("channels_last")
    keras3.config.set_dtype_policy("float32")


def _import(name: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except (AssertionError, AttributeError, ImportError, TypeError, ValueError) as error:  # for invalid Keras settings
        if isinstance(error, ImportError) and name != "keras":  # an installation that is not whole
            raise
        path = Path(os.environ.get("KERAS_HOME") or "~/.keras", "keras.json")
        raise OptionError(
            f"{name} cannot be imported ({first_line(error)}): fix or delete the Keras settings in {path}"
        ) from error


def _shows_log() -> bool:
    """Whether TensorFlow's log is shown: with --verbose or --debug."""
    return "1" in (os.environ.get("GANCLI_VERBOSE"), os.environ.get("GANCLI_DEBUG"))


@contextlib.contextmanager
def _quiet_stderr() -> Iterator[None]:
    """Capture file descriptor 2: no log level silences TensorFlow's first lines. Printed if the import fails."""
    if _shows_log() or sys.stderr is None:
        yield
        return
    sys.stderr.flush()
    import tempfile  # slow to import

    saved = os.dup(2)
    with tempfile.TemporaryFile() as captured:
        os.dup2(captured.fileno(), 2)
        try:
            yield
        except GancliError:  # its message is enough
            raise
        except Exception:
            captured.seek(0)
            os.write(saved, captured.read())
            raise
        finally:
            os.dup2(saved, 2)
            os.close(saved)


@contextlib.contextmanager
def _hidden(names: tuple[str, ...]) -> Iterator[None]:
    """Let `import name` fail inside the context, for modules that are not imported yet."""
    absent = [name for name in names if name not in sys.modules]
    sys.modules.update(dict.fromkeys(absent))
    try:
        yield
    finally:
        for name in absent:
            sys.modules.pop(name, None)


def graph_function(function: Callable | None = None, **options: Any) -> Any:
    """`tf.function` without AutoGraph, as a function or a decorator: tracing takes a quarter less time.

    Loops and conditions on tensors must be TensorFlow's own, such as `tf.while_loop`.
    """
    return tf.function(function, autograph=False, **options)


def has_fast_bfloat16() -> bool:
    """Whether convolutions are faster in bfloat16 on this machine: a CPU with AVX512_BF16 or AMX, and no GPU."""
    if tf.config.list_physical_devices("GPU"):
        return False
    with contextlib.suppress(OSError):
        flags = Path("/proc/cpuinfo").read_text(encoding="ascii", errors="replace")
        return "avx512_bf16" in flags or "amx_bf16" in flags
    return False
