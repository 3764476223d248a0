"""The protocol buffer tf.train.Example, read without TensorFlow: features by name, decoded only on demand."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import NamedTuple

BYTES, FLOATS, NUMBERS = 1, 2, 3  # fields of a Feature
_VARINT, _EIGHT, _SIZED, _FOUR = 0, 1, 2, 5  # wire types


class Feature(NamedTuple):
    """One feature: its kind and where its list is in the record; kind 0 if it holds nothing."""

    content: bytes
    kind: int
    start: int
    end: int

    def spans(self) -> list[tuple[int, int]]:
        """Where each value of a list of bytes is in the record. Raises: ValueError."""
        if self.kind != BYTES:
            return []
        return [(start, end) for number, start, end in _fields(self.content, self.start, self.end) if number == 1]

    def texts(self) -> list[bytes]:
        """The values of a list of bytes. Raises: ValueError."""
        return [self.content[start:end] for start, end in self.spans()]

    def numbers(self) -> list[int]:
        """The values of a list of whole numbers. Raises: ValueError."""
        if self.kind != NUMBERS:
            return []
        found, at = [], self.start
        while at < self.end:
            tag, at = _varint(self.content, at, self.end)
            if tag == 1 << 3 | _SIZED:
                size, at = _varint(self.content, at, self.end)
                end = at + size
                if end > self.end:
                    raise ValueError("a list of numbers ends behind its record")
                while at < end:
                    value, at = _varint(self.content, at, end)
                    found.append(_signed(value))
            elif tag == 1 << 3 | _VARINT:
                value, at = _varint(self.content, at, self.end)
                found.append(_signed(value))
            else:
                raise ValueError("a list of numbers holds something else")
        return found


def parse(content: bytes) -> dict[str, Feature]:
    """The features of an Example by name. Raises: ValueError for what is none."""
    found = {}
    for number, start, end in _fields(content, 0, len(content)):
        if number != 1:
            continue
        for inner, first, last in _fields(content, start, end):
            if inner == 1:
                name, feature = _entry(content, first, last)
                found[name] = feature
    return found


def _entry(content: bytes, start: int, end: int) -> tuple[str, Feature]:
    name, feature = "", Feature(content, 0, start, start)
    for number, first, last in _fields(content, start, end):
        if number == 1:
            name = content[first:last].decode("utf-8", "replace")
        elif number == 2:
            for kind, inner, outer in _fields(content, first, last):
                feature = Feature(content, kind, inner, outer)
    return name, feature


def _fields(content: bytes, at: int, end: int) -> Iterator[tuple[int, int, int]]:
    """The fields with a length in a message: number, start and end; others are skipped. Raises: ValueError."""
    while at < end:
        tag, at = _varint(content, at, end)
        kind, number = tag & 7, tag >> 3
        if kind == _SIZED:
            size, at = _varint(content, at, end)
            if at + size > end:
                raise ValueError("a field ends behind its record")
            yield number, at, at + size
            at += size
        elif kind == _VARINT:
            _, at = _varint(content, at, end)
        elif kind in (_EIGHT, _FOUR):
            at += 8 if kind == _EIGHT else 4
        else:
            raise ValueError("a field of an unknown type")
    if at > end or not end <= len(content):
        raise ValueError("a field ends behind its record")


def _varint(content: bytes, at: int, end: int) -> tuple[int, int]:
    value = content[at] if at < end else -1
    if 0 <= value < 128:
        return value, at + 1
    value, shift = 0, 0
    while at < end and shift < 70:
        byte = content[at]
        value |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return value, at
    raise ValueError("a number ends behind its record")


def _signed(value: int) -> int:
    return struct.unpack("<q", struct.pack("<Q", value & 0xFFFFFFFFFFFFFFFF))[0]
