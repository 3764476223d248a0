"""Arrays as their authors published them: pixels upright and in the right color, labels and names of classes."""

import gzip
import shutil

import numpy as np
import pytest

from gancli import data
from gancli.core.errors import DataError
from gancli.data import Request, layouts
from tests.helpers.specimens import cifar, idx, mnist_pickle, pixels, put, stl10


def load(path, **options):
    return data.load(str(path), Request(**options))


def test_idx_files_give_their_pixels_and_labels_in_order(tmp_path):
    for packed in (True, False):
        found = load(idx.write(tmp_path / str(packed), idx.four(), packed=packed))
        assert np.array_equal(found.train["image"][..., 0], pixels(20, 28, 28))
        assert found.train["label"].tolist() == [*range(10)] * 2
        assert found.test["image"][:, 5, 7, 0].tolist() == [20 * at for at in range(10)]
        assert found.test["label"].tolist() == [*range(10)]


def test_emnist_is_upright_by_any_way_to_it(tmp_path):
    """torchvision's own note on its files: they are transposed."""
    stored = pixels(20, 28, 28)
    archive = idx.emnist(tmp_path, "letters")
    for path in (archive, idx.emnist_file(tmp_path / "x")):
        found = load(path)
        assert np.array_equal(found.train["image"][..., 0], stored.transpose(0, 2, 1))
        assert found.classes[found.train["label"][3]] == "D"


def test_of_several_splits_of_emnist_one_must_be_chosen(tmp_path):
    path = idx.emnist(tmp_path, "letters", "digits", "mnist")
    with pytest.raises(
        DataError, match=r"3 splits of EMNIST \(digits, letters, mnist\): choose one .* gzip\.zip:letters"
    ):
        load(path)
    found = layouts.recognize(path, Request(), "digits")
    assert found.classes == tuple("0123456789")
    texts = [remark.text for remark in found.remarks if remark.kind == "left out"]
    assert texts == ["the other splits of EMNIST are not read: letters, mnist"]
    with pytest.raises(DataError, match="no split 'words' of EMNIST; it holds digits, letters, mnist"):
        layouts.recognize(path, Request(), "words")


def test_emnist_without_its_mapping_has_the_published_names(tmp_path):
    for split, first, classes, last in (("byclass", 0, 62, "z"), ("balanced", 0, 47, "t"), ("letters", 1, 26, "Z")):
        files = idx.four(f"emnist-{split}-train", f"emnist-{split}-test", first=first, classes=classes)
        found = data.inspect(str(idx.write(tmp_path / split, files)))
        assert (len(found.classes), found.classes[-1]) == (classes, last)


def test_two_data_sets_below_one_folder_are_named_not_mixed(tmp_path):
    for name in ("MNIST", "KMNIST"):
        idx.write(tmp_path / name / "raw", idx.four())
    with pytest.raises(DataError, match="2 data sets of idx files: give one folder of KMNIST/raw, MNIST/raw"):
        load(tmp_path)
    for name in ("cifar-10-batches-py", "copy"):
        cifar.in_folder(f"c/{name}", cifar.ten)(tmp_path)
    with pytest.raises(DataError, match="2 sets of CIFAR's batches: give one folder of cifar-10-batches-py, copy"):
        load(tmp_path / "c")


def test_training_and_test_files_in_two_folders_are_one_data_set(tmp_path):
    for name, content in idx.four().items():
        put(tmp_path / name.partition("-")[0] / name, content)
    assert data.inspect(str(tmp_path)).parts == {"train": 20, "validation": 0, "test": 10}


def test_published_sets_are_known_by_their_labels(tmp_path, real_data):
    for name, first in (("mnist", "0"), ("fashion_mnist", "T-shirt/top")):
        with np.load(real_data / f"{name}.npz") as arrays:
            images, labels = arrays["x_test"], arrays["y_test"].astype(np.uint8).ravel()
        put(tmp_path / name[0] / "t10k-images-idx3-ubyte", idx.idx(images))
        put(tmp_path / name[0] / "t10k-labels-idx1-ubyte", idx.idx(labels))
        found = load(tmp_path / name[0])
        assert found.classes[0] == first
        assert np.array_equal(found.train["image"][..., 0], images)


@pytest.mark.parametrize("name", ["python", "binary"])
def test_cifar_gives_its_planes_as_colors_and_its_batches_in_order(tmp_path, name):
    files, ending = (cifar.ten, "") if name == "python" else (cifar.ten_binary, ".bin")
    path = cifar.in_folder("c", files)(tmp_path)
    found = load(path)
    rows = np.concatenate([cifar.planes(4, seed=number) for number in range(1, 6)])
    assert np.array_equal(found.train["image"].transpose(0, 3, 1, 2).reshape(20, -1), rows)
    assert found.train["label"].tolist() == [(4 + at) % 10 for at in range(20)]
    assert np.array_equal(load(path / f"test_batch{ending}").train["image"], found.test["image"])


def test_cifar_of_columns_in_memory_order_is_read_alike(tmp_path):
    files = cifar.ten(dumps=cifar.python3(2))
    rows = cifar.planes(10)
    for order in ("C", "F"):
        content = {"labels": [0] * 10, "data": np.asarray(rows, order=order)}
        path = put(tmp_path / order / "test_batch", cifar.python3(5)(content))
        put(tmp_path / order / "batches.meta", files["batches.meta"])
        found = load(path).train["image"]
        assert np.array_equal(found.transpose(0, 3, 1, 2).reshape(10, -1), rows)


@pytest.mark.parametrize("files", [cifar.hundred, cifar.hundred_binary])
def test_cifar_100_has_fine_labels_and_coarse_ones_on_request(tmp_path, files):
    path = cifar.in_folder("c", files)(tmp_path)
    assert load(path).train["label"].tolist() == [*range(100)]
    found = layouts.recognize(path, Request(), "coarse").load(Request())
    assert found.classes == cifar.COARSE
    assert found.train["label"].tolist() == [at // 5 for at in range(100)]
    assert any("':coarse' behind" in remark.text for remark in data.inspect(str(path)).remarks)
    with pytest.raises(DataError, match="fine and coarse"):
        layouts.recognize(path, Request(), "medium")


def test_what_is_beside_the_files_of_a_data_set_is_named(tmp_path):
    for path in (
        idx.write(tmp_path / "i", idx.four()),
        cifar.in_folder("c", cifar.ten_binary)(tmp_path),
        stl10.folder(tmp_path),
    ):
        for name in ("a.npz", "b.png"):
            put(path / name, b"x")
        remarks = {remark.text: remark.matters for remark in data.inspect(str(path)).remarks}
        assert remarks.get("1 further files are not read: a.npz") is False
        assert remarks.get("1 pictures are not read: b.png") is True


def test_a_file_named_train_without_cifars_names_is_none_of_its_batches(tmp_path):
    put(tmp_path / "d" / "train", b"\x80\x02}.")
    put(tmp_path / "d" / "train.bin", bytes(3074))
    shutil.copy(stl10.folder(tmp_path) / "class_names.txt", tmp_path / "d")
    assert data.inspect(str(tmp_path / "d")).parts["train"] == 0


def test_stl10_is_upright_with_labels_from_0_and_unlabeled_images_on_request(tmp_path):
    path = stl10.folder(tmp_path)
    found = load(path)
    assert np.array_equal(found.train["image"], pixels(20, 96, 96, 3))
    assert found.train["label"].tolist() == [*range(10)] * 2
    unlabeled = layouts.recognize(path, Request(), "unlabeled").load(Request())
    assert np.array_equal(unlabeled.train["image"], pixels(3, 96, 96, 3, seed=2))
    assert not unlabeled.test
    with pytest.raises(DataError, match=r"unlabeled_X\.bin"):
        layouts.recognize(path, Request(), "labeled")


@pytest.mark.parametrize("protocol", range(6))
def test_mnist_pkl_gz_gives_its_three_parts(tmp_path, protocol):
    content = mnist_pickle.pairs(30, 10, 20, protocol=protocol)
    found = load(put(tmp_path / "mnist.pkl.gz", gzip.compress(content, 1)))
    assert (len(found), found.validation, len(found.test["image"])) == (40, 10, 20)
    assert np.array_equal(found.train["image"][:30, ..., 0], pixels(30, 28, 28))
    assert found.train["label"].tolist() == [*range(10)] * 4
