"""A limit on the memory of models built from a run, whose files may be damaged or untrusted."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Iterator, Sequence
from contextvars import ContextVar

from gancli.core.backend import tf
from gancli.core.errors import CheckpointError

SPARE_EACH, SPARE = 16_000_000, 256_000_000  # bytes that one variable, and all, may take beyond what is known
_known: ContextVar[tuple[str, Sequence[int]] | None] = ContextVar("known", default=None)


@contextlib.contextmanager
def like(bytes_each: Sequence[int], *, name: str) -> Iterator[None]:
    """Build models in no more memory than their checkpoint, `name`, needs, with arrays of these sizes in bytes.

    Raises: CheckpointError before a variable is made that is larger than all of them by 16 MB, or that makes those of
    the model twice as large in all, and 256 MB larger.
    """
    token = _known.set((name, bytes_each))
    try:
        yield
    finally:
        _known.reset(token)


@contextlib.contextmanager
def enforce() -> Iterator[None]:
    """Apply the limit of `like`, if there is one, to new variables."""
    known = _known.get()
    if known is None:
        yield
        return
    name, bytes_each = known
    largest = max(bytes_each, default=0) + SPARE_EACH
    left = 2 * sum(bytes_each) + SPARE
    sketch = tf.Graph()

    def creator(next_creator: Callable[..., tf.Variable], **arguments: object) -> tf.Variable:
        nonlocal left
        shape, needed = _needed(arguments["initial_value"], sketch)
        left -= needed
        if needed > largest or left < 0:
            raise CheckpointError(
                f"{name} does not fit the model, which has a variable of {shape}: no array is as large"
            )
        return next_creator(**arguments)

    with tf.variable_creator_scope(creator):
        yield


def _needed(value: object, sketch: tf.Graph) -> tuple[tuple[int, ...], int]:
    """The shape and bytes of a variable's initial value, without creating it."""
    if callable(value):
        with sketch.as_default():
            value = value()
    if not hasattr(value, "shape"):
        return (), 0
    return tuple(value.shape), math.prod(value.shape) * tf.as_dtype(value.dtype).size
