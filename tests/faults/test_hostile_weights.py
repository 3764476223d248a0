"""PyTorch files from strangers: nothing in them is executed or imported, and memory is bounded by what they hold."""

import io
import pickle
import struct
import sys
import time
import tracemalloc
import zipfile
from collections import OrderedDict

import numpy as np
import pytest
from helpers.torch_writer import FORMS, LEGACY, Emitter, Global, Tensor, legacy, stored, tensor, zipped

from gancli.core.errors import DataError
from gancli.data.formats.published import torch_file, torch_zip

BASE = np.arange(12, dtype=np.float32).reshape(3, 4)
ROW = np.ravel(BASE)


def one(**more):
    """A dict with one tensor, of which something is false."""
    return {"w": Tensor(**{"row": ROW, "shape": (3, 4), "strides": (4, 1), **more})}


def refused(content, match=None, name="some file"):
    with pytest.raises(DataError, match=match) as caught:
        torch_file.parse(content, name=name)
    text = str(caught.value)
    assert name in text and "\n" not in text and len(text) < 300, text


@pytest.fixture
def traced():
    tracemalloc.start()
    yield
    tracemalloc.stop()


CALLS = {
    "os.system": ("id",),
    "posix.system": ("id",),
    "nt.system": ("id",),
    "subprocess.Popen": ("id",),
    "builtins.eval": ("1",),
    "builtins.exec": ("1",),
    "builtins.getattr": ({}, "x"),
    "builtins.__import__": ("os",),
    "__builtin__.eval": ("1",),
    "importlib.import_module": ("os",),
    "pickle.loads": (b"N.",),
    "torch.load": ("x",),
    "torch.hub.load": ("x", "y"),
    "torch.nn.Linear": (1, 1),
    "torch.jit.load": ("x",),
    "torch._utils._rebuild_tensor_v2.__globals__": (),
    "numpy.load": ("x",),
    "numpy.core.multiarray.fromfile": ("x",),
    "collections.OrderedDict.fromkeys": (),
    "evil_module_of_this_test.run": (),
    "": (),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("call", CALLS)
def test_code_in_the_pickle_is_refused_by_its_name_without_an_import(tmp_path, monkeypatch, form, call):
    (tmp_path / "evil_module_of_this_test.py").write_text(f"open({str(tmp_path / 'executed')!r}, 'w')")
    monkeypatch.syspath_prepend(tmp_path)
    module, _, name = call.rpartition(".")
    value = one() | {"x": Global(module, name, CALLS[call])}
    refused(FORMS[form](value), match=rf"asks for '{module}\.{name}', ")
    assert not (tmp_path / "executed").exists() and "evil_module_of_this_test" not in sys.modules


def test_a_whole_model_says_to_save_its_weights():
    model = Global("torch.nn.modules.container", "Sequential", ())
    refused(zipped(model), match=r"part of a whole model: save its weights alone, with torch\.save\(model\.state_dict")
    refused(zipped({"f": Global("torch", "float8_e4m3fn")}), match="kind of tensors that is not read: convert them to")
    refused(zipped({"args": Global("argparse", "Namespace", ())}), match="not imported: save weights alone, with torch")


HUGE = 2**62
PLACES = {
    "an offset beyond": one(offset=1),
    "a negative offset": one(offset=-1),
    "an offset that overflows": one(offset=HUGE),
    "an offset of half": one(offset=0.5),
    "a negative stride": one(strides=(-4, 1)),
    "a stride that overflows": one(strides=(HUGE, 1)),
    "strides that overflow to fit": one(strides=(2**63, 2**64 - 2**63)),
    "a stride too far": one(strides=(5, 1)),
    "a negative side": one(shape=(-3, -4)),
    "a side that overflows": one(shape=(HUGE, HUGE), strides=(0, 0)),
    "terabytes by repetition": one(shape=(2**40,), strides=(0,)),
    "terabytes by repetition, with none of them": one(shape=(2**47, 2**47, 0), strides=(0, 0, 0)),
    "sides of truth values": one(shape=(True, True)),
    "sides that are texts": one(shape=("3", "4")),
    "sides that are no tuple": one(shape=[3, 4]),
    "fewer strides than sides": one(strides=(1,)),
    "more strides than sides": one(strides=(4, 1, 1)),
    "100 sides": one(shape=(1,) * 100, strides=(1,) * 100),
    "a long storage": one(claimed=13),
    "an endless storage": one(claimed=2**63),
    "a negative storage": one(claimed=-12),
    "a storage of a text": one(claimed="12"),
    "two sizes of a storage": one() | {"v": Tensor(ROW, (1,), (1,), claimed=11)},
    "an empty tensor beyond": one(shape=(0, HUGE)),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("place", PLACES)
def test_a_tensor_outside_of_its_storage_is_refused(form, place):
    refused(FORMS[form](PLACES[place]))


def test_many_tensors_of_the_same_numbers_are_bounded():
    """Each is a view that takes nothing; what copies them would take a gigabyte."""
    row = np.zeros(250_000, np.float32)
    refused(zipped({str(at): Tensor(row, (250_000,), (1,)) for at in range(1000)}), match="many times its size")
    refused(zipped(one(shape=(5000, 5000), strides=(0, 0))), match="many times its size")


def rebuilt(name, *arguments, module="torch._utils"):
    return {"w": Global(module, name, arguments)}


STORAGE = ("storage", Global("torch", "FloatStorage"), "0", "cpu", 12)
VALUES = {
    "a tensor without a storage": rebuilt("_rebuild_tensor_v2", None, 0, (3,), (1,)),
    "a tensor of an identifier": rebuilt("_rebuild_tensor_v2", STORAGE, 0, (3,), (1,)),
    "a tensor of too few parts": rebuilt("_rebuild_tensor_v2", 1),
    "a typed tensor without a type": rebuilt("_rebuild_tensor_v3", None, 0, (3,), (1,), False, None, None),
    "a parameter of a number": rebuilt("_rebuild_parameter", 1, True, {}),
    "a parameter of nothing": rebuilt("_rebuild_parameter"),
    "a class of its own": rebuilt("_rebuild_from_type_v2", Global("torch", "Size"), 1, (), {}, module="torch._tensor"),
    "a function of its own": rebuilt(
        "_rebuild_from_type_v2",
        Global("torch", "device"),
        Global("torch", "Tensor"),
        ("x",),
        {},
        module="torch._tensor",
    ),
    "a call of a storage's class": {"w": Global("torch", "FloatStorage", (3,))},
    "a call of a type": {"w": Global("torch", "float32", ())},
    "a size of a number": {"w": Global("torch", "Size", (3,))},
    "keys of tuples": {(1, 2): 1},
    "keys of long numbers": {2**200: 1},
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("value", VALUES)
def test_values_of_odd_forms_are_refused(form, value):
    refused(FORMS[form](VALUES[value]))


def raw(code, *, members=()):
    """A zip file whose pickle has these opcodes."""
    return stored([("a/data.pkl", b"\x80\x02" + code + b"."), *members])


NEST = b"(K\x01t" + b"2\x86" * 200
CODES = {
    "nothing": b"",
    "a persistent text": b"Pstorage\n",
    "a persistent number": b"K\x01Q",
    "a persistent nothing": b"Q",
    "a persistent module": b"(U\x06moduleNNNNtQ",
    "a persistent nest": NEST + b"Q",
    "a storage of a nest": b"(U\x07storagectorch\nFloatStorage\n" + NEST + b"NK\x0ctQ",
    "sides of a nest": b"ctorch._utils\n_rebuild_tensor_v2\n("
    + Emitter().emit(STORAGE)
    + b"QK\x00"
    + NEST
    + NEST
    + b"tR",
    "a device of a nest": b"}U\x01xctorch\ndevice\n" + NEST + b"\x85Rs",
    "a name of a nest": NEST + NEST + b"\x93",
    "a list in itself": b"]q\x00h\x00a",
    "deep lists": b"]" * 100_000 + b"a" * 99_999,
    "a dict in itself": b"}q\x00U\x01xh\x00s",
    "a memo that is absent": b"j\xff\xff\xff\xff",
    "a memo of 2**32": b"Nr\xff\xff\xff\xff",
    "a state for a tensor": Emitter().emit(one()["w"]) + b"}b",
    "a state for a number": b"K\x01}b",
    "a new object": b"ctorch\nSize\n)\x81",
    "an extension": b"\x82\x01",
    "a text of exabytes": b"\x8d" + b"\xff" * 8,
    "a bytearray of exabytes": b"\x96" + b"\xff" * 8,
}


@pytest.mark.parametrize("code", CODES)
def test_odd_pickles_are_refused(code):
    began = time.monotonic()
    refused(raw(CODES[code], members=[("a/data/0", ROW.tobytes())]))
    assert time.monotonic() - began < 5


def test_what_is_no_storage_or_no_function_is_named():
    for identifier in (("module", None, None, None, None), (*STORAGE, ("0", 0, 1)), STORAGE[:4], ("storage",)):
        refused(raw(Emitter().emit(identifier) + b"Q"), match="holds something that is no storage of numbers")
    refused(raw(Emitter().emit((*STORAGE[:4], True)) + b"Q"), match="a storage of an odd type or size")
    for value in (
        "print",
        1,
        Global("torch", "FloatStorage"),
        Global("torch", "Tensor"),
        Global("numpy", "ndarray", ()),
    ):
        refused(raw(Emitter().emit(value) + b")R"), match="calls what is no function|array in an odd way")


def test_a_tensor_whose_signs_are_not_settled_is_refused_not_read_with_wrong_signs():
    """PyTorch keeps conjugates and negatives of views as marks beside the tensor."""
    emit = Emitter().emit
    for mark in ({"conj": True}, {"neg": True}):
        rest = emit(0) + emit((12,)) + emit((1,)) + emit(False) + emit(OrderedDict()) + emit(mark)
        code = b"ctorch._utils\n_rebuild_tensor_v2\n(" + emit(STORAGE) + b"Q" + rest + b"tR"
        refused(raw(b"}U\x01w" + code + b"s"), match="signs are not settled .conj or neg., so save its resolved copy")


@pytest.mark.parametrize("form", FORMS)
def test_strides_of_axes_with_one_element_do_not_matter(form):
    found = torch_file.parse(FORMS[form](one(shape=(1, 3, 1, 4), strides=(HUGE, 4, 2**70, 1))), name="x").tensors["w"]
    assert np.array_equal(found[0, :, 0], BASE)


LONG = b"S'" + b"a" * 8_000_000 + b"'\nq\x00"  # the text of Python 2, of which each use as a key would make a copy
REPEATED = {
    "a key": b"}" + LONG + b"N(s" + b"h\x00Ns" * 10_000,
    "a storage": LONG + b"(U\x07storagectorch\nFloatStorage\nh\x00NK\x0ctQ" * 10_000,
    "a type": LONG + b"cnumpy\ndtype\nh\x00\x85R" * 10_000,
    "an order": b"cnumpy\ndtype\nU\x02f4\x85R" + LONG + b"0" + b"(K\x03h\x00NNNtb" * 10_000,
    "a device": LONG + b"ctorch\ndevice\nh\x00h\x00\x86R" * 10_000,
    "a name": LONG + b"h\x00h\x00\x93" * 10_000,
    "a list": LONG + b"](h\x00h\x00h\x00e" * 10_000,
    "more values than weights have": b"]" * 600_000,
}


@pytest.mark.parametrize("case", REPEATED)
def test_a_long_text_that_is_used_often_takes_neither_time_nor_memory(case, traced):
    began = time.monotonic()
    refused(raw(REPEATED[case], members=[("a/data/0", ROW.tobytes())]))
    assert time.monotonic() - began < 5
    assert tracemalloc.get_traced_memory()[1] < 150_000_000


def test_a_dict_with_itself_inside_is_harmless():
    code = Emitter().emit(one()).replace(b"}(", b"}q\x00(", 1)[:-1] + b"U\x01xh\x00u"
    content = raw(code, members=[("a/data/0", ROW.tobytes())])
    assert torch_file.parse(content, name="x").left_out == ("x",)


GOOD = zipped({"w": tensor(BASE)})
PARTS = {
    info.filename: zipfile.ZipFile(io.BytesIO(GOOD)).read(info) for info in zipfile.ZipFile(io.BytesIO(GOOD)).infolist()
}


def table_changed(offset, value, content=GOOD):
    """The zip file with other bytes in the table's entry of the numbers."""
    at = content.rindex(b"archive/data/0") - 46 + offset
    return content[:at] + value + content[at + len(value) :]


ZEROS = zipped({"w": tensor(np.zeros(200, np.float32))}, checksums=False)
ZIPS = {
    "compressed": (stored(PARTS, compression=zipfile.ZIP_DEFLATED), "compressed or encrypted"),
    "a bomb": (
        stored({**PARTS, "archive/data/0": bytes(50_000_000)}, compression=zipfile.ZIP_DEFLATED),
        "claim more bytes",
    ),
    "encrypted": (table_changed(8, b"\1"), "compressed or encrypted"),
    "a wrong checksum": (GOOD.replace(ROW.tobytes(), ROW[::-1].tobytes()), "damaged .checksum."),
    "a member that claims more": (table_changed(20, struct.pack("<II", 10**6, 10**6)), "claim more bytes"),
    "a member that claims exabytes": (table_changed(20, struct.pack("<II", 2**32 - 2, 2**32 - 2)), "claim more bytes"),
    "a member that is elsewhere": (table_changed(42, struct.pack("<I", 5)), "is not where its table says"),
    "a member that is elsewhere, without checksums": (
        table_changed(42, struct.pack("<I", ZEROS.index(bytes(500))), ZEROS),
        "is not where its table says",
    ),
    "a member that is behind the end": (table_changed(42, struct.pack("<I", 10**8)), "no complete zip"),
    "a storage that is absent": (stored({n: c for n, c in PARTS.items() if "data/" not in n}), "has none of them"),
    "a storage cut short": (stored({**PARTS, "archive/data/0": bytes(47)}), "a storage of 48 bytes has 47"),
    "two folders": (stored({**PARTS, "other/data.pkl": b"N."}), "another zip file"),
    "no pickle": (stored({"archive/data/0": bytes(48)}), "without data.pkl"),
    "an empty pickle": (stored({**PARTS, "archive/data.pkl": b""}), "no complete pickle"),
    "an odd byte order": (stored({**PARTS, "archive/byteorder": b"middle"}), "byte order is"),
    "nothing": (stored({}), "is not a PyTorch file"),
    "TorchScript": (
        stored({**PARTS, "archive/constants.pkl": b"N.", "archive/code/a.py": b"pass"}),
        "TorchScript program, which is not run; expected weights, as torch.save",
    ),
    "TorchScript of 2018": (stored({"a/model.json": b"{}"}), "TorchScript program"),
    "a path as key": (
        stored({**PARTS, "archive/data.pkl": PARTS["archive/data.pkl"].replace(b"X\1\0\0\0000", b"X\4\0\0\0../x")}),
        "has none of them",
    ),
}


def test_the_pieces_of_these_tests_fit_together():
    assert np.array_equal(torch_file.parse(stored(PARTS), name="x").tensors["w"], BASE)
    assert table_changed(0, b"PK\1\2") == GOOD


@pytest.mark.parametrize("case", ZIPS)
def test_odd_zip_files_are_refused(case):
    content, match = ZIPS[case]
    refused(content, match=match)


def test_two_members_of_one_name_are_refused():
    with pytest.warns(UserWarning, match="Duplicate"):
        content = stored([*PARTS.items(), ("archive/data/0", bytes(48))])
    refused(content, match="two members")


def test_other_zip_files_say_what_they_are_not(tmp_path):
    np.savez(tmp_path / "a.npz", w=BASE)
    refused((tmp_path / "a.npz").read_bytes(), match="another zip file, without data.pkl; expected weights")


def test_members_without_number_are_refused_before_a_table_is_made(monkeypatch):
    monkeypatch.setattr(torch_zip, "MOST_MEMBERS", 3)
    refused(GOOD, match="more than 3 members")


START = b"".join(pickle.dumps(part, 2) for part in LEGACY)
BODY = b"\x80\x02" + Emitter(legacy=True).emit({"w": tensor(BASE)}) + b"."
NUMBERS = struct.pack("<q", 12) + BASE.tobytes()
KEYS = pickle.dumps(["0"], 2)
OLDER = {
    "another number": (pickle.dumps(5, 2) + GOOD, "is a pickle, but not a PyTorch file"),
    "another version": (pickle.dumps(LEGACY[0], 2) + pickle.dumps(5, 2) + BODY, "another version"),
    "no more": (START, "no complete pickle"),
    "no keys": (START + BODY, "no complete pickle"),
    "no numbers": (START + BODY + KEYS, "cut short"),
    "half a count": (START + BODY + KEYS + NUMBERS[:5], "cut short"),
    "half the numbers": (START + BODY + KEYS + NUMBERS[:-1], "cut short"),
    "another count": (START + BODY + KEYS + struct.pack("<q", 13) + bytes(60), "has 13 of them"),
    "a negative count": (START + BODY + KEYS + struct.pack("<q", -12) + bytes(60), "numbers has"),
    "another key": (START + BODY + pickle.dumps(["1"], 2) + NUMBERS, "list of storages"),
    "a key twice": (START + BODY + pickle.dumps(["0", "0"], 2) + 2 * NUMBERS, "list of storages"),
    "one key more": (START + BODY + pickle.dumps(["0", "1"], 2) + 2 * NUMBERS, "list of storages"),
    "keys of numbers": (START + BODY + pickle.dumps([0], 2) + NUMBERS, "keys that are no texts"),
    "keys no list": (START + BODY + pickle.dumps({"0": 1}, 2) + NUMBERS, "list of storages"),
    "code in the facts": (START[:15] + pickle.dumps(1001, 2) + b"\x80\x02cos\nsystem\n.", "os.system"),
    "code in the keys": (START + BODY + b"\x80\x02cos\nsystem\n." + NUMBERS, "os.system"),
}


def test_the_pieces_of_the_older_form_fit_together():
    assert legacy({"w": tensor(BASE)}) == START + BODY + KEYS + NUMBERS
    assert np.array_equal(torch_file.parse(START + BODY + KEYS + NUMBERS, name="x").tensors["w"], BASE)


@pytest.mark.parametrize("case", OLDER)
def test_odd_files_of_the_older_form_are_refused(case):
    content, match = OLDER[case]
    refused(content, match=match)


OTHERS = {
    "empty": (b"", "is not a PyTorch file"),
    "text": (b"weights", "is not a PyTorch file"),
    "a page": (b"<!DOCTYPE html><html>" * 100, "is not a PyTorch file"),
    "HDF5": (b"\x89HDF\r\n\x1a\n" + bytes(600), "is not a PyTorch file"),
    "a tar file": (bytes(257) + b"ustar" + bytes(600), "before PyTorch 0.2"),
    "half a zip file": (b"PK\3\4", "no complete zip file"),
    "half a pickle": (b"\x80", "is not a pickle of plain values and arrays: it is cut short"),
    "a pickle of arrays": (pickle.dumps({"w": BASE}, 2), "is a pickle, but not a PyTorch file"),
}


@pytest.mark.parametrize("case", OTHERS)
def test_other_files_are_refused(tmp_path, case):
    content, match = OTHERS[case]
    (tmp_path / "some.pth").write_bytes(content)
    with pytest.raises(DataError, match=match):
        torch_file.read(tmp_path / "some.pth")


SPECIMEN = OrderedDict(
    a=tensor(BASE), b=tensor(BASE.T.copy().T), n=tensor(np.array(3)), p=tensor(BASE, is_parameter=True)
)
SPECIMEN._metadata = OrderedDict({"": {"version": 1}})


def outcome(content):
    """The arrays, or None if the file is refused as it should be, in time and memory."""
    began = time.monotonic()
    tracemalloc.reset_peak()
    try:
        found = torch_file.parse(content, name="some file").tensors
        {name: np.array(array) for name, array in found.items()}
    except DataError as error:
        assert "\n" not in str(error) and len(str(error)) < 300
        found = None
    assert time.monotonic() - began < 2
    assert tracemalloc.get_traced_memory()[1] < 5_000_000
    return found


@pytest.mark.parametrize("form", FORMS)
def test_a_file_cut_anywhere_is_refused(form, traced):
    content = FORMS[form](SPECIMEN)
    for end in range(len(content)):
        assert outcome(content[:end]) is None, end


@pytest.mark.parametrize("form", FORMS)
def test_flipped_bytes_are_noticed_or_harmless(form, traced):
    content, random = FORMS[form](SPECIMEN), np.random.default_rng(0)
    whole, read = outcome(content), 0
    for _ in range(400):
        at = int(random.integers(len(content)))
        found = outcome(content[:at] + bytes([content[at] ^ 1 << int(random.integers(8))]) + content[at + 1 :])
        read += found is not None
        if form == "zip" and found is not None:  # the older form has no checksums
            assert found.keys() == whole.keys()
            assert all(np.array_equal(found[name], whole[name]) for name in whole)
    assert read < 350


@pytest.mark.parametrize("form", FORMS)
def test_drawn_bytes_in_the_pickle_end_in_one_sentence(form, traced):
    random = np.random.default_rng(1)
    body = b"\x80\x02" + Emitter(legacy=form == "legacy").emit(SPECIMEN) + b"."
    for _ in range(300):
        changed = bytearray(body)
        for at in random.integers(2, len(body), int(random.integers(1, 6))):
            changed[at] = int(random.integers(256))
        if form == "zip":
            parts = [("a/data.pkl", changed), ("a/data/0", BASE.tobytes()), ("a/data/1", BASE.tobytes())]
            outcome(stored([*parts, ("a/data/2", bytes(8))]))
        else:
            outcome(START + bytes(changed) + legacy(SPECIMEN)[len(START) + len(body) :])
