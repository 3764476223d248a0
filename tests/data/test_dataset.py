"""Data: every way in, and every bad file answered by its name."""

import json
import os
import zipfile

import h5py
import numpy as np
import pytest
from PIL import Image

from gancli import data
from gancli.core.errors import DataError
from gancli.data import Request, remarks
from gancli.data.formats import hdf5, hdf5_storage
from gancli.data.images import image_arrays, image_decoding, value_range_detection, value_ranges
from gancli.data.labels.label_arrays import as_labels

RED, BLUE = (200, 0, 0), (0, 0, 200)


@pytest.fixture
def folder(tmp_path):
    """Two classes of two pictures each, 10 x 10 colour, and things to be passed over."""
    for name, colour in {"cat/1.png": RED, "cat/2.JPG": RED, "dog/a b.png": BLUE, "dog/ü.webp": BLUE}.items():
        path = tmp_path / "animals" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (10, 10), colour).save(path)
    (tmp_path / "animals" / ".hidden.png").write_bytes(b"not an image")
    (tmp_path / "animals" / "notes.txt").write_text("not a picture", encoding="utf-8")
    (tmp_path / "animals" / "empty class").mkdir()
    return tmp_path / "animals"


def packed(folder):
    path = folder.parent / "animals.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for file in sorted(folder.rglob("*.*")):
            if file.is_file():
                archive.write(file, file.relative_to(folder.parent))
    return path


def saved(picture, tmp_path, name="x.png", **options):
    path = tmp_path / "set" / name
    path.parent.mkdir(exist_ok=True)
    picture.save(path, **options)
    return path.parent


# --- the ways in


def test_the_bundled_digits_need_no_file():
    digits = data.load("digits")
    assert digits.shape == (8, 8, 1)
    assert (len(digits), len(digits.test["image"])) == (1500, 297)
    assert digits.classes == tuple("0123456789")
    assert np.asarray(digits.train["image"]).max() == 255


@pytest.mark.parametrize("way", ["folder", "zip", "h5"])
def test_pictures_of_a_folder_a_zip_and_a_packed_file_are_the_same_set(folder, tmp_path, way, gancli):
    source = {"folder": folder, "zip": folder.parent / "animals.zip", "h5": tmp_path / "animals.h5"}[way]
    packed(folder)
    if way == "h5":
        assert gancli("data", "pack", folder, source).code == 0
    dataset = data.load(str(source))
    assert (len(dataset), dataset.shape) == (4, (10, 10, 3))
    assert dataset.classes == ("cat", "dog")
    assert dataset.train["label"].tolist() == [0, 0, 1, 1]
    assert dataset.train["image"][0][5, 5].tolist() == list(RED)
    assert dataset.train["image"][3][5, 5][2] > 180


def test_pictures_are_decoded_once(folder, monkeypatch):
    first = data.load(str(folder))
    monkeypatch.setattr(image_decoding, "decode_square", None)  # decoding again would fail
    assert data.load(str(folder)).facts().fingerprint == first.facts().fingerprint
    with pytest.raises(TypeError):
        data.load(str(folder), Request(color="gray"))


def test_a_changed_file_is_decoded_again_and_a_damaged_cache_made_anew(folder):
    from gancli.core.cache import cache_folder

    before = data.load(str(folder)).facts().fingerprint
    Image.new("RGB", (10, 10), BLUE).save(folder / "cat/1.png")
    os.utime(folder / "cat/1.png", ns=(1, 1))
    after = data.load(str(folder)).facts().fingerprint
    assert before != after
    for path in (cache_folder() / "decoded").iterdir():
        path.write_bytes(b"torn")
    assert data.load(str(folder)).facts().fingerprint == after


def test_size_and_colour_are_brought_to_what_is_asked(folder):
    assert data.load(str(folder), Request(16, "gray")).shape == (16, 16, 1)
    assert data.load("digits", Request(28, "rgb")).shape == (28, 28, 3)
    assert data.load("digits", Request(fit=lambda side: 32)).shape == (32, 32, 1)


@pytest.mark.parametrize("layout", ["keras", "images"])
def test_npz_in_both_layouts(tmp_path, stripes, layout):
    labels = np.repeat([0, 1], 48)
    keys = {"keras": ("x_train", "y_train"), "images": ("images", "labels")}[layout]
    np.savez(tmp_path / "a.npz", **{keys[0]: stripes, keys[1]: labels[:, None]})
    dataset = data.load(str(tmp_path / "a.npz"))
    assert (len(dataset), dataset.shape, dataset.classes) == (96, (8, 8, 1), ("0", "1"))


@pytest.mark.parametrize("chunks", [None, (8, 8, 8, 1)])
def test_a_row_on_disk_is_the_same_however_it_lies_there(tmp_path, stripes, chunks):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.create_dataset("before", data=np.arange(7))
        file.create_dataset("images", data=stripes[..., None], chunks=chunks)
    column = data.load(str(tmp_path / "a.h5")).train["image"]
    assert isinstance(column, hdf5_storage.ContiguousDataset) == (chunks is None)
    for row in (0, 17, 95, -1):
        assert np.array_equal(column[row], stripes[row][..., None])
    assert np.array_equal(column[5:9], stripes[5:9, ..., None])
    with pytest.raises((IndexError, ValueError)):
        column[96]


def test_a_file_that_is_cut_short_while_it_is_read_says_so(tmp_path, stripes):
    hdf5.write(tmp_path / "a.h5", stripes[..., None], (*stripes.shape, 1))
    column = data.load(str(tmp_path / "a.h5")).train["image"]
    os.truncate(tmp_path / "a.h5", column.stored.id.get_offset() + 100)
    with pytest.raises(DataError, match="cut short"):
        column[95]


def test_hdf5_stays_on_disk_and_is_read_in_slices(tmp_path, stripes):
    hdf5.write(tmp_path / "a.h5", stripes[..., None], (*stripes.shape, 1), columns={"labels": np.repeat([0, 1], 48)})
    dataset = data.load(str(tmp_path / "a.h5"))
    assert not isinstance(dataset.train["image"], np.ndarray)
    assert np.array_equal(dataset.train["image"][7], stripes[7][..., None])
    np.savez(tmp_path / "a.npz", images=stripes, labels=np.repeat([0, 1], 48))
    assert data.load(str(tmp_path / "a.npz")).facts().fingerprint == dataset.facts().fingerprint


def test_resizing_is_antialiased(tmp_path):
    board = np.indices((64, 64)).sum(axis=0) % 2 * 255
    small = image_arrays.resize(board.astype(np.uint8)[None, ..., None], 8)
    assert small.std() < 2  # a board finer than the pixels becomes gray
    assert abs(int(small.mean()) - 127) < 3


def test_one_hot_labels_are_read():
    assert as_labels(np.eye(3)[[2, 0, 1]], 3, (), name="x").tolist() == [2, 0, 1]


def test_an_unknown_source_is_answered_with_the_known_ones():
    with pytest.raises(DataError, match="did you mean 'mnist'"):
        data.load("minst")


def test_the_keras_layout_in_the_data_folder_comes_first(tmp_path, stripes):
    labels = np.repeat([0, 1], 48)
    np.savez(tmp_path / "mnist.npz", x_train=stripes, y_train=labels, x_test=stripes[:4], y_test=labels[:4])
    dataset = data.load("mnist", Request(data_dir=str(tmp_path)))
    assert (len(dataset), len(dataset.test["image"]), dataset.classes) == (96, 4, ("0", "1"))


def test_ranges_of_floats_are_told_apart():
    def read(values):
        ranges, _ = value_range_detection.detect_in_arrays({"images": values}, name="x")
        return value_ranges.to_bytes(values, ranges).ravel()

    assert read(np.array([[[0.0, 1.0]]])).tolist() == [0, 255]
    assert read(np.array([[[-1.0, 1.0]]])).tolist() == [0, 255]
    assert read(np.array([[[0.0, 128.0]]])).tolist() == [0, 128]
    assert read(np.array([[[0, 65535]]], np.uint16)).tolist() == [0, 255]
    assert read(np.array([[[False, True]]])).tolist() == [0, 255]


@pytest.mark.parametrize("kind", ["npz", "h5", "folder"])
def test_a_crop_is_the_middle_in_the_image_s_own_pixels(tmp_path, kind):
    pixels = np.random.default_rng(0).integers(0, 256, (3, 12, 12, 3), np.uint8)
    path = tmp_path / ("a" if kind == "folder" else f"a.{kind}")
    if kind == "npz":
        np.savez(path, images=pixels)
    elif kind == "h5":
        hdf5.write(path, pixels, pixels.shape)
    else:
        path.mkdir()
        for number, image in enumerate(pixels):
            Image.fromarray(image).save(path / f"{number}.png")
    for _ in range(2):  # the second from the cache
        found = data.load(str(path), Request(crop=8))
        assert np.array_equal(found.train["image"][:], pixels[:, 2:10, 2:10])
    assert data.load(str(path), Request(4, crop=8)).shape == (4, 4, 3)
    with pytest.raises(DataError, match="crop of 13"):
        data.load(str(path), Request(crop=13))


# --- remarks


def test_remarks_pass_through_a_packed_file(tmp_path):
    told = (remarks.guessed("pixels are 0 and 1"), remarks.left_out("3 files", matters=False))
    hdf5.write(
        tmp_path / "a.h5", [np.zeros((4, 4, 1), np.uint8)], (1, 4, 4, 1), description=hdf5.Description(remarks=told)
    )
    assert data.load(str(tmp_path / "a.h5")).remarks == told


def test_notes_of_an_older_file_are_kept(tmp_path):
    hdf5.write(tmp_path / "a.h5", [np.zeros((4, 4, 1), np.uint8)], (1, 4, 4, 1))
    with h5py.File(tmp_path / "a.h5", "r+") as file:
        del file.attrs["remarks"]
        file.attrs["notes"] = json.dumps(["2 pictures animated"])
    assert data.load(str(tmp_path / "a.h5")).remarks == (remarks.changed("2 pictures animated"),)


@pytest.mark.parametrize("held", [[1], [["odd", "x", True]], [["guessed", 1, True]], [["guessed", "x"]]])
def test_strange_remarks_are_refused(tmp_path, held):
    hdf5.write(tmp_path / "a.h5", [np.zeros((4, 4, 1), np.uint8)], (1, 4, 4, 1))
    with h5py.File(tmp_path / "a.h5", "r+") as file:
        file.attrs["remarks"] = json.dumps(held)
    with pytest.raises(DataError, match="remarks"):
        data.load(str(tmp_path / "a.h5"))


def test_strict_refuses_what_would_be_noted(gancli, tmp_path, folder):
    Image.new("RGB", (12, 10), RED).save(folder / "cat" / "oblong.png")
    train = ["train", "--model", "gan", "--data", str(folder), "--batch-size", "2", "--dry-run"]
    told = gancli(*train)
    assert (told.code, ", 1 of them not square" in told.err) == (0, True)
    for command in ([*train, "--strict"], ["data", "check", str(folder), "--strict"]):
        refused = gancli(*command)
        assert refused.code == DataError.exit_code, refused
        assert "not square" in refused.err
