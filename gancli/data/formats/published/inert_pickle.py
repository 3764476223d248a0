"""Pickles read by a machine of our own, which can build nothing but plain values and arrays of numbers.

It knows the opcodes (Python's pickletools, protocols 0 to 5) that dicts, lists, tuples, texts, bytes, numbers and
arrays need. Names of functions and classes are looked up in a table of a few inert ones, the vocabulary of the format:
nothing is imported, nothing from the file is called. Every length is compared with the bytes that are left, and the
number of steps is bounded.
"""

from __future__ import annotations

import struct

from gancli.core.backend import np
from gancli.core.errors import DataError
from gancli.data.formats.published.inert_opcodes import ACTIONS
from gancli.data.formats.published.inert_values import ARRAYS, Fault, PickledArray, Vocabulary

__all__ = ["PickledArray", "load", "load_at", "place_of"]

STOP = ord(".")
FAULTS = (Fault, IndexError, KeyError, ValueError, TypeError, AttributeError, OverflowError, struct.error)


def load(content: bytes, *, name: str) -> object:
    """The value in a pickle: dicts with texts as keys, lists, tuples, str, bytes, numbers, None and PickledArray.

    The str of Python 2 is bytes. Raises: DataError for anything else, for damage, and for too many values.
    """
    return load_at(content, 0, ARRAYS, name=name)[0]


def load_at(content: bytes, start: int, vocabulary: Vocabulary, *, name: str) -> tuple[object, int]:
    """The value of the pickle that starts at a byte of the content, and the byte after it. Raises: DataError."""
    machine = Machine(content, start, vocabulary)
    try:
        return machine.run(), machine.at
    except Fault as fault:
        raise DataError(f"{name} is not {vocabulary.what}: {fault}") from fault
    except FAULTS as error:
        raise DataError(f"{name} is damaged: it is no complete pickle") from error


def place_of(array: PickledArray, content: bytes) -> int | None:
    """Where the numbers of an array begin in the pickle that it was read from; None if it holds them as a text."""
    if not isinstance(array.content, memoryview) or array.content.obj is not content:
        return None
    start = np.frombuffer(content, np.uint8).ctypes.data
    return np.frombuffer(array.content, np.uint8).ctypes.data - start


class Machine:
    """One run through a pickle."""

    def __init__(self, content: bytes, start: int, vocabulary: Vocabulary) -> None:
        self.content, self.at, self.vocabulary = content, start, vocabulary
        self.copied = 0  # bytes that were made from texts
        self.stack: list[object] = []
        self.marks: list[int] = []
        self.memo: dict[int, object] = {}

    def run(self) -> object:
        """The value that is left at the end."""
        actions = [None] * 256
        for code, action in ACTIONS.items():
            actions[code] = action
        content = self.content
        for _ in range(self.vocabulary.most_steps):
            code = content[self.at]
            self.at += 1
            if code == STOP:
                (value,) = self.stack
                return value
            action = actions[code]
            if action is None:
                raise Fault(f"it has the opcode {code:#04x}")
            action(self)
        raise Fault(f"it holds more than {self.vocabulary.most_steps:,} values")

    def take(self, size: int) -> bytes | memoryview:
        """The next bytes; large ones are not copied."""
        if not 0 <= size <= len(self.content) - self.at:
            raise Fault("it is cut short")
        start, self.at = self.at, self.at + size
        return self.content[start : self.at] if size < 4096 else memoryview(self.content)[start : self.at]

    def number(self, size: int) -> int:
        """The next whole number without a sign, its lowest byte first."""
        if size == 1:
            self.at += 1
            return self.content[self.at - 1]
        return int.from_bytes(self.take(size), "little")

    def line(self) -> bytes:
        """The text up to the end of the line."""
        end = self.content.index(b"\n", self.at)
        found, self.at = self.content[self.at : end], end + 1
        return found

    def push(self, value: object) -> None:
        """Put a value on the stack."""
        self.stack.append(value)

    def top(self, kind: type) -> object:
        """The value on top, which must be of this type."""
        if type(self.stack[-1]) is not kind:
            raise Fault("its values are in a wrong order")
        return self.stack[-1]

    def pop_mark(self) -> list[object]:
        """The values above the last mark."""
        start = self.marks.pop()
        found = self.stack[start:]
        del self.stack[start:]
        return found

    def set_items(self, target: dict, items: list[object]) -> None:
        """Put keys and values in turns into a dict."""
        for at in range(0, len(items), 2):
            target[self.vocabulary.key(items[at])] = items[at + 1]
