"""The opcodes of a pickle that are known, each as an action on the machine that reads it; see inert_pickle."""

from __future__ import annotations

import codecs
import struct
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

from gancli.core.errors import value_text
from gancli.data.formats.published.inert_values import Fault, encode

if TYPE_CHECKING:
    from gancli.data.formats.published.inert_pickle import Machine

MOST_DIGITS = 300  # bytes of a whole number
Action: TypeAlias = "Callable[[Machine], object]"


def _text(size: int) -> Action:
    return lambda machine: machine.push(str(machine.take(machine.number(size)), "utf-8", "surrogatepass"))


def _bytes(size: int) -> Action:
    return lambda machine: machine.push(machine.take(machine.number(size)))


def _unsigned(size: int) -> Action:
    return lambda machine: machine.push(machine.number(size))


def _constant(value: object) -> Action:
    return lambda machine: machine.push(value)


def _whole(machine: Machine) -> None:
    """INT and LONG: digits, perhaps with an L at their end; 00 and 01 are False and True."""
    text = machine.line()
    if len(text) > MOST_DIGITS:
        raise Fault("it holds a number of too many digits")
    machine.push(text == b"01" if text in (b"00", b"01") else int(text.removesuffix(b"L")))


def _long(size: int) -> Action:
    def action(machine: Machine) -> None:
        length = machine.number(size)
        if length > MOST_DIGITS:
            raise Fault("it holds a number of too many digits")
        machine.push(int.from_bytes(machine.take(length), "little", signed=True))

    return action


def _quoted(machine: Machine) -> None:
    """STRING: the str of Python 2 in quotes."""
    text = machine.line().strip()
    if len(text) < 2 or text[:1] != text[-1:] or text[:1] not in (b"'", b'"'):
        raise Fault("it has a text without quotes")
    machine.push(codecs.escape_decode(text[1:-1])[0])


def _put(read: Callable[[Machine], int]) -> Action:
    def action(machine: Machine) -> None:
        machine.memo[read(machine)] = machine.stack[-1]

    return action


def _get(read: Callable[[Machine], int]) -> Action:
    return lambda machine: machine.push(machine.memo[read(machine)])


def _line_number(machine: Machine) -> int:
    return int(machine.line()[:20])


def _tuple(count: int) -> Action:
    def action(machine: Machine) -> None:
        if len(machine.stack) < count:
            raise Fault("its values are in a wrong order")
        machine.stack[-count:] = [tuple(machine.stack[-count:])]

    return action


def _dict(machine: Machine) -> None:
    items, found = machine.pop_mark(), {}
    machine.set_items(found, items)
    machine.push(found)


def _append(machine: Machine) -> None:
    value = machine.stack.pop()
    machine.top(list).append(value)


def _extend(machine: Machine) -> None:
    values = machine.pop_mark()
    machine.top(list).extend(values)


def _set_item(machine: Machine) -> None:
    *_, key, value = machine.stack[-2:]
    del machine.stack[-2:]
    machine.set_items(machine.top(dict), [key, value])


def _set_many(machine: Machine) -> None:
    items = machine.pop_mark()
    machine.set_items(machine.top(dict), items)


def _find(machine: Machine, module: object, name: object) -> None:
    names = machine.vocabulary.names
    found = names.get((module, name)) if isinstance(module, str) and isinstance(name, str) else None
    if found is None:
        asked = f"{module}.{name}" if isinstance(module, str) and isinstance(name, str) else "a name that is no text"
        raise Fault(f"it asks for {value_text(ascii(asked))}, {machine.vocabulary.advice(asked)}")
    machine.push(found)


def _global(machine: Machine) -> None:
    module, name = machine.line(), machine.line()
    _find(machine, module.decode("ascii", "replace"), name.decode("ascii", "replace"))


def _stack_global(machine: Machine) -> None:
    *_, module, name = machine.stack[-2:]
    del machine.stack[-2:]
    _find(machine, module, name)


def _reduce(machine: Machine) -> None:
    arguments = machine.stack.pop()
    maker = machine.stack.pop()
    if not machine.vocabulary.may_call(maker) or type(arguments) is not tuple:
        raise Fault("it calls what is no function")
    if maker is encode and arguments and type(arguments[0]) is str:
        machine.copied += len(arguments[0])
        if machine.copied > len(machine.content):  # each text of the file makes bytes once
            raise Fault("it makes more bytes than it holds")
    machine.push(maker(*arguments))


def _build(machine: Machine) -> None:
    state = machine.stack.pop()
    machine.vocabulary.build(machine.stack[-1], state)


def _persistent(machine: Machine) -> None:
    if machine.vocabulary.persistent is None:
        raise Fault("it has values outside of it")
    machine.push(machine.vocabulary.persistent(machine.stack.pop()))


ACTIONS: dict[int, Action] = {
    0x80: lambda machine: machine.take(1),  # PROTO
    0x95: lambda machine: machine.take(8),  # FRAME
    0x88: _constant(True),
    0x89: _constant(False),
    0x85: _tuple(1),
    0x86: _tuple(2),
    0x87: _tuple(3),
    0x8A: _long(1),
    0x8B: _long(4),
    0x8C: _text(1),
    0x8D: _text(8),
    0x8E: _bytes(8),
    0x96: _bytes(8),
    0x93: _stack_global,
    0x94: lambda machine: machine.memo.__setitem__(len(machine.memo), machine.stack[-1]),
    ord("("): lambda machine: machine.marks.append(len(machine.stack)),
    ord("0"): lambda machine: machine.stack.pop(),
    ord("1"): lambda machine: machine.pop_mark(),
    ord("2"): lambda machine: machine.push(machine.stack[-1]),
    ord("N"): _constant(None),
    ord("I"): _whole,
    ord("L"): _whole,
    ord("K"): _unsigned(1),
    ord("M"): _unsigned(2),
    ord("J"): lambda machine: machine.push(int.from_bytes(machine.take(4), "little", signed=True)),
    ord("F"): lambda machine: machine.push(float(machine.line())),
    ord("G"): lambda machine: machine.push(struct.unpack(">d", machine.take(8))[0]),
    ord("S"): _quoted,
    ord("T"): _bytes(4),
    ord("U"): _bytes(1),
    ord("B"): _bytes(4),
    ord("C"): _bytes(1),
    ord("V"): lambda machine: machine.push(machine.line().decode("raw_unicode_escape")),
    ord("X"): _text(4),
    ord("]"): lambda machine: machine.push([]),
    ord("l"): lambda machine: machine.push(machine.pop_mark()),
    ord("a"): _append,
    ord("e"): _extend,
    ord(")"): _constant(()),
    ord("t"): lambda machine: machine.push(tuple(machine.pop_mark())),
    ord("}"): lambda machine: machine.push({}),
    ord("d"): _dict,
    ord("s"): _set_item,
    ord("u"): _set_many,
    ord("p"): _put(_line_number),
    ord("q"): _put(lambda machine: machine.number(1)),
    ord("r"): _put(lambda machine: machine.number(4)),
    ord("g"): _get(_line_number),
    ord("h"): _get(lambda machine: machine.number(1)),
    ord("j"): _get(lambda machine: machine.number(4)),
    ord("c"): _global,
    ord("R"): _reduce,
    ord("b"): _build,
    ord("Q"): _persistent,
}
