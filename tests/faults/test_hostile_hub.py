"""Published models from strangers: refused in one sentence, before memory is taken; nothing in them is executed."""

import hashlib
import json
import os
import shutil
import struct

import numpy as np
import pytest
from helpers import tiny
from helpers.publishing import publish, save_run

from gancli.core.errors import CheckpointError
from gancli.runs import registry
from gancli.runs.checkpoints import Position
from gancli.runs.published import tensor_file

pytest.importorskip("safetensors")


@pytest.fixture(scope="module")
def original(tmp_path_factory):
    place = tmp_path_factory.mktemp("published")
    publish(save_run(place / "runs", tiny.build("toy")), place / "hub")
    return place / "hub"


@pytest.fixture
def hub(original, tmp_path):
    return shutil.copytree(original, tmp_path / "hub")


def forged(header, data=b"", *, length=None):
    """A file of weights: a header, as an object or as bytes, and data."""
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text) if length is None else length) + text + data


def opened(tmp_path, content):
    """The file of weights with this content, its checksum right."""
    path = tmp_path / "model.safetensors"
    path.write_bytes(content)
    sha256 = hashlib.sha256(content).hexdigest()
    with tensor_file.open_tensors(path, sha256=sha256, position=Position((1,))) as tensors:
        return tensors.arrays()


def entry(begin, end, shape=(2,), dtype="F32", **more):
    return {"dtype": dtype, "shape": list(shape), "data_offsets": [begin, end], **more}


def test_a_right_file_is_read(tmp_path):
    data = np.arange(3, dtype="<f4").tobytes()
    header = {
        "__metadata__": {"format": "tf"},
        "b": entry(0, 8),
        "a": entry(8, 12, (1, 1)),
        "none": entry(8, 8, (0, 3)),
    }
    found = opened(tmp_path, forged(header, data))
    assert found["a"].tolist() == [[2.0]] and found["b"].tolist() == [0.0, 1.0] and found["none"].shape == (0, 3)


HUGE = 2**40
FAULTS = {
    "empty": b"",
    "cut in the length": b"\2\0\0",
    "header longer than the file": forged({}, length=100),
    "header of exabytes": forged({}, length=2**63),
    "header bomb": forged(b" " * 5_000_000 + b"{}"),
    "text": forged(b"no json"),
    "not UTF-8": forged(b'{"\xff": 1}'),
    "deep": forged(b"[" * 100_000),
    "list": forged([]),
    "number of 5,000 digits": forged(b'{"a": ' + b"1" * 5000 + b"}"),
    "NaN": forged(b'{"a": NaN}'),
    "the same name twice": forged(b'{"a": {}, "a": {}}'),
    "metadata of numbers": forged({"__metadata__": {"a": 1}}),
    "metadata no table": forged({"__metadata__": "a"}),
    "entry no table": forged({"a": 1}),
    "no offsets": forged({"a": {"dtype": "F32", "shape": [2]}}),
    "more in an entry": forged({"a": entry(0, 8, code="x")}, bytes(8)),
    "bfloat16": forged({"a": entry(0, 4, dtype="BF16")}, bytes(4)),
    "dtype no text": forged({"a": entry(0, 4, dtype=["F32"])}, bytes(4)),
    "object dtype": forged({"a": entry(0, 16, dtype="O")}, bytes(16)),
    "negative shape": forged({"a": entry(0, 8, (-2, -1))}, bytes(8)),
    "shape of truth values": forged({"a": entry(0, 4, (True,))}, bytes(4)),
    "fractional shape": forged({"a": entry(0, 8, (2.0,))}, bytes(8)),
    "shape no list": forged({"a": entry(0, 8) | {"shape": 2}}, bytes(8)),
    "many axes": forged({"a": entry(0, 4, (1,) * 100)}, bytes(4)),
    "shape that overflows": forged({"a": entry(0, 0, (2**47,) * 30)}),
    "more bytes than the shape": forged({"a": entry(0, 12)}, bytes(12)),
    "three offsets": forged({"a": entry(0, 8) | {"data_offsets": [0, 8, 16]}}, bytes(8)),
    "negative offset": forged({"a": entry(-8, 0)}, bytes(8)),
    "end before begin": forged({"a": entry(8, 0)}, bytes(8)),
    "beyond the file": forged({"a": entry(0, 8)}, bytes(4)),
    "cut short": forged({"a": entry(0, 8), "b": entry(8, 16)}, bytes(15)),
    "gap": forged({"a": entry(0, 8), "b": entry(12, 20)}, bytes(20)),
    "gap at the start": forged({"a": entry(4, 12)}, bytes(12)),
    "overlap": forged({"a": entry(0, 8), "b": entry(4, 12)}, bytes(12)),
    "the same bytes twice": forged({"a": entry(0, 8), "b": entry(0, 8)}, bytes(8)),
    "bytes at the end": forged({"a": entry(0, 8)}, bytes(9)),
    "terabytes": forged({"a": entry(0, 4 * HUGE, (HUGE,))}, bytes(4)),
    "not finite": forged({"a": entry(0, 8)}, np.array([1, np.inf], "<f4").tobytes()),
}


@pytest.mark.parametrize("content", FAULTS.values(), ids=FAULTS)
def test_a_bad_file_of_weights_is_refused(tmp_path, content):
    with pytest.raises(CheckpointError) as error:
        opened(tmp_path, content)
    assert "model.safetensors" in str(error.value) and "\n" not in str(error.value) and len(str(error.value)) < 500


def test_a_file_that_is_larger_than_memory_is_not_read(tmp_path):
    content = forged({"a": entry(0, 4 * HUGE, (HUGE,))})
    path = tmp_path / "model.safetensors"
    path.write_bytes(content)
    os.truncate(path, len(content) + 4 * HUGE)  # sparse: it takes no space
    position = Position()
    with (
        pytest.raises(CheckpointError, match="do not fit into the memory"),
        tensor_file.open_tensors(path, sha256="", position=position),
    ):
        pass


def test_names_of_any_characters_stay_in_one_sentence(tmp_path):
    with pytest.raises(CheckpointError) as error:
        opened(tmp_path, forged({"a" * 10_000 + "\n": 1}))
    assert len(str(error.value)) < 500


def model_of(path):
    return registry.open_folder(path).model()[0]


def rewrite(path, change, **published):
    """Change the arrays of a published model and its configuration, so that the checksum is right again."""
    from safetensors.numpy import load_file, save_file

    weights, config = path / "model.safetensors", path / "config.json"
    save_file(change(load_file(weights)), weights)
    record = json.loads(config.read_text())
    record["published"] |= {"sha256": hashlib.sha256(weights.read_bytes()).hexdigest()} | published
    config.write_text(json.dumps(record))


FIRST = "generator/generator/dense_1/kernel"
CHANGES = {
    "same": lambda arrays: arrays,
    "missing": lambda arrays: {name: arrays[name] for name in arrays if name != FIRST},
    "more": lambda arrays: arrays | {"more": np.zeros(3, np.float32)},
    "another name": lambda arrays: {name.replace("kernel", "weights"): arrays[name] for name in arrays},
    "another shape": lambda arrays: arrays | {FIRST: arrays[FIRST].T.copy()},
    "a larger one": lambda arrays: arrays | {FIRST: np.zeros((5000, 5000), np.float32)},
    "half precision": lambda arrays: arrays | {FIRST: arrays[FIRST].astype(np.float16)},
    "not a number": lambda arrays: arrays | {FIRST: arrays[FIRST] * np.nan},
    "none": lambda arrays: {},
}


@pytest.mark.parametrize("change", CHANGES)
def test_arrays_that_are_not_those_of_the_model_are_refused(hub, change):
    rewrite(hub, CHANGES[change])
    if change == "same":
        model_of(hub)
        return
    with pytest.raises(CheckpointError) as error:
        model_of(hub)
    assert "model.safetensors" in str(error.value) and "\n" not in str(error.value)


@pytest.mark.parametrize("name", ["model.safetensors", "config.json"])
def test_every_damaged_byte_and_every_cut_is_noticed_or_harmless(hub, name):
    path, random = hub / name, np.random.default_rng(0)
    content = path.read_bytes()
    for number in range(150):
        place = int(random.integers(len(content)))
        flipped = bytes([content[place] ^ 1 << int(random.integers(8))])
        path.write_bytes(content[:place] if number % 3 == 0 else content[:place] + flipped + content[place + 1 :])
        try:
            run = registry.open_folder(hub)
            run.outline()
            with run.open_checkpoint(run.step) as tensors:
                tensors.arrays()
        except CheckpointError as error:
            assert "\n" not in str(error)
        else:
            assert name == "config.json" and number % 3  # a letter of a text, a digit of a number


@pytest.mark.parametrize(
    ("keys", "value"),
    [
        (["library_name"], "transformers"),
        (["format"], 2),
        (["model"], "no-such"),
        (["model"], "../mine.py"),
        (["options"], {"units": 1}),
        (["options", "no_such_option"], 1),
        (["data", "shape"], [10**6]),
        (["published"], None),
        (["published", "step"], -1),
        (["published", "step"], 10**30),
        (["published", "weights"], "both"),
        (["published", "sha256"], "../../etc/passwd"),
        (["published", "updates"], {"generator": "x"}),
        (["published", "updates"], []),
        (["model_file"], {"path": 1}),
    ],
)
def test_a_bad_configuration_is_refused(hub, keys, value):
    record = json.loads((hub / "config.json").read_text())
    table = record
    for key in keys[:-1]:
        table = table[key]
    table[keys[-1]] = value
    (hub / "config.json").write_text(json.dumps(record))
    with pytest.raises(CheckpointError) as error:
        model_of(hub)
    assert "hub" in str(error.value) and "\n" not in str(error.value)


def test_a_configuration_of_a_larger_model_takes_no_memory(hub):
    record = json.loads((hub / "config.json").read_text())
    sizes = [name for name, value in record["options"].items() if name in ("units", "width", "z_dim") and value]
    assert sizes
    record["options"] |= dict.fromkeys(sizes, 4096)
    (hub / "config.json").write_text(json.dumps(record))
    with pytest.raises(CheckpointError, match="does not fit the model"):
        model_of(hub)


@pytest.mark.parametrize("name", ["model.safetensors", "config.json"])
@pytest.mark.parametrize("kind", ["device", "pipe", "folder", "broken", "loop", "absent"])
def test_what_is_no_file_is_refused(hub, name, kind):
    path = hub / name
    path.unlink()
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    elif kind != "absent":
        path.symlink_to({"device": "/dev/zero", "broken": "no-such", "loop": path.name}[kind])
    with pytest.raises(CheckpointError) as error:
        model_of(hub)
    assert "\n" not in str(error.value)


def test_links_to_files_are_followed_as_the_cache_of_a_hub_consists_of_them(hub, tmp_path):
    (tmp_path / "blobs").mkdir()
    for name in ("model.safetensors", "config.json"):
        (hub / name).rename(tmp_path / "blobs" / name)
        (hub / name).symlink_to(f"../blobs/{name}")
    model_of(hub)


def test_a_link_to_any_other_file_shows_nothing_of_it(hub, tmp_path):
    (tmp_path / "private").write_text("password\n" * 20)
    for name in ("model.safetensors", "config.json"):
        shutil.copy(hub / name, tmp_path / "kept")
        (hub / name).unlink()
        (hub / name).symlink_to(tmp_path / "private")
        with pytest.raises(CheckpointError) as error:
            model_of(hub)
        assert "password" not in str(error.value)
        (hub / name).unlink()
        shutil.copy(tmp_path / "kept", hub / name)


def test_no_file_beside_them_is_executed(hub, tmp_path):
    for name in ("toy.py", "config.py", "__init__.py", "model.py", "gancli.py"):
        (hub / name).write_text(f"open({str(tmp_path / 'executed')!r}, 'w')")
    model_of(hub)
    assert not (tmp_path / "executed").exists()
