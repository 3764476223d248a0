"""TensorBoard events: metrics and sample grids. Needs the package `tensorboard` (extra gancli[tensorboard])."""

from __future__ import annotations

import contextlib
import importlib.util
from collections.abc import Iterator, Mapping
from pathlib import Path

from gancli.core.backend import Tensor, np, tf
from gancli.core.errors import OptionError, ResourceError, first_line


def need_tensorboard() -> None:
    """Raise OptionError if TensorBoard is not installed."""
    if importlib.util.find_spec("tensorboard") is None:
        raise OptionError("--tensorboard needs a package that is not installed: pip install 'gancli[tensorboard]'")


class TensorBoardWriter:
    """Writes TensorBoard events to a folder. Its methods raise ResourceError if they cannot be written."""

    def __init__(self, folder: Path) -> None:
        need_tensorboard()
        self._folder = folder
        with self._write_errors():
            self._writer = tf.summary.create_file_writer(str(folder))
            self._writer.flush()

    def scalars(self, values: Mapping[str, float], step: int) -> None:
        """Write the metrics of a step by name, as float32."""
        with self._write_errors(), self._writer.as_default():
            for name, value in values.items():
                tf.summary.scalar(name, tf.constant(np.float32(value)), step=_tensor(step))

    def picture(self, pixels: np.ndarray, step: int) -> None:
        """Write an image, uint8 (height, width, channels)."""
        with self._write_errors(), self._writer.as_default():
            tf.summary.image("samples", pixels[None], step=_tensor(step))

    def flush(self) -> None:
        """Flush all events to disk."""
        with self._write_errors():
            self._writer.flush()

    def close(self) -> None:
        """Flush and close."""
        with contextlib.suppress(tf.errors.OpError):  # an earlier error has been reported
            self._writer.close()

    @contextlib.contextmanager
    def _write_errors(self) -> Iterator[None]:
        try:
            yield
        except tf.errors.OpError as error:
            reason = first_line(error).rpartition("; ")[2]  # before it: TensorFlow's names of operations
            raise ResourceError(f"cannot write TensorBoard events to {self._folder}: {reason}") from error


def _tensor(step: int) -> Tensor:
    """The step as a tensor. TensorFlow caches every Python integer that it is given, 2 kB per record."""
    return tf.constant(np.int64(step))
