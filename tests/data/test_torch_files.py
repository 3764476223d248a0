"""Files of torch.save, in both forms, as arrays: every type of numbers, views, and what surrounds a state dict."""

from collections import OrderedDict

import numpy as np
import pytest
from helpers.torch_writer import FORMS, Global, Tensor, stored, tensor, zipped

from gancli.core.errors import DataError
from gancli.data.formats.published import torch_file

BASE = np.arange(24, dtype=np.float32).reshape(2, 3, 4)
ARRAYS = {
    "whole": BASE,
    "turned": BASE.transpose(2, 0, 1),
    "part": BASE[1, :, 1:3],
    "steps": BASE[:, ::2, ::3],
    "repeated": np.broadcast_to(np.ones((1, 3), np.float32), (5, 3)),
    "counter": np.array(7),
    "none": np.zeros((0, 3), np.float32),
    "truth": BASE > 3,
    "half": (BASE / 7).astype(np.float16),
    "complex": (BASE * 1j).astype(np.complex64),
    **{f"i{size}": (-BASE).astype(f"i{size}") for size in (1, 2, 4, 8)},
    **{f"u{size}": BASE.astype(f"u{size}") for size in (1, 2, 4, 8)},
    "double": BASE / np.float64(3),
}


def state_dict():
    """The tensors of ARRAYS as PyTorch writes them, and a parameter."""
    found = OrderedDict((name, tensor(array)) for name, array in ARRAYS.items())
    found["parameter"] = tensor(BASE, is_parameter=True)
    found._metadata = OrderedDict({"": {"version": 1}, "bn": {"version": 2}})
    return found


def put(path, content):
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("form", FORMS)
def test_every_kind_of_tensor_is_read(tmp_path, form):
    found = torch_file.read(put(tmp_path / "a.pth", FORMS[form](state_dict())))
    assert (found.key, found.left_out) == ("", ())
    assert list(found.tensors) == [*ARRAYS, "parameter"]
    for name, array in {**ARRAYS, "parameter": BASE}.items():
        assert (found.tensors[name].dtype, found.tensors[name].shape) == (array.dtype, array.shape), name
        assert np.array_equal(found.tensors[name], array), name
        assert not found.tensors[name].flags.writeable


@pytest.mark.parametrize("form", FORMS)
def test_views_share_the_numbers_of_their_storage(tmp_path, form):
    if form == "legacy":
        found = torch_file.read(put(tmp_path / "a.pth", FORMS[form](state_dict()))).tensors
    else:
        found = torch_file.read(put(tmp_path / "a.pth", FORMS[form](state_dict(), folder="any name"))).tensors
    assert np.shares_memory(found["whole"], found["turned"])
    assert np.shares_memory(found["whole"], found["part"])
    assert found["repeated"].strides[0] == 0


@pytest.mark.parametrize("form", FORMS)
def test_bfloat16_is_float32_with_the_same_numbers(form):
    numbers = np.array([1.0, -2.5, 3e38, 1e-40, 0.0, np.inf], np.float32)
    bits = (numbers.view(np.uint32) >> 16).astype(np.uint16)
    kept = (bits.astype(np.uint32) << 16).view(np.float32)
    value = {"w": Tensor(bits, (2, 3), (1, 2), is_bfloat16=True)}
    found = torch_file.parse(FORMS[form](value), name="x").tensors["w"]
    assert found.dtype == np.float32
    assert np.array_equal(found, kept.reshape(3, 2).T)
    assert found[0, 0] == 1.0 and found[1, 0] == -2.5


def test_a_file_of_a_machine_of_the_other_byte_order_is_read():
    found = torch_file.parse(zipped({"w": tensor(BASE), "n": tensor(np.array(5))}, order="big"), name="x").tensors
    assert np.array_equal(found["w"], BASE) and found["n"] == 5
    assert found["w"].dtype.isnative


def test_a_file_without_checksums_is_read():
    """torch.serialization.set_crc32_options(False) writes zeros in their place."""
    content = zipped({"w": tensor(BASE)}, checksums=False)
    assert content != zipped({"w": tensor(BASE)})
    assert np.array_equal(torch_file.parse(content, name="x").tensors["w"], BASE)


def test_a_storage_may_be_longer_than_its_tensors_claim():
    """Of the first four of seven bytes, seen as one number, torch.save keeps all seven."""
    row = np.arange(7, dtype=np.uint8)

    def lengthen(members):
        return members | {"archive/data/0": row.tobytes()}

    content = zipped({"w": Tensor(row[:4].view(np.float32), (1,), (1,))}, change=lengthen)
    assert torch_file.parse(content, name="x").tensors["w"] == row[:4].view(np.float32)


WEIGHTS = {"w": tensor(BASE)}
OPTIMIZER = {"state": {0: {"step": tensor(np.array(3)), "exp_avg": tensor(BASE)}}, "param_groups": [{"lr": 0.1}]}
PLACES = {
    "alone": (WEIGHTS, "", ()),
    "beside plain values": (WEIGHTS | {"epoch": 3, "note": None, "size": (1, 2)}, "", ("epoch", "note", "size")),
    "in a checkpoint": (
        {"epoch": 3, "best": 0.5, "model": WEIGHTS, "optimizer": OPTIMIZER},
        "model",
        ("epoch", "best", "optimizer"),
    ),
    "beside averages": ({"ema": WEIGHTS, "state_dict": WEIGHTS}, "state_dict", ("ema",)),
    "with sizes and devices": (
        {"state_dict": WEIGHTS, "size": Global("torch", "Size", ((1, 2),)), "on": Global("torch", "device", ("cpu",))},
        "state_dict",
        ("size", "on"),
    ),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("place", PLACES)
def test_a_checkpoint_says_which_tensors_were_taken(form, place):
    value, key, left_out = PLACES[place]
    found = torch_file.parse(FORMS[form](value), name="x")
    assert (list(found.tensors), found.key, found.left_out) == (["w"], key, left_out)
    assert np.array_equal(found.tensors["w"], BASE)


def test_one_of_several_sets_of_tensors_is_taken_by_its_key():
    value = {"generator": {"g": tensor(BASE)}, "discriminator": {"d": tensor(BASE)}}
    with pytest.raises(DataError, match=r"several sets of tensors \(generator, discriminator\)"):
        torch_file.parse(zipped(value), name="x")
    assert list(torch_file.parse(zipped(value), name="x", key="discriminator").tensors) == ["d"]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ([1, 2], "single value, not a dict"),
        (tensor(BASE), "single value, not a dict"),
        ({}, "holds nothing, no tensors by name"),
        ({"epoch": 3}, "holds epoch, no tensors by name"),
    ],
)
def test_a_file_without_tensors_by_name_says_what_it_holds(form, value, sentence):
    with pytest.raises(DataError, match=sentence):
        torch_file.parse(FORMS[form](value), name="x")


def test_python_2_wrote_texts_as_bytes():
    content = zipped({"w": tensor(BASE)}).replace(b"X\x07\x00\x00\x00storage", b"T\x07\x00\x00\x00storage")
    content = stored({"a/data.pkl": _member(content), "a/data/0": BASE.tobytes()})
    assert np.array_equal(torch_file.parse(content, name="x").tensors["w"], BASE)


def _member(content):
    start = content.index(b"\x80\x02")
    return content[start : content.index(b".", content.index(b"tR", start)) + 1]
