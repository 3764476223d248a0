"""Published arrays from strangers: refused in a sentence that names the file; nothing in a pickle is run."""

import dataclasses
import gzip
import io
import pickle
import pickletools
import struct
import zipfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gancli import data
from gancli.core.errors import DataError
from gancli.data.formats.published import inert_pickle
from tests.helpers.specimens import cifar, idx, mnist_pickle, put, stl10

KINDS = {  # how a data set is written, and the files that are damaged
    "idx": (lambda at: idx.write(at, idx.four(), packed=False), ("train-images-idx3-ubyte", "train-labels-idx1-ubyte")),
    "idx.gz": (lambda at: idx.write(at, idx.four()), ("train-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz")),
    "CIFAR python": (cifar.in_folder("c", cifar.ten), ("data_batch_1", "test_batch", "batches.meta")),
    "CIFAR-100": (cifar.in_folder("c", cifar.hundred), ("train", "meta")),
    "CIFAR binary": (cifar.in_folder("c", cifar.ten_binary), ("data_batch_1.bin", "test_batch.bin")),
    "STL-10": (stl10.folder, ("train_X.bin", "train_y.bin")),
    "mnist.pkl.gz": (lambda at: mnist_pickle.three(at).parent, ("mnist.pkl.gz",)),
}
FILES = [(kind, name) for kind, (_, names) in KINDS.items() for name in names]


@pytest.mark.parametrize(("kind", "name"), FILES)
@pytest.mark.parametrize("left", [0, 1, 3, 7, 0.37, -1], ids=str)
def test_a_file_cut_anywhere_is_refused_by_its_name(tmp_path, kind, name, left):
    path = KINDS[kind][0](tmp_path)
    content = (path / name).read_bytes()
    (path / name).write_bytes(content[: int(left * len(content)) if isinstance(left, float) else left])
    with pytest.raises(DataError, match=name.replace(".", r"\.")):
        data.load(str(path))


@pytest.fixture(scope="module")
def specimens(tmp_path_factory):
    """The path of each kind, and the content of the files that are damaged."""
    found = {}
    for kind, (write, names) in KINDS.items():
        path = write(tmp_path_factory.mktemp("arrays"))
        found[kind] = path, {name: (path / name).read_bytes() for name in names}
    return found


@pytest.mark.parametrize(("kind", "name"), [one for one in FILES if one[0] != "STL-10"])
@settings(max_examples=25)
@given(places=st.lists(st.tuples(st.floats(0, 0.999), st.integers(1, 255)), min_size=1, max_size=4), head=st.booleans())
def test_flipped_bytes_are_read_or_refused(specimens, kind, name, places, head):
    path, contents = specimens[kind]
    content = bytearray(contents[name])
    for place, change in places:
        content[int(place * (min(60, len(content)) if head else len(content)))] ^= change
    (path / name).write_bytes(content)
    try:
        data.load(str(path))
    except DataError as error:
        assert "\n" not in str(error)
    finally:
        (path / name).write_bytes(contents[name])


def header(*sizes, kind=8):
    return bytes([0, 0, kind, len(sizes)]) + struct.pack(f">{len(sizes)}I", *sizes)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (header(2**32 - 1, 2**32 - 1, 2**32 - 1) + bytes(100), "more than half of the memory"),
        (header(1000, 28, 28) + bytes(100), "cut short"),
        (header(2, 28, 28) + bytes(28 * 28 * 2 + 5), "by its header"),
        (header(1, 28, 28, kind=7) + bytes(784), "is not an idx file"),
        (header(*[1] * 9) + bytes(1), "is not an idx file"),
        (header(0, 28, 28), "not empty"),
        (b"\x1f\x8b" + bytes(50), "is not an idx file"),
        (header(30) + bytes(30), "shape"),
    ],
)
def test_wrong_idx_headers_are_refused(tmp_path, content, reason):
    for name in ("train-images-idx3-ubyte", "train-images-idx3-ubyte.gz"):
        path = put(tmp_path / name, gzip.compress(content) if name.endswith("gz") else content)
        wanted = reason if name[-2:] != "gz" else reason.replace("by its header", "more than its header says")
        with pytest.raises(DataError, match=wanted):
            data.load(str(path))
        path.unlink()


def test_gzip_and_zip_bombs_are_refused_before_they_are_unpacked(tmp_path):
    bomb = gzip.compress(header(10_000, 100, 100) + bytes(1000))
    (tmp_path / "b").mkdir()
    path = put(tmp_path / "b" / "train-images-idx3-ubyte.gz", bomb)
    with pytest.raises(DataError, match=r"train-images-idx3-ubyte\.gz claims 100,000,016 bytes and is cut short"):
        data.load(str(path))
    trailing = gzip.compress(header(2, 5, 5) + bytes(50) + bytes(50_000_000), 1)
    path.write_bytes(trailing)
    with pytest.raises(DataError, match="more than its header says"):
        data.load(str(path))
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("train-images-idx3-ubyte", header(2**20, 2**20, 2**10) + bytes(1000))
    with pytest.raises(DataError, match="more than half of the memory"):
        data.load(str(tmp_path / "a.zip"))


def test_a_pickle_that_unpacks_to_far_more_than_it_stores_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("gancli.data.layouts.arrays.mnist_pickle.MOST", 1_000_000)
    path = put(tmp_path / "mnist.pkl.gz", gzip.compress(bytes(30_000_000), 1))
    with pytest.raises(DataError, match=r"mnist\.pkl\.gz unpacks to more than 1 MB, a decompression bomb"):
        data.load(str(path))


def test_numbers_of_labels_and_images_that_differ_are_refused(tmp_path):
    files = idx.four()
    files["t10k-labels-idx1-ubyte"] = idx.idx(np.arange(9, dtype=np.uint8))
    with pytest.raises(DataError, match=r"t10k-labels-idx1-ubyte\.gz has 9 labels for the 10 images of t10k-images"):
        data.inspect(str(idx.write(tmp_path / "i", files)))
    files = idx.four()
    del files["train-images-idx3-ubyte"]
    with pytest.raises(DataError, match=r"train-labels-idx1-ubyte\.gz has no images"):
        data.inspect(str(idx.write(tmp_path / "j", files)))
    put(tmp_path / "c" / "data_batch_1", cifar.python2({"labels": [1, 2], "data": cifar.planes(3)}))
    with pytest.raises(DataError, match="data_batch_1 has 2 labels for 3 images"):
        data.inspect(str(tmp_path / "c"))
    path = stl10.folder(tmp_path)
    (path / "test_y.bin").write_bytes(bytes(9))
    with pytest.raises(DataError, match=r"test_y\.bin has 9 labels for the 10 images"):
        data.inspect(str(path))
    (path / "test_y.bin").write_bytes(bytes(10))
    with pytest.raises(DataError, match=r"test_y\.bin has labels from 0 to 0; expected 1 to 10"):
        data.load(str(path))


@pytest.mark.parametrize(
    "mapping", ["", "1", "1 65 97\n3 66 98\n", "5 65\n", "a b\n", "1 99999999\n", "1 -5\n", "\xff\n"]
)
def test_a_damaged_mapping_of_emnist_is_refused(tmp_path, mapping):
    path = idx.write(tmp_path / "e", idx.four("emnist-letters-train", "emnist-letters-test", first=1))
    put(path / "emnist-letters-mapping.txt", mapping)
    with pytest.raises(DataError, match=r"emnist-letters-mapping\.txt: expected lines of a label and a code point"):
        data.load(str(path))


def test_other_numbers_of_names_than_classes_are_refused(tmp_path):
    path = stl10.folder(tmp_path)
    put(path / "class_names.txt", "a\nb\n")
    with pytest.raises(DataError, match=r"class_names\.txt holds 2 names of classes; expected 10"):
        data.inspect(str(path))
    path = cifar.in_folder("c", cifar.ten)(tmp_path)
    for names, reason in (([], "holds no list of texts"), ([5], "holds no list of texts"), (["a"], "for 1 classes")):
        put(path / "batches.meta", pickle.dumps({"label_names": names}))
        with pytest.raises(DataError, match=reason):
            data.load(str(path))


class Trap:
    """Unpickling it would leave a file behind."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return (open, (str(self.path), "w"))


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_pickle_that_calls_a_function_is_refused_by_its_name_and_not_run(tmp_path, protocol):
    for name, content in (("a", Trap(tmp_path / "marker")), ("b", {"labels": [], "data": Trap(tmp_path / "marker")})):
        path = put(tmp_path / name / "data_batch_1", pickle.dumps(content, protocol))
        with pytest.raises(
            DataError, match=r"data_batch_1 is not a pickle .* asks for '\w*io\.open', which is not built"
        ):
            data.load(str(path.parent))
    assert not (tmp_path / "marker").exists()


def ops(*names, start=b"\x80\x04"):
    """A pickle of these opcodes by name, with arguments of bytes between them."""
    codes = {one.name: one.code.encode("latin-1") for one in pickletools.opcodes}
    return start + b"".join(codes[name] if isinstance(name, str) else name for name in names) + b"."


def array(shape, kind=b"u1", content=b"", *, more=b""):
    """An array whose parts do not fit each other."""
    dtype = b"cnumpy\ndtype\n(C" + bytes([len(kind)]) + kind + b"K\x00K\x01tR" + more
    sizes = b"(" + b"".join(b"\x8a\x08" + struct.pack("<q", side) for side in shape) + b"t"
    raw = b"B" + struct.pack("<I", len(content)) + content
    start = b"cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85C\x01b\x87R"
    return b"\x80\x03" + start + b"(K\x01" + sizes + dtype + b"\x89" + raw + b"tb."


SYSTEM = b"posix\nsystem\n"
PICKLES = {
    "nothing": b"",
    "text": b"hello",
    "a global": ops("GLOBAL", SYSTEM),
    "a stack global": ops("SHORT_BINUNICODE", b"\x05posix", "SHORT_BINUNICODE", b"\x06system", "STACK_GLOBAL"),
    "a global of odd parts": ops("EMPTY_LIST", "EMPTY_LIST", "STACK_GLOBAL"),
    "a global by numpy": ops("GLOBAL", b"numpy\nload\n"),
    "a dotted global": ops("GLOBAL", b"numpy\ndtype.__class__\n"),
    "an instance": ops("MARK", "INST", SYSTEM),
    "an object": ops("MARK", "GLOBAL", SYSTEM, "OBJ"),
    "a new object": ops("GLOBAL", b"numpy\ndtype\n", "EMPTY_TUPLE", "NEWOBJ"),
    "an extension": ops("EXT1", b"\x01"),
    "a persistent id": ops("PERSID", b"1\n"),
    "a binary persistent id": ops("NONE", "BINPERSID"),
    "a buffer from outside": ops("NEXT_BUFFER", start=b"\x80\x05"),
    "a call of no function": ops("NONE", "EMPTY_TUPLE", "REDUCE"),
    "a call of a list": ops("EMPTY_LIST", "EMPTY_TUPLE", "REDUCE"),
    "a call without a tuple": ops("GLOBAL", b"numpy\ndtype\n", "NONE", "REDUCE"),
    "a state for a dict": ops("EMPTY_DICT", "EMPTY_DICT", "BUILD"),
    "a state for a type": ops("GLOBAL", b"numpy\ndtype\n", "EMPTY_DICT", "BUILD"),
    "an array by its class": ops("GLOBAL", b"numpy\nndarray\n", "EMPTY_TUPLE", "REDUCE"),
    "an odd encoding": ops(
        "GLOBAL", b"_codecs\nencode\n", "SHORT_BINUNICODE", b"\x01a", "UNICODE", b"zip\n", "TUPLE2", "REDUCE"
    ),
    "bytes that are made again and again": ops(
        *("GLOBAL", b"_codecs\nencode\n", "BINUNICODE", struct.pack("<I", 9000) + b"a" * 9000),
        *("UNICODE", b"latin1\n", "TUPLE2", "BINPUT", b"\x00", "REDUCE"),
        *("GLOBAL", b"_codecs\nencode\n", "BINGET", b"\x00", "REDUCE") * 5,
    ),
    "a text of 2**63 bytes": ops("BINUNICODE8", struct.pack("<Q", 2**63)),
    "bytes of 4 GB": ops("BINBYTES", b"\xff\xff\xff\xff"),
    "bytes in an array of 2**62": ops("BYTEARRAY8", struct.pack("<Q", 2**62)),
    "a number of 2 GB": ops("LONG4", b"\xff\xff\xff\x7f"),
    "a negative length": ops("BINSTRING", b"\xff\xff\xff\xff"),
    "a million digits": ops("LONG", b"9" * 1_000_000 + b"L\n"),
    "a memo that is absent": ops("LONG_BINGET", b"\xff\xff\xff\xff"),
    "a stack without a mark": ops("TUPLE"),
    "a stack without values": ops("POP"),
    "two values at the end": ops("NONE", "NONE"),
    "a key that is a tuple": ops("EMPTY_DICT", "EMPTY_TUPLE", "NONE", "SETITEM"),
    "half an item": ops("EMPTY_DICT", "MARK", "NONE", "SETITEMS"),
    "an item for a list": ops("EMPTY_LIST", "NONE", "NONE", "SETITEM"),
    "an element for a dict": ops("EMPTY_DICT", "NONE", "APPEND"),
    "a text without quotes": ops("STRING", b"abc\n"),
    "a wrong escape": ops("STRING", b"'\\x'\n"),
    "a float that is none": ops("FLOAT", b"abc\n"),
    "an array of too few bytes": array([10**9], content=bytes(10)),
    "an array of negative sides": array([-1, -10], content=bytes(10)),
    "an array of sides that overflow": array([2**62, 4], content=b""),
    "an array of objects": array([1], b"O8", bytes(8)),
    "an array of records": array([1], b"V8", bytes(8)),
    "an array of a type by text": array([8], b"u1,u1", bytes(8)),
    "an array of nothing": array([], content=b"a"),
    "a number of no bytes": ops("GLOBAL", b"numpy.core.multiarray\nscalar\n", "NONE", "NONE", "TUPLE2", "REDUCE"),
    "a dict of rows": ops("GLOBAL", b"collections\nOrderedDict\n", "EMPTY_LIST", "TUPLE1", "REDUCE"),
}


@pytest.mark.parametrize("name", PICKLES)
def test_hostile_pickles_are_refused_in_one_sentence(name):
    with pytest.raises(DataError, match=r"^some file is ") as caught:
        inert_pickle.load(PICKLES[name], name="some file")
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize(
    "content",
    [
        ops("NONE", *["LONG_BINPUT", b"\xff\xff\xff\xff"] * 3),
        ops(*["EMPTY_LIST"] * 100_000, *["APPEND"] * 99_999),
        ops("EMPTY_TUPLE", *["DUP", "TUPLE2"] * 200),
        ops("EMPTY_LIST", "BINPUT", b"\x00", "BINGET", b"\x00", "APPEND"),
    ],
    ids=["a memo of 2**32", "deeply nested", "2**200 values", "a list in itself"],
)
def test_values_that_only_look_large_are_no_data(tmp_path, content):
    """Each takes little memory as it is; Python's own unpickler takes gigabytes for the first."""
    for name in ("data_batch_1", "mnist.pkl"):
        with pytest.raises(DataError, match=f"{name} holds"):
            data.load(str(put(tmp_path / name, content)))
    batch = b"\x80\x04}(X\x06\x00\x00\x00labels](" + content[2:-1] + b"eX\x04\x00\x00\x00data" + b"Nu."
    with pytest.raises(DataError, match="data_batch_1 holds no"):
        data.load(str(put(tmp_path / "data_batch_1", batch)))


def test_too_many_values_are_refused(monkeypatch):
    few = dataclasses.replace(inert_pickle.ARRAYS, most_steps=1000)
    monkeypatch.setattr(inert_pickle, "ARRAYS", few)
    with pytest.raises(DataError, match="more than 1,000 values"):
        inert_pickle.load(pickle.dumps([[] for _ in range(2000)]), name="x")


@settings(max_examples=200)
@given(content=st.binary(max_size=60), start=st.sampled_from([b"", b"\x80\x02", b"\x80\x02}q\x00(", b"]("]))
def test_bytes_of_no_sense_are_a_value_or_refused(content, start):
    try:
        inert_pickle.load(start + content, name="x")
    except DataError as error:
        assert str(error).startswith("x is ")


def test_a_pickle_gives_what_python_gives(tmp_path):
    """For plain values, and for arrays of every kind of number, in both orders, by every protocol."""
    arrays = [np.arange(6).reshape(2, 3).astype(kind) for kind in ("u1", ">i2", "<i4", "i8", ">f4", "f8", "f2", "?")]
    value = {"a": [1, -5, 2**40, 1.5, None, True, (), (1, (2, "é"))], "b": b"\xff\0", "c": [[]], "d": np.float32(0.5)}
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        assert inert_pickle.load(pickle.dumps(value, protocol), name="x") == value
        for one in (*arrays, np.asfortranarray(arrays[0]), arrays[1].T):
            buffer = io.BytesIO()
            pickle.dump(one, buffer, protocol)
            found = inert_pickle.load(buffer.getvalue(), name="x").values()
            assert found.dtype == one.dtype
            assert np.array_equal(found, one)
