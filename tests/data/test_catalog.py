"""Well-known data sets by name: found in the data folder and in the caches that other libraries fill."""

import json
import shutil
import string
from importlib import import_module
from importlib.util import find_spec

import numpy as np
import pytest

from gancli import data
from gancli.core.errors import DataError
from gancli.data import Request, loading, sources
from gancli.data.catalog import search
from gancli.data.catalog.table import CHOICE, KNOWN, OWN, KnownSet
from gancli.runs.run import Run
from tests.helpers.specimens import cifar, encoded, idx, mnist_pickle, photo, pixels, put, stl10


@pytest.fixture(autouse=True)
def places(tmp_path, monkeypatch):
    """Empty folders as home, current folder, data folder, and caches of Keras and TFDS."""
    for name in ("home", "here", "data", "keras", "tfds"):
        (tmp_path / name).mkdir()
    monkeypatch.chdir(tmp_path / "here")
    for variable, name in (("HOME", "home"), ("KERAS_HOME", "keras"), ("TFDS_DATA_DIR", "tfds")):
        monkeypatch.setenv(variable, str(tmp_path / name))
    return tmp_path


def load(name, places):
    return data.load(name, Request(data_dir=str(places / "data")))


def torchvision_mnist(kind):
    def write(folder):
        for packed in (True, False):
            idx.write(folder / kind / "raw", idx.four(), packed=packed)

    return write


WAYS = {  # how files of a data set lie in a folder, after the library or site that puts them there
    "kmnist by torchvision": ("kmnist", torchvision_mnist("KMNIST")),
    "qmnist by torchvision": ("QMNIST", lambda at: idx.write(at / "QMNIST" / "raw", idx.four(**idx.QMNIST))),
    "qmnist's files": ("qmnist", lambda at: idx.write(at, idx.four(**idx.QMNIST))),
    "emnist's gzip.zip": ("emnist:letters", lambda at: idx.emnist(at, "letters", "digits")),
    "emnist by torchvision": ("emnist:digits", lambda at: idx.emnist_file(at / "EMNIST" / "raw")),
    "emnist's files": ("EMNIST:Letters", idx.emnist_file),
    "cifar100 by torchvision": ("cifar-100", cifar.in_folder("cifar-100-python", cifar.hundred)),
    "cifar100 in binary": ("cifar100:coarse", cifar.in_folder("cifar-100-binary", cifar.hundred_binary)),
    "stl10 by torchvision": ("stl10", stl10.folder),
    "stl10 without labels": ("stl10:unlabeled", stl10.folder),
    "mnist by torchvision": ("mnist", torchvision_mnist("MNIST")),
    "mnist's files": ("mnist", lambda at: idx.write(at, idx.four())),
    "mnist.pkl.gz": ("mnist", mnist_pickle.three),
    "fashion_mnist by torchvision": ("fashion_mnist", torchvision_mnist("FashionMNIST")),
    "cifar10 by torchvision": ("cifar10", cifar.in_folder("cifar-10-batches-py", cifar.ten)),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("place", ["data", "here/data"])
def test_a_name_finds_the_files_where_libraries_put_them(places, way, place):
    name, write = WAYS[way]
    write(places / place)
    found = load(name, places)
    assert found.name.lower() == name.lower().replace(":", "-").replace("cifar-100", "cifar100")
    assert len(found) >= 3
    described = data.inspect(name, data_dir=str(places / "data"))
    assert sum(described.parts.values()) == len(found) + len(found.test.get("image", ()))
    if place != "data":
        assert any("is read from" in remark.text for remark in found.remarks)


@pytest.mark.parametrize("way", [way for way, (name, _) in WAYS.items() if ":" in name or "files" in way])
def test_what_a_run_remembers_finds_the_same_data_again(places, monkeypatch, way):
    name, write = WAYS[way]
    write(places / "data")
    first = load(name, places)
    again = data.absolute(name, str(places / "data"))
    monkeypatch.chdir(places / "home")
    for source in {again, first.source} - set(sources.named_sources()):
        found = data.load(source)
        assert found.train["image"].shape == first.train["image"].shape
        assert np.array_equal(found.train["image"], first.train["image"])
        assert found.classes == first.classes


def test_keras_cache_is_searched_as_keras_fills_it(places):
    cifar.in_folder("datasets/cifar-100-python-target/cifar-100-python", cifar.hundred)(places / "keras")
    assert load("cifar100", places).classes == cifar.FINE
    assert load("cifar100:coarse", places).classes == cifar.COARSE


def test_the_newest_version_in_the_folder_of_tfds_is_found(places):
    for name in (
        "kmnist/3.0.0",
        "kmnist/3.0.10",
        "kmnist/incomplete.3.0.11",
        "emnist/letters/3.1.0",
        "svhn_cropped/3.1.0",
    ):
        put(places / "tfds" / name / "dataset_info.json", "{}")
    (places / "tfds" / "kmnist" / "incomplete.3.0.11" / "dataset_info.json").unlink()
    for name, version in (
        ("kmnist", "kmnist/3.0.10"),
        ("emnist:letters", "emnist/letters/3.1.0"),
        ("svhn", "svhn_cropped/3.1.0"),
    ):
        found = data.find(name, str(places / "data"))
        assert (found.path, found.choice) == (places / "tfds" / version, "")
    with pytest.raises(DataError, match="EMNIST is neither"):
        data.find("emnist:digits")


def test_files_of_others_among_them_are_left_alone(places):
    """Files in the data folder itself: those of one data set are read, and not the folders beside them."""
    for name in ("train_32x32.mat", "test_32x32.mat", "kmnist-train-imgs.npz", "list_attr_celeba.txt", "other.npz"):
        put(places / "data" / name, b"")
    put(places / "data" / "img_align_celeba" / "000001.jpg", b"")
    put(places / "data" / "pathmnist.npz", b"")
    put(places / "home" / ".medmnist" / "bloodmnist.npz", b"")
    find = lambda name: data.find(name, str(places / "data"))  # noqa: E731
    assert find("svhn").only == ("train_32x32.mat", "test_32x32.mat")
    assert find("kmnist").only == ("kmnist-train-imgs.npz",)
    assert find("celeba").only == ("img_align_celeba", "list_attr_celeba.txt")
    assert find("medmnist:PathMNIST").path == places / "data" / "pathmnist.npz"
    assert find("medmnist:bloodmnist").path == places / "home" / ".medmnist" / "bloodmnist.npz"


@pytest.mark.skipif(find_spec("gancli.data.layouts.arrays.array_folder") is None, reason="no recognizer of arrays")
def test_arrays_of_several_files_among_others_are_one_data_set(places):
    from scipy.io import savemat

    for part, name, count in (("train", "train", 20), ("test", "test", 10)):
        labels = (np.arange(count) % 10).astype(np.uint8)
        savemat(places / "data" / f"{name}_32x32.mat", {"X": pixels(32, 32, 3, count), "y": labels[:, None] + 1})
        np.savez(places / "data" / f"kmnist-{part}-imgs.npz", pixels(count, 28, 28))
        np.savez(places / "data" / f"kmnist-{part}-labels.npz", labels)
    letters = {"images": pixels(52, 784), "labels": (np.arange(52) % 26 + 1)[:, None]}
    savemat(places / "data" / "emnist-letters.mat", {"dataset": {"train": letters, "test": letters}})
    for name, counts, classes in (
        ("svhn", (20, 10), idx.DIGITS),
        ("kmnist", (20, 10), idx.KUZUSHIJI),
        ("emnist:letters", (52, 52), tuple(string.ascii_uppercase)),
    ):
        found = load(name, places)
        assert (len(found), len(found.test["image"]), found.classes) == (*counts, classes)
        again = data.load(found.source)
        assert np.array_equal(again.train["image"], found.train["image"])
        assert again.classes == classes


@pytest.mark.skipif(find_spec("gancli.data.layouts.records.tfrecords") is None, reason="no recognizer of TFRecords")
def test_data_sets_of_tfds_are_found_by_name_and_emnist_is_upright(places):
    """TFDS describes its EMNIST as inverted horizontally and rotated by 90 degrees; tf.transpose is its remedy."""
    tfrecords = import_module("tests.helpers.specimens.tfrecords")
    stored = pixels(6, 28, 28)
    rows = [tfrecords.example(image=encoded(one), label=row + 1) for row, one in enumerate(stored)]
    features = {"image": tfrecords.IMAGE, "label": {"classLabel": {"numClasses": "37"}}}
    for name in ("emnist/letters", "kmnist"):
        folder = places / "tfds" / name / "3.1.0"
        tfrecords.tfds_folder(folder, "emnist", features, {"train": rows})
    found = load("emnist:letters", places)
    assert np.array_equal(found.train["image"][..., 0], stored.transpose(0, 2, 1))
    assert found.classes == tuple("ABCDEF")
    assert np.array_equal(load("kmnist", places).train["image"][..., 0], stored)


def test_a_run_finds_its_well_known_data_again(places, stripes_file, run_path, monkeypatch):
    """From another folder, without --data-dir; and where they are now, with it."""
    monkeypatch.setitem(KNOWN, "stripes", KnownSet("Stripes", "s.npz", "a.b", ("{choice}.npz",), choices=("lying",)))
    for name in ("data", "there"):
        (places / name).mkdir(exist_ok=True)
        shutil.copy(stripes_file, places / name / "lying.npz")
    run = Run(run_path)
    found = load("stripes:lying", places)
    assert found.source == f"{places / 'data'}:stripes:lying"
    text = (run_path / "run.json").read_text(encoding="utf-8").replace(run.facts.source, found.source)
    text = text.replace(f'"data": "{found.source}"', '"data": "stripes:lying"')
    (run_path / "run.json").write_text(text, "utf-8")
    assert len(Run(run_path).dataset()) == 96
    shutil.rmtree(places / "data")
    with pytest.raises(DataError, match="no longer at"):
        Run(run_path).dataset()
    assert len(Run(run_path).dataset(str(places / "there"))) == 96


def test_pictures_among_others_are_packed_alone(places, gancli):
    photo(places / "data" / "img_align_celeba" / "000001.jpg")
    photo(places / "data" / "others" / "a.jpg", seed=1)
    answer = gancli("data", "pack", "celeba", places / "c.h5", "--data-dir", places / "data")
    assert (answer.code, "1 images" in answer.out) == (0, True), answer


def test_a_path_of_the_name_comes_first(places):
    put(places / "here" / "celeba" / "a.png", b"")
    put(places / "data" / "img_align_celeba" / "000001.jpg", b"")
    assert str(data.find("celeba", str(places / "data")).path) == "celeba"
    shutil.rmtree(places / "here" / "celeba")
    assert data.find("celeba", str(places / "data")).only == ("img_align_celeba",)
    put(places / "data" / "CelebA.zip", b"")
    assert data.find("celeba", str(places / "data")).path == places / "data" / "CelebA.zip"


@pytest.mark.parametrize("name", KNOWN)
def test_what_is_nowhere_is_said_with_files_and_site(places, gancli, name):
    known = KNOWN[name]
    source = f"{name}:{known.choices[0]}" if known.needed else name
    for options, where in ((["--data-dir", places / "data"], f"into {places / 'data'}"), ([], "as --data-dir")):
        answer = gancli("data", "check", source, *options)
        assert answer.code == 3
        assert all(text in answer.err for text in (known.title, known.site, where)), answer.err
        assert answer.err.count("\n") == 1
        assert CHOICE not in answer.err


def test_wrong_choices_are_refused_with_those_that_there_are(places):
    for source, reason in (
        ("emnist:leters", r"'leters' is no part of EMNIST: .*did you mean 'letters'"),
        ("medmnist", "MedMNIST has several parts: medmnist:pathmnist, medmnist:chestmnist"),
        ("kmnist:5", "'5' is no part of Kuzushiji-MNIST: give kmnist alone"),
        ("emnist:", "EMNIST has several parts"),
    ):
        with pytest.raises(DataError, match=reason):
            data.find(source, str(places / "data"))
    put(places / "a.png", b"")
    with pytest.raises(DataError, match="holds nothing to choose from: leave ':letters' out"):
        data.load(f"{places / 'data'}:letters")


def test_a_choice_behind_a_path_is_one_of_its_sets(places):
    path = idx.emnist(places / "data", "letters", "digits")
    for source in (f"{path}:letters", "gzip.zip:LETTERS", f"{places / 'data'}:emnist:letters"):
        assert load(source, places).classes == idx.TWENTY
    with pytest.raises(DataError, match="no split 'words' of EMNIST"):
        load(f"{path}:words", places)


def test_keras_own_files_come_before_those_of_its_cache(places, monkeypatch):
    """The npz in the data folder, then its idx files, then Keras' cache; nothing is downloaded where there are any."""

    def download(*_):
        raise AssertionError

    monkeypatch.setattr("gancli.data.datasets.keras_sets._download", download)
    idx.write(places / "data" / "MNIST" / "raw", idx.four())
    assert len(load("mnist", places)) == 20
    assert loading.load("mnist", Request(data_dir=str(places / "data"))).source.endswith("raw")
    np.savez(places / "data" / "mnist.npz", x_train=np.zeros((7, 28, 28), np.uint8), y_train=np.arange(7))
    assert len(load("mnist", places)) == 7
    idx.write(places / "here" / "data" / "FashionMNIST" / "raw", idx.four())
    assert len(load("fashion_mnist", places)) == 20
    put(places / "keras" / "datasets" / "fashion-mnist" / "x", b"")
    assert search.find_own_elsewhere("fashion_mnist") is None


def test_files_of_mnists_names_may_be_fashion_mnists(places, monkeypatch, real_data):
    """Their labels say which; the four files have the same names."""

    def download(*_):
        raise DataError("as nothing was found")

    monkeypatch.setattr("gancli.data.datasets.keras_sets._download", download)
    with np.load(real_data / "fashion_mnist.npz") as arrays:
        for part, start in (("test", "train"), ("test", "t10k")):
            put(places / "data" / f"{start}-images-idx3-ubyte", idx.idx(arrays[f"x_{part}"]))
            put(places / "data" / f"{start}-labels-idx1-ubyte", idx.idx(arrays[f"y_{part}"].astype(np.uint8).ravel()))
    assert load("fashion_mnist", places).classes[0] == "T-shirt/top"
    assert search.find_own("mnist", str(places / "data")) is not None
    with pytest.raises(DataError, match="as nothing was found"):
        load("mnist", places)


def test_names_of_the_table_do_not_meet_other_names():
    named = sources.named_sources()
    assert OWN.keys() <= named.keys()
    assert not KNOWN.keys() & named.keys()
    for name, known in KNOWN.items():
        assert name == name.casefold().replace("-", "").replace("_", "")
        assert known.title and known.put and "." in known.site
        assert all(pattern.count("/") <= 1 for pattern in known.patterns)
        assert not any("/" in pattern for pattern in known.loose)


def test_data_lists_the_names(gancli):
    answer = gancli("data")
    assert "medmnist:pathmnist" in answer.out
    assert set(json.loads(gancli("data", "--json").out)["known"]) >= {"kmnist", "emnist:letters", "svhn"}
