"""What several measurements need, computed once: it is kept as long as `remembering` lasts, and no longer."""

from __future__ import annotations

import contextlib
import weakref
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from gancli.core.backend import np

Value = TypeVar("Value")


@dataclass
class _Memory:
    values: dict[object, Any] = field(default_factory=dict)
    of_arrays: dict[object, tuple[weakref.ref, Any]] = field(default_factory=dict)


_memory: ContextVar[_Memory | None] = ContextVar("memory", default=None)


@contextlib.contextmanager
def remembering() -> Iterator[None]:
    """Remember what `once` and `of_array` compute inside."""
    before = _memory.get()
    _memory.set(before or _Memory())
    try:
        yield
    finally:
        _memory.set(before)


def once(key: object, compute: Callable[[], Value]) -> Value:
    """What `compute` returns; inside `remembering`, what it returned for this key before."""
    memory = _memory.get()
    if memory is None:
        return compute()
    if key not in memory.values:
        memory.values[key] = compute()
    return memory.values[key]


def of_array(key: object, array: np.ndarray, compute: Callable[[], Value]) -> Value:
    """What `compute` returns for an array; inside `remembering`, what it returned for this key and this array before.

    The array, or the one that it is part of, must still be the same one in memory; equal copies are computed anew.
    """
    memory = _memory.get()
    if memory is None:
        return compute()
    owner = array if array.base is None else array.base
    at = key, array.__array_interface__["data"][0], array.shape, array.strides, array.dtype.str
    known = memory.of_arrays.get(at)
    if known is None or known[0]() is not owner:
        try:
            known = weakref.ref(owner), compute()
        except TypeError:  # an owner without weak references, such as bytes
            return compute()
        memory.of_arrays[at] = known
    return known[1]
