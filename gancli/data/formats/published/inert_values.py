"""What a pickle may ask for by name: NumPy arrays and their types, built from their parts without NumPy's own code.

A format whose pickles ask for other names has a vocabulary of its own, as PyTorch's has in torch_values.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from gancli.core.backend import np

MOST_AXES = 8
LONGEST_KEY = 4096  # letters of a key; of a longer one each use would take time
ORDERS = ("<", ">", "|", "=", b"<", b">", b"|", b"=")


class Fault(Exception):
    """Why a pickle is not read; the rest of a sentence."""


@dataclass(frozen=True)
class Vocabulary:
    """What the pickles of one format may hold. what: such a pickle, in words.

    names: the values of names, by module and name; a pickle may call those that are callable. build: fills a value with
    a state. key: a key of a dict as text. persistent: the value that an identifier stands for, in a format that keeps
    values outside of its pickle. advice: what follows on the name of anything else in the message. most_steps: opcodes
    that are executed. The functions raise Fault.
    """

    what: str
    names: Mapping[tuple[str, str], object]
    build: Callable[[object, object], None]
    key: Callable[[object], str]
    persistent: Callable[[object], object] | None = None
    advice: Callable[[str], str] = lambda name: "which is not built"
    most_steps: int = 3_000_000  # CIFAR-100 has 300,000

    def may_call(self, value: object) -> bool:
        """Whether a value is one of the functions."""
        return callable(value) and any(value is one for one in self.names.values())


@dataclass(eq=False)
class PickledType:
    """A type of numbers: its kind and size, such as "f4", and its byte order."""

    code: str
    order: str = "="

    def as_dtype(self) -> np.dtype:
        """The type for NumPy."""
        return np.dtype(self.order + self.code)


@dataclass(eq=False)
class PickledArray:
    """An array of numbers as a pickle has it: no bytes are copied before `values` is called."""

    shape: tuple[int, ...] = (0,)
    type: PickledType | None = None
    content: bytes | memoryview = b""
    in_columns: bool = False

    @property
    def dtype(self) -> np.dtype:
        """The type of the numbers."""
        return self.type.as_dtype() if self.type else np.dtype(np.uint8)

    def values(self) -> np.ndarray:
        """The array, which cannot be written to."""
        found = np.frombuffer(self.content, self.dtype)
        return found.reshape(self.shape, order="F" if self.in_columns else "C")


def key_text(key: object) -> str:
    """A key of a dict as text; Python 2's are bytes. Raises: Fault for other kinds, and for endless ones."""
    if type(key) in (bytes, str) and len(key) > LONGEST_KEY:
        raise Fault(f"it has a key of {len(key):,} letters")
    if type(key) is bytes:
        return key.decode("latin-1")
    if type(key) is not str:
        raise Fault("it has a dict with keys that are no texts")
    return key


def _array_type(code: object = None, *_: object) -> PickledType:
    text = code.decode("latin-1") if isinstance(code, bytes) and len(code) < 9 else code
    if not isinstance(text, str) or not re.fullmatch(r"[<>|=]?(b1|[iu][1248]|f[248])", text):
        raise Fault("it holds an array of other things than numbers")
    return PickledType(text[-2:], text[0] if text[0] in "<>|=" else "=")


def _new_array(*_: object) -> PickledArray:
    return PickledArray()


def _from_buffer(content: object, of: object, shape: object, order: object = "C", *_: object) -> PickledArray:
    found = PickledArray()
    _fill(found, shape, of, content, in_columns=order in ("F", b"F"))
    return found


def _scalar(of: object, content: object) -> int | float:
    found = PickledArray()
    _fill(found, (1,), of, content, in_columns=False)
    return found.values()[0].item()


def encode(text: object, encoding: object = "latin1") -> bytes:
    """Bytes from a text of as many letters, as protocols 0 to 2 of Python 3 have them. Raises: Fault."""
    if type(text) is not str or encoding not in ("latin1", "latin-1", b"latin1", b"latin-1"):
        raise Fault("it holds a text in an odd encoding")
    return text.encode("latin-1")


def _empty_dict(*rows: object) -> dict:
    if rows:
        raise Fault("it holds a dict of an odd form")
    return {}


def _no_bytes(*values: object) -> bytes:
    """Python 2 has no bytes; protocols 0 to 2 write them as texts, and those of length 0 as a call."""
    if values:
        raise Fault("it holds bytes in an odd form")
    return b""


def _array_class(*_: object) -> None:
    raise Fault("it makes an array in an odd way")


def build(target: object, state: object) -> None:
    """Fill an array, or set the byte order of a type, from the state in a pickle. Raises: Fault."""
    if type(target) is PickledArray and type(state) is tuple and len(state) in (4, 5):
        shape, of, in_columns, content = state[-4:]
        _fill(target, shape, of, content, in_columns=bool(in_columns))
    elif type(target) is PickledType and type(state) is tuple and len(state) >= 5:
        if state[1] not in ORDERS or any(state[2:5]):
            raise Fault("it holds an array of other things than numbers")
        target.order = ORDERS[ORDERS.index(state[1]) % 4]
    else:
        raise Fault("it changes what cannot be changed")


def _fill(target: PickledArray, shape: object, of: object, content: object, *, in_columns: bool) -> None:
    sizes = shape if type(shape) is tuple else ()
    if not sizes or len(sizes) > MOST_AXES or not all(type(side) is int and side >= 0 for side in sizes):
        raise Fault("it holds an array of an odd shape")
    if type(of) is not PickledType or not isinstance(content, bytes | memoryview):
        raise Fault("it holds an array of other things than numbers")
    if math.prod(sizes) * of.as_dtype().itemsize != len(content):
        raise Fault(f"an array of shape {sizes} has {len(content):,} bytes")
    target.shape, target.type, target.content, target.in_columns = sizes, of, content, in_columns


_NUMPY = ("numpy.core", "numpy._core")  # before and since NumPy 2
NAMES: dict[tuple[str, str], Callable] = {
    ("numpy", "ndarray"): _array_class,
    ("numpy", "dtype"): _array_type,
    ("_codecs", "encode"): encode,
    ("collections", "OrderedDict"): _empty_dict,
    ("__builtin__", "bytes"): _no_bytes,
    ("builtins", "bytes"): _no_bytes,
    **{(f"{core}.multiarray", "_reconstruct"): _new_array for core in _NUMPY},
    **{(f"{core}.multiarray", "scalar"): _scalar for core in _NUMPY},
    **{(f"{core}.numeric", "_frombuffer"): _from_buffer for core in _NUMPY},
}
ARRAYS = Vocabulary("a pickle of plain values and arrays", NAMES, build, key_text)
