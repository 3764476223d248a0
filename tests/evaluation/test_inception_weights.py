"""The weights of inception-2015: where they are found, what is accepted as them, and our file of them.

The network here is a small one of the same kind of names; the real names and shapes are compared by their counts.
"""

import hashlib
import math
import os
from collections import OrderedDict

import numpy as np
import pytest
from helpers.torch_writer import FORMS, Global, stored, tensor, zipped

from gancli.core.errors import DataError, OptionError
from gancli.evaluation import feature_extractors
from gancli.evaluation.feature_extractors import FeatureChoice
from gancli.evaluation.feature_extractors.inception import download, network, places, weights

SHAPES = {"Conv2d_1a_3x3.conv.weight": (4, 3, 3, 3), "fc.weight": (6, 5), "fc.bias": (6,)}
SHAPES |= {f"Conv2d_1a_3x3.bn.{name}": (4,) for name in network.NORMALIZATION}
RANDOM = np.random.default_rng(0)
ARRAYS = {name: RANDOM.uniform(0.1, 1, shape).astype(np.float32) for name, shape in SHAPES.items()}
NOTHING = "http://127.0.0.1:1/"  # where no server is


def file_of(arrays, form="legacy", *, prefix="", **around):
    """The bytes of a PyTorch file of a state dict, with the counters that PyTorch adds."""
    arrays = arrays | {"Conv2d_1a_3x3.bn.num_batches_tracked": np.array(0)}
    value = OrderedDict((prefix + name, tensor(array)) for name, array in arrays.items())
    return FORMS[form](around | {"state_dict": value} if around else value)


PUBLISHED, OTHER = file_of(ARRAYS), file_of(ARRAYS | {"fc.bias": np.zeros(6, np.float32)})


@pytest.fixture(autouse=True)
def places_of_our_own(monkeypatch, tmp_path):
    """A small network, whose file counts as published; no network, no file anywhere."""
    monkeypatch.setattr(network, "expected_shapes", lambda: SHAPES)
    monkeypatch.setattr(download, "SHA256", hashlib.sha256(PUBLISHED).hexdigest())
    monkeypatch.setattr(download, "SIZE", len(PUBLISHED))
    monkeypatch.setattr(download, "URLS", tuple(NOTHING + name for name in download.FILES))
    monkeypatch.setenv("GANCLI_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    monkeypatch.delenv("GANCLI_WEIGHTS", raising=False)


def put(path, content=PUBLISHED):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def silent(text):
    raise AssertionError(text)


def load(path=None, note=silent):
    return weights.load(path, note=note)


def kept(tmp_path):
    return [path.name for path in sorted((tmp_path / "cache").rglob("*")) if path.is_file()]


def test_names_and_shapes_are_those_of_the_network(monkeypatch):
    monkeypatch.undo()
    shapes = network.expected_shapes()
    assert len(shapes) == 94 * 5 + 2
    assert 4 * sum(map(math.prod, shapes.values())) == 95_541_568 < download.SIZE
    assert shapes["Mixed_6c.branch7x7dbl_5.conv.weight"] == (192, 160, 1, 7)
    assert shapes["Mixed_7c.branch3x3_2b.bn.running_var"] == (384,)
    assert shapes["fc.weight"] == (1008, 2048)
    assert all(download.SHA256[:8] in name for name in download.FILES)


@pytest.mark.parametrize("form", FORMS)
def test_both_forms_give_the_same_weights(tmp_path, form):
    notes = []
    found = load(put(tmp_path / "w.pth", file_of(ARRAYS, form)), note=notes.append)
    assert list(found.tensors) == list(SHAPES)
    for name, array in ARRAYS.items():
        assert found.tensors[name].dtype == np.float32 and np.array_equal(found.tensors[name], array)
        flags = found.tensors[name].flags
        assert flags.aligned and flags.c_contiguous and not flags.writeable
    assert found.is_published is (form == "legacy") and bool(notes) is (form != "legacy")
    assert found.source == str(tmp_path / "w.pth")


def test_the_order_in_which_a_file_is_found(tmp_path, monkeypatch):
    hub = put(tmp_path / "torch" / "hub" / "checkpoints" / download.FILES[1])
    assert places.find(None) == hub
    second = put(tmp_path / "cache" / "weights" / download.FILES[1])
    assert places.find(None) == second
    first = put(tmp_path / "cache" / "weights" / places.OURS)
    assert places.find(None) == first
    monkeypatch.setenv("GANCLI_WEIGHTS", str(put(tmp_path / "named.pth")))
    assert places.find(None) == tmp_path / "named.pth"
    given = put(tmp_path / "given.pth")
    assert places.find(given) == given


def test_the_variable_names_a_file_or_a_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("GANCLI_WEIGHTS", "~/folder")
    inside = put(tmp_path / "folder" / download.FILES[0])
    assert load().source == str(inside)
    inside.rename(tmp_path / "folder" / "other.pth")
    with pytest.raises(OptionError, match=f"GANCLI_WEIGHTS {tmp_path}/folder/{download.FILES[0]} cannot be found"):
        load()
    monkeypatch.setenv("GANCLI_WEIGHTS", str(tmp_path / "folder" / "other.pth"))
    assert load().is_published
    monkeypatch.setenv("GANCLI_WEIGHTS", str(tmp_path / "absent.pth"))
    with pytest.raises(OptionError, match=r"GANCLI_WEIGHTS .*absent\.pth cannot be found \(No such file"):
        weights.check(None)


def test_without_a_network_one_sentence_says_which_file_to_put_where(tmp_path):
    weights.check(None)
    with pytest.raises(DataError) as caught:
        load()
    text = str(caught.value)
    assert "cannot be downloaded" in text and "refused" in text and "\n" not in text
    for part in (download.FILES[0], str(tmp_path / "cache" / "weights"), "--weights-file", "GANCLI_WEIGHTS"):
        assert part in text
    assert kept(tmp_path) == []


def test_published_weights_are_kept_as_our_file_and_read_from_it(tmp_path):
    path = put(tmp_path / "w.pth")
    first = load(path)
    assert first.is_published and first.sha256 == hashlib.sha256(PUBLISHED).hexdigest()
    assert kept(tmp_path) == [places.OURS]
    ours = (tmp_path / "cache" / "weights" / places.OURS).stat()
    load(path)
    assert (tmp_path / "cache" / "weights" / places.OURS).stat() == ours
    path.unlink()
    second = load()
    assert second.source == str(tmp_path / "cache" / "weights" / places.OURS)
    assert (second.sha256, second.is_published) == (first.sha256, True)
    assert all(np.array_equal(second.tensors[name], first.tensors[name]) for name in SHAPES)


def test_a_file_in_the_cache_is_not_doubled_and_others_are_not_kept(tmp_path):
    load(put(tmp_path / "w.pth", OTHER), note=lambda text: None)
    assert kept(tmp_path) == []
    put(tmp_path / "cache" / "weights" / download.FILES[0])
    assert load().is_published
    assert kept(tmp_path) == [download.FILES[0]]


def test_a_cache_that_cannot_be_written_is_a_warning(tmp_path):
    put(tmp_path / "cache", b"no folder")
    notes = []
    assert load(put(tmp_path / "w.pth"), note=notes.append).is_published
    assert len(notes) == 1 and notes[0].startswith("warning: the weights are not kept for the next time: cannot write")


def test_another_file_is_accepted_with_one_warning(tmp_path):
    notes = []
    path = put(tmp_path / "w.pth", OTHER)
    found = load(path, note=notes.append)
    digest = hashlib.sha256(OTHER).hexdigest()
    assert (found.is_published, found.sha256) == (False, digest)
    assert notes == [
        f"warning: {path} is not the published file (SHA-256 begins with {digest[:8]}, not {download.SHA256[:8]}): "
        "scores are comparable only with those of the same file"
    ]


def test_our_file_keeps_the_checksum_of_the_original(tmp_path):
    weights.save_safetensors(weights.parse(OTHER, name="x"), tmp_path / "w.safetensors")
    found = load(tmp_path / "w.safetensors", note=lambda text: None)
    assert found.sha256 == hashlib.sha256(OTHER).hexdigest()
    content = (tmp_path / "w.safetensors").read_bytes()
    assert content[8:9] == b"{" and int.from_bytes(content[:8], "little") % 8 == 0
    put(tmp_path / "w.safetensors", content[:-3] + b"\x3e" + content[-2:])
    with pytest.raises(DataError, match="is damaged: its numbers are not those that were written; delete it"):
        load(tmp_path / "w.safetensors")


@pytest.mark.parametrize("precision", [np.float16, np.float32, np.float64])
def test_plain_safetensors_are_accepted(tmp_path, precision):
    numpy = pytest.importorskip("safetensors.numpy")
    counters = {"Conv2d_1a_3x3.bn.num_batches_tracked": np.array([3])}
    numpy.save_file({name: array.astype(precision) for name, array in ARRAYS.items()} | counters, tmp_path / "w.st")
    found = load(tmp_path / "w.st", note=lambda text: None)
    assert found.sha256 == hashlib.sha256((tmp_path / "w.st").read_bytes()).hexdigest() and not found.is_published
    for name, array in ARRAYS.items():
        assert np.array_equal(found.tensors[name], array.astype(precision).astype(np.float32))


def test_the_writer_of_safetensors_reads_our_file(tmp_path):
    safetensors = pytest.importorskip("safetensors")
    load(put(tmp_path / "w.pth"))
    with safetensors.safe_open(tmp_path / "cache" / "weights" / places.OURS, "numpy") as file:
        assert file.metadata()["format"] == "gancli inception-2015"
        assert all(np.array_equal(file.get_tensor(name), array) for name, array in ARRAYS.items())


def changed(**arrays):
    return ARRAYS | {name.replace("__", "."): array for name, array in arrays.items()}


ACCEPTED = {
    "with the branch that only training uses": file_of(ARRAYS | {"AuxLogits.fc.weight": np.zeros((9, 2), np.float32)}),
    "of DataParallel": file_of(ARRAYS, prefix="module."),
    "in a checkpoint": file_of(ARRAYS, epoch=3),
    "in half precision": file_of({name: array.astype(np.float16) for name, array in ARRAYS.items()}),
}


@pytest.mark.parametrize("case", ACCEPTED)
def test_what_is_beside_the_weights_does_not_matter(tmp_path, case):
    found = load(put(tmp_path / "w.pth", ACCEPTED[case]), note=lambda text: None)
    assert list(found.tensors) == list(SHAPES)
    assert found.source == str(tmp_path / "w.pth") + (" (state_dict)" if case == "in a checkpoint" else "")
    for name, array in ARRAYS.items():
        assert np.allclose(found.tensors[name], array, atol=1e-3)


REFUSED = {
    "torchvision's": (file_of(changed(fc__weight=np.zeros((5, 5), np.float32))), r"shape \(5, 5\), not \(6, 5\)"),
    "several shapes": (
        file_of(changed(fc__weight=np.zeros((5, 5), np.float32), fc__bias=np.zeros(5, np.float32))),
        r"'fc\.weight' has the shape \(5, 5\), not \(6, 5\) \(the first of 2 that differ\)",
    ),
    "ResNet's": (
        FORMS["zip"]({"conv1.weight": tensor(np.zeros(3, np.float32))}),
        r"it lacks 'Conv2d_1a_3x3\.conv\.weight' and 6 more arrays, and has 'conv1\.weight'",
    ),
    "more arrays": (file_of(changed(fc2__weight=ARRAYS["fc.bias"])), r"it also has 'fc2\.weight'"),
    "not a number": (file_of(changed(fc__bias=np.full(6, np.nan, np.float32))), "'fc.bias' has numbers that are not"),
    "too large for float32": (file_of(changed(fc__bias=np.full(6, 1e300))), "'fc.bias' has numbers that are not"),
    "a variance below 0": (
        file_of(ARRAYS | {"Conv2d_1a_3x3.bn.running_var": np.full(4, -1, np.float32)}),
        "variances below 0",
    ),
    "whole numbers": (file_of(changed(fc__bias=np.zeros(6, np.int64))), "'fc.bias' has the type int64, not float32"),
    "code": (zipped({"w": Global("posix", "system", ("id",))}), "asks for 'posix.system'"),
    "TorchScript": (stored({"a/data.pkl": b"N.", "a/constants.pkl": b"N."}), "TorchScript program, which is not run"),
    "Keras'": (b"\x89HDF\r\n\x1a\n" + bytes(4000), "an HDF5 file, as of Keras' InceptionV3, which --features"),
    "a page": (b"<html>" * 1000, "neither a PyTorch file .* nor a .safetensors file"),
    "cut short": (PUBLISHED[:-1], "cut short"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_other_files_are_refused_with_what_is_expected(tmp_path, case):
    content, match = REFUSED[case]
    with pytest.raises(DataError, match=match) as caught:
        load(put(tmp_path / "w.pth", content))
    text = str(caught.value)
    assert download.FILES[0] in text and "w.pth" in text and "\n" not in text
    assert kept(tmp_path) == []


QUICKLY_REFUSED = {
    "empty": (b"", "is empty"),
    "a page": (b"<html>" * 1000, "neither a PyTorch file"),
    "Keras'": (REFUSED["Keras'"][0], "an HDF5 file"),
    "a zip file cut short": (file_of(ARRAYS, "zip")[:-9], "is cut short: it has 0.0 MB and no end; copy it again"),
    "half of an older file": (PUBLISHED[:300], "is cut short or of another network: it has 0.0 MB"),
}


@pytest.mark.parametrize("case", QUICKLY_REFUSED)
def test_a_file_is_checked_before_anything_is_computed(tmp_path, case):
    content, match = QUICKLY_REFUSED[case]
    with pytest.raises(DataError, match=match):
        weights.check(put(tmp_path / "w.pth", content))


def test_the_check_accepts_what_is_read(tmp_path):
    weights.save_safetensors(weights.parse(PUBLISHED, name="x"), tmp_path / "w.safetensors")
    weights.check(tmp_path / "w.safetensors")
    for form in FORMS:
        weights.check(put(tmp_path / "w.pth", file_of(ARRAYS, form)))
    half = {name: array.astype(np.float16) for name, array in ARRAYS.items()}
    weights.check(put(tmp_path / "w.pth", file_of(half)))


@pytest.mark.parametrize("kind", ["absent", "folder", "pipe", "device", "loop", "a long name", "a zero in its name"])
def test_what_is_no_file_is_refused_at_once(tmp_path, kind):
    path = tmp_path / "w.pth"
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    elif kind in ("device", "loop"):
        path.symlink_to({"device": "/dev/zero", "loop": path.name}[kind])
    elif kind != "absent":
        path = tmp_path / {"a long name": "w" * 300, "a zero in its name": "w\0"}[kind]
    for act in (weights.check, load):
        with pytest.raises((OptionError, DataError), match=r"cannot be found|cannot read the weights"):
            act(path)


def test_options_of_these_features_need_them(tmp_path):
    given = {
        "--resize": {"resize": "clean"},
        "--dims": {"dims": 64},
        "--weights-file": {"weights_file": tmp_path / "w"},
    }
    for flag, option in given.items():
        for features in (None, "pixels", "classifier", "inception"):
            with pytest.raises(OptionError, match=f"^{flag} applies to --features inception-2015 alone: "):
                feature_extractors.check(FeatureChoice(features, **option))
    path = put(tmp_path / "w.pth")
    feature_extractors.check(FeatureChoice("Inception-2015", "clean", 64, path))
    feature_extractors.check(FeatureChoice("inception-2015"))
    with pytest.raises(OptionError, match="cannot be found"):
        feature_extractors.check(FeatureChoice("inception-2015", weights_file=tmp_path / "absent"))
