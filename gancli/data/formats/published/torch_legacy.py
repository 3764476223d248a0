"""The form of PyTorch files before version 1.6, which torch.save still writes if it is asked to.

Five pickles follow one another: a magic number, the version of the form, facts about the machine, the value, and the
keys of its storages. Then comes each storage in the order of the keys: 8 bytes, the count of its numbers, and the
numbers; all of it in little-endian order.
"""

from __future__ import annotations

from gancli.core.errors import DataError
from gancli.data.formats.published import inert_pickle
from gancli.data.formats.published.inert_values import ARRAYS, Fault, key_text
from gancli.data.formats.published.torch_values import SAVE_WEIGHTS, Content, Storage, vocabulary

START = b"\x80"  # of a pickle of protocol 2 and later
NUMBER, VERSION = 0x1950A86A20F9469CFC6C, 1001
COUNT = 8  # bytes


def load(content: bytes, *, name: str) -> tuple[object, Content, str]:
    """The value, what finds the bytes of its storages, and their byte order, "<". Raises: DataError."""
    number, at = inert_pickle.load_at(content, 0, ARRAYS, name=name)
    if number != NUMBER:
        raise DataError(f"{name} is a pickle, but not a PyTorch file: expected one that {SAVE_WEIGHTS} wrote")
    version, at = inert_pickle.load_at(content, at, ARRAYS, name=name)
    if version != VERSION:
        raise DataError(f"{name} is not a PyTorch file: its form has another version than {VERSION}")
    _, at = inert_pickle.load_at(content, at, ARRAYS, name=name)
    storages: dict[str, Storage] = {}
    value, at = inert_pickle.load_at(content, at, vocabulary(storages), name=name)
    keys, at = inert_pickle.load_at(content, at, ARRAYS, name=name)
    try:
        found = _slices(content, at, keys, storages)
    except Fault as fault:
        raise DataError(f"{name} is damaged: {fault}") from fault
    return value, lambda storage: found[storage.key], "<"


def _slices(content: bytes, at: int, keys: object, storages: dict[str, Storage]) -> dict[str, memoryview]:
    """The bytes of each storage, by its key, without a copy. Raises: Fault."""
    names = [key_text(key) for key in keys] if type(keys) is list else []
    if len(names) != len(storages) or set(names) != set(storages):
        raise Fault("its list of storages is not the one of its tensors")
    found = {}
    for key in names:
        storage, start = storages[key], at + COUNT
        count, at = int.from_bytes(content[at:start], "little"), start + storage.size
        if start > len(content) or at > len(content):
            raise Fault("it is cut short; download or copy it again")
        if count != storage.count:
            raise Fault(f"a storage of {storage.count:,} numbers has {count:,} of them")
        found[key] = memoryview(content)[start:at]
    return found
