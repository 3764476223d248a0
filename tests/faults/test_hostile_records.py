"""Records from strangers: cut short, flipped, with wrong counts and false sizes; each is refused in one sentence.

Nothing in them is executed: pickles stay bytes.
"""

import io
import random
import struct
import tarfile

import pytest

from gancli import data
from gancli.core.errors import DataError
from gancli.data.containers import source_files
from gancli.data.formats.unpacking import Bytes
from gancli.data.records import arrow_tables, examples, lmdb_file, tfrecord
from tests.helpers.specimens import encoded, hugging_face, lsun, pixels, put, tfrecords

PNG = encoded(pixels(1, 8, 8, 3)[0])


def parquet(folder):
    return hugging_face.parquet(folder / "a.parquet", hugging_face.labeled(4))


def arrow(folder):
    return hugging_face.arrow(folder / "a.arrow", hugging_face.labeled(4))


def tfrecord_file(folder):
    content = [tfrecords.example(image=PNG, label=row) for row in range(4)]
    return tfrecords.records(folder / "a.tfrecord", *content)


def lmdb_of(folder):
    return lsun.write(folder / "a", 60, "PNG") / "data.mdb"


FORMATS = {"parquet": parquet, "arrow": arrow, "tfrecord": tfrecord_file, "lmdb": lmdb_of}


def read_all(path):
    found = data.inspect(str(path))
    return [file.read() for file in found.pictures.pictures], found


@pytest.fixture(params=FORMATS)
def file(request, tmp_path):
    pytest.importorskip({"parquet": "pyarrow", "arrow": "pyarrow", "lmdb": "lmdb"}.get(request.param, "numpy"))
    return FORMATS[request.param](tmp_path)


def test_a_file_cut_anywhere_is_refused_or_remarked(file):
    whole, (every, _) = file.read_bytes(), read_all(file)
    for cut in sorted({*range(0, len(whole), len(whole) // 40), len(whole) - 1, 12, 4}):
        file.write_bytes(whole[:cut])
        try:
            found, source = read_all(file)
        except DataError as error:
            assert file.name in str(error) and "\n" not in str(error)
        else:  # an LMDB file may have unused pages at its end
            assert found == every or any("cut short" in remark.text for remark in source.remarks)


def test_flipped_bytes_are_damage_or_other_pictures(file):
    whole, chance = file.read_bytes(), random.Random(0)
    for _ in range(150):
        content = bytearray(whole)
        for _ in range(chance.choice([1, 1, 4])):
            content[chance.randrange(len(whole))] = chance.choice([0, 127, 128, 255])
        file.write_bytes(content)
        try:
            found, _ = read_all(file)
        except DataError as error:
            assert "\n" not in str(error) and len(str(error)) < 500
        else:
            assert sum(map(len, found)) <= 4 * len(whole)


@pytest.mark.parametrize("content", [b"", b"text\n" * 40, bytes(5000), b"\xff" * 200])
@pytest.mark.parametrize("name", ["a.parquet", "a.arrow", "a.tfrecord", "data.mdb"])
def test_what_is_something_else_is_refused(tmp_path, name, content):
    put(tmp_path / name, content)
    with pytest.raises(DataError, match=name.replace(".", r"\.") + "|holds no records"):
        read_all(tmp_path / name)


def test_every_flipped_byte_of_a_tfrecord_is_found(tmp_path):
    whole = tfrecords.records(tmp_path / "a.tfrecord", b"abcdefgh" * 9, b"x" * 10).read_bytes()
    for at in range(len(whole)):
        content = whole[:at] + bytes([whole[at] ^ 1 << at % 8]) + whole[at + 1 :]
        with pytest.raises(DataError, match=r"checksum|not a readable|cut short"):
            list(tfrecord.read(Bytes(content), "a"))


def test_a_length_beyond_the_file_takes_no_memory():
    length = struct.pack("<Q", 2**62)
    header = length + struct.pack("<I", tfrecord.masked(tfrecord.checksum(length)))
    with pytest.raises(DataError, match="cut short in record 0"):
        list(tfrecord.read(Bytes(header + bytes(100)), "a"))


def test_any_bytes_are_an_example_or_none():
    whole, chance = tfrecords.example(image=PNG, label=[1, -1], text=["a", "b"]), random.Random(1)
    for _ in range(400):
        content = bytearray(whole)
        for _ in range(3):
            content[chance.randrange(len(whole))] = chance.randrange(256)
        try:
            for feature in examples.parse(bytes(content)).values():
                assert all(0 <= start <= end <= len(content) for start, end in feature.spans())
                assert len(feature.numbers()) <= len(content)
        except ValueError:
            pass


def test_a_tree_of_pages_in_a_circle_ends(tmp_path):
    pytest.importorskip("lmdb")
    content = bytearray((lsun.write(tmp_path, 300, "JPEG") / "data.mdb").read_bytes())
    for start in range(8192, len(content), 4096):
        if content[start + 10] & 1:  # a page of branches: all lead back to itself
            number = struct.unpack_from("<Q", content, start)[0]
            (at,) = struct.unpack_from("<H", content, start + 16)
            struct.pack_into("<3H", content, start + at, number & 0xFFFF, number >> 16, 0)
    with pytest.raises(DataError, match="damaged at page"):
        list(lmdb_file.entries(Bytes(bytes(content)), "a"))


def test_claims_of_more_than_the_memory_are_refused(tmp_path, monkeypatch):
    pytest.importorskip("pyarrow")
    path = parquet(tmp_path)
    monkeypatch.setattr(arrow_tables, "total_memory", lambda: 100)
    with pytest.raises(DataError, match="more than fits in memory"):
        read_all(path)


@pytest.mark.parametrize("ending", ["parquet", "arrow"])
def test_rows_without_bytes_take_no_memory(tmp_path, monkeypatch, ending):
    pa = pytest.importorskip("pyarrow")
    monkeypatch.setattr(source_files, "total_memory", lambda: 4_000_000)
    table = pa.table({"image": pa.array([PNG] * 2000), "nothing": pa.nulls(2000)})
    write = hugging_face.parquet if ending == "parquet" else hugging_face.arrow
    with pytest.raises(DataError, match=r"more than the 1,000 that fit in memory|rows in"):
        read_all(write(tmp_path / f"a.{ending}", table, 2000))


def test_extension_types_and_pickles_in_a_schema_are_ignored(tmp_path):
    pa = pytest.importorskip("pyarrow")
    marker = tmp_path / "marker"
    pickled = b"cbuiltins\nopen\n(S'" + str(marker).encode() + b"'\nS'w'\ntR."
    metadata = {b"ARROW:extension:name": b"arrow.py_extension_type", b"ARROW:extension:metadata": pickled}
    schema = pa.schema([pa.field("image", pa.binary(), metadata=metadata)])
    table = pa.table([[PNG]], schema)
    for write, name in ((hugging_face.parquet, "a.parquet"), (hugging_face.arrow, "a.arrow")):
        assert read_all(write(tmp_path / name, table))[0] == [PNG]
    assert not marker.exists()


@pytest.mark.parametrize("description", [b"[", b"[" * 100_000, b"{}", b'{"info": {"features": 3}}', b"\xff"])
def test_descriptions_that_are_none_are_ignored(tmp_path, description):
    pa = pytest.importorskip("pyarrow")
    table = pa.table({"image": [PNG], "label": [0]}).replace_schema_metadata({b"huggingface": description})
    assert read_all(hugging_face.parquet(tmp_path / "a.parquet", table))[1].columns == ("image", "label")
    folder = tfrecords.mnist(tmp_path) / "3.0.1"
    for name in ("features.json", "dataset_info.json"):
        put(folder / name, description)
    assert len(read_all(folder)[0]) == 5


@pytest.mark.parametrize(
    ("ending", "content", "reason"),
    [
        ("json", b"{", "is no JSON"),
        ("json", b"[" * 100_000, "is no JSON"),
        ("cls", b"x" * 1_000_001, "no label or caption"),
        ("cls", b"-7", ""),
        ("json", b"[1]", ""),
    ],
)
def test_samples_with_labels_that_are_none(tmp_path, ending, content, reason):
    with tarfile.open(tmp_path / "a.tar", "w") as archive:
        for row in range(2):
            for name, part in (("png", PNG), (ending, content), ("cls2", b"1")):
                info = tarfile.TarInfo(f"{row:05}.{name}")
                info.size = len(part)
                archive.addfile(info, io.BytesIO(part))
    if reason:
        with pytest.raises(DataError, match=reason):
            read_all(tmp_path / "a.tar")
    else:
        assert len(read_all(tmp_path / "a.tar")[0]) == 2
