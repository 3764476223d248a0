"""The form of PyTorch files since version 1.6: a zip whose members are stored without compression.

FOLDER/data.pkl is the pickle, FOLDER/data/KEY the numbers of a storage, and FOLDER/byteorder "little" or "big". Members
are slices of the file's bytes: nothing is unpacked, so that a small file cannot become large.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping, Sequence, Set

from gancli.core.errors import DataError, value_text
from gancli.data.formats.published import inert_pickle
from gancli.data.formats.published.inert_values import Fault
from gancli.data.formats.published.torch_values import SAVE_WEIGHTS, Content, Storage, vocabulary

MAGIC = b"PK\3\4"
MOST_MEMBERS = 20_000
LOCAL = struct.Struct("<4s22xHH")  # of the header before a member: signature, lengths of its name and of what follows
FAULTS = (zipfile.BadZipFile, OSError, ValueError, RuntimeError, struct.error, EOFError, IndexError, OverflowError)


def load(content: bytes, *, name: str) -> tuple[object, Content, str]:
    """The value of the pickle, what finds the bytes of its storages, and their byte order, "<" or ">".

    Raises: DataError.
    """
    try:
        infos = _table(content)
        folder = _folder({info.filename for info in infos})
        members = _members(content, infos)
        order = bytes(members.get(f"{folder}/byteorder", b"little")).strip()
        if order not in (b"little", b"big"):
            raise Fault(f"its byte order is {value_text(ascii(order))}")
    except FAULTS as error:
        raise DataError(f"{name} is damaged: it is no complete zip file") from error
    except Fault as fault:
        raise DataError(f"{name} cannot be read as a PyTorch file: {fault}") from fault
    value, _ = inert_pickle.load_at(bytes(members[f"{folder}/data.pkl"]), 0, vocabulary({}), name=name)

    def find(storage: Storage) -> memoryview:
        found = members.get(f"{folder}/data/{storage.key}")
        if found is None or len(found) < storage.size:
            held = "none" if found is None else f"{len(found):,}"
            raise Fault(f"a storage of {storage.size:,} bytes has {held} of them")
        return found[: storage.size]

    return value, find, ">" if order == b"big" else "<"


def _table(content: bytes) -> list[zipfile.ZipInfo]:
    """The members' names and places, as the file claims them. Raises: Fault and FAULTS."""
    if content.count(b"PK\1\2") > MOST_MEMBERS:  # before a table of them is made
        raise Fault(f"it has more than {MOST_MEMBERS:,} members")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return archive.infolist()


def _members(content: bytes, infos: Sequence[zipfile.ZipInfo]) -> Mapping[str, memoryview]:
    """The bytes of each member, without a copy. Raises: Fault and FAULTS."""
    if sum(info.file_size for info in infos) > len(content):
        raise Fault("its members claim more bytes than it has")
    has_checksums = any(info.CRC for info in infos)  # torch.serialization.set_crc32_options(False) writes zeros
    found: dict[str, memoryview] = {}
    for info in infos:
        member = f"its member '{value_text(info.filename)}'"
        if info.compress_type != zipfile.ZIP_STORED or info.flag_bits & 1:
            raise Fault(f"{member} is compressed or encrypted: load and save it again with PyTorch")
        if info.filename in found:
            raise Fault(f"it has two members '{value_text(info.filename)}'")
        found[info.filename] = _slice(content, info)
        if has_checksums and zlib.crc32(found[info.filename]) != info.CRC:
            raise Fault(f"{member} is damaged (checksum): download or copy it again")
    return found


def _slice(content: bytes, info: zipfile.ZipInfo) -> memoryview:
    if info.header_offset < 0:
        raise Fault("its table of members is wrong")
    signature, named, more = LOCAL.unpack_from(content, info.header_offset)
    start = info.header_offset + LOCAL.size + named + more
    if signature != MAGIC or start + info.file_size > len(content):
        raise Fault(f"its member '{value_text(info.filename)}' is not where its table says")
    return memoryview(content)[start : start + info.file_size]


def _folder(names: Set[str]) -> str:
    """The folder that holds all members. Raises: Fault for a TorchScript program, or any other zip file."""
    folders = {name.partition("/")[0] for name in names}
    folder = next(iter(folders), "")
    if len(folders) == 1 and not {f"{folder}/constants.pkl", f"{folder}/model.json"}.isdisjoint(names):
        raise Fault(f"it is a TorchScript program, which is not run; expected weights, as {SAVE_WEIGHTS} writes them")
    if len(folders) != 1 or f"{folder}/data.pkl" not in names:
        raise Fault(f"it is another zip file, without data.pkl; expected weights, as {SAVE_WEIGHTS} writes them")
    return folder
