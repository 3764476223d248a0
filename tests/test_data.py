"""Data: every way in, and every bad file answered by its name."""

import importlib
import io
import os
import warnings
import zipfile

import h5py
import numpy as np
import pytest
from PIL import Image, ImageOps

from gancli import data
from gancli.data import Request, hdf5, pictures
from gancli.data.dataset import as_images, as_labels
from gancli.errors import DataError

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
    monkeypatch.setattr(pictures, "as_array", None)  # decoding again would fail
    assert data.load(str(folder)).facts().fingerprint == first.facts().fingerprint
    with pytest.raises(TypeError):
        data.load(str(folder), Request(color="grey"))


def test_a_changed_file_is_decoded_again_and_a_damaged_cache_made_anew(folder):
    from gancli.data.folder import cache_folder

    before = data.load(str(folder)).facts().fingerprint
    Image.new("RGB", (10, 10), BLUE).save(folder / "cat/1.png")
    os.utime(folder / "cat/1.png", ns=(1, 1))
    after = data.load(str(folder)).facts().fingerprint
    assert before != after
    for path in (cache_folder() / "decoded").iterdir():
        path.write_bytes(b"torn")
    assert data.load(str(folder)).facts().fingerprint == after


def test_size_and_colour_are_brought_to_what_is_asked(folder):
    assert data.load(str(folder), Request(16, "grey")).shape == (16, 16, 1)
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
    assert isinstance(column, hdf5.InOnePiece) == (chunks is None)
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


# --- odd pictures: one rule for each


def test_sixteen_bits_are_scaled_not_clipped(tmp_path):
    wide = np.full((8, 8), 25700, np.uint16)
    folder = saved(Image.fromarray(wide), tmp_path)
    assert data.load(str(folder)).train["image"][0][0, 0, 0] == 100


def test_floats_are_stretched_and_told(tmp_path):
    folder = saved(Image.fromarray(np.linspace(-3, 9, 64, dtype=np.float32).reshape(8, 8)), tmp_path, "x.tiff")
    dataset = data.load(str(folder))
    image = dataset.train["image"][0]
    assert (image.min(), image.max()) == (0, 255)
    assert "floating-point" in dataset.notes[0]


@pytest.mark.parametrize("mode", ["RGBA", "LA", "PA"])
def test_transparency_is_laid_on_white(tmp_path, mode):
    picture = Image.new("RGBA", (8, 8), (90, 90, 90, 0))
    if mode == "PA":
        picture = picture.quantize(4)
    elif mode == "LA":
        picture = picture.convert("LA")
    dataset = data.load(str(saved(picture, tmp_path)))
    assert dataset.train["image"][0].min() == 255
    assert "on white" in dataset.notes[0]


@pytest.mark.parametrize(("mode", "channels"), [("1", 1), ("L", 1), ("P", 3), ("CMYK", 3)])
def test_other_modes_become_grey_or_rgb(tmp_path, mode, channels):
    picture = Image.new("RGB", (8, 8), "white").convert(mode)
    dataset = data.load(str(saved(picture, tmp_path, "x.tiff")))
    assert dataset.shape == (8, 8, channels)
    assert dataset.train["image"][0].min() >= 254


def test_a_picture_on_its_side_is_put_upright(tmp_path):
    picture = Image.new("L", (8, 8), 0)
    picture.paste(255, (0, 0, 8, 4))  # bright above
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned right by 90 degrees: bright on the right
    image = data.load(str(saved(picture, tmp_path, "x.png", exif=exif))).train["image"][0]
    assert image[4, 7, 0] > 250
    assert image[4, 0, 0] < 5
    assert ImageOps.exif_transpose(Image.open(tmp_path / "set/x.png")).getpixel((7, 4)) == 255


@pytest.mark.parametrize("name", ["x.gif", "x.webp", "x.png"])
def test_the_first_frame_of_an_animation_is_taken_and_told(tmp_path, name):
    frames = [Image.new("RGB", (8, 8), colour) for colour in (RED, BLUE, RED)]
    folder = saved(frames[0], tmp_path, name, save_all=True, append_images=frames[1:])
    dataset = data.load(str(folder), Request(color="rgb"))
    assert dataset.train["image"][0][4, 4][0] > 150
    assert "animated" in dataset.notes[0]


def test_different_sizes_become_64_and_the_middle_is_kept(tmp_path):
    saved(Image.new("RGB", (100, 50), RED), tmp_path, "a.png")
    dataset = data.load(str(saved(Image.new("RGB", (30, 30), BLUE), tmp_path, "b.png")))
    assert dataset.shape == (64, 64, 3)
    assert "not square" in dataset.notes[0]


def test_resizing_is_antialiased(tmp_path):
    board = np.indices((64, 64)).sum(axis=0) % 2 * 255
    small = pictures.resize(board.astype(np.uint8)[None, ..., None], 8)
    assert small.std() < 2  # a board finer than the pixels becomes grey
    assert abs(int(small.mean()) - 127) < 3


# --- bad files


def bad_folder(tmp_path, content, name="bad.png"):
    folder = saved(Image.new("RGB", (8, 8)), tmp_path, "good.png")
    (folder / name).write_bytes(content)
    return folder


def png(size=(200, 200)):
    buffer = io.BytesIO()
    Image.effect_noise(size, 50).save(buffer, "PNG")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"", "empty"), (b"text", "not an image"), (png()[:5000], ""), (b"%PDF-1.4", "not an image")],
    ids=["empty", "text", "cut", "pdf"],
)
def test_a_bad_file_is_named(tmp_path, content, reason):
    with pytest.raises(DataError, match=rf"bad\.png: .*{reason}"):
        data.load(str(bad_folder(tmp_path, content)))


def test_a_decompression_bomb_is_refused_before_it_is_decoded(tmp_path, monkeypatch):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 10_000)
    with warnings.catch_warnings(), pytest.raises(DataError, match=r"bad\.png: a decompression bomb"):
        warnings.simplefilter("error")
        data.load(str(bad_folder(tmp_path, png((120, 120)))))


def test_a_folder_without_pictures_and_a_broken_link_are_named(tmp_path):
    (tmp_path / "none").mkdir()
    with pytest.raises(DataError, match="holds no pictures"):
        data.load(str(tmp_path / "none"))
    folder = saved(Image.new("RGB", (8, 8)), tmp_path)
    (folder / "lost.png").symlink_to(tmp_path / "nowhere.png")
    with pytest.raises(DataError, match=r"lost\.png"):
        data.load(str(folder))


def test_a_pipe_in_a_folder_is_passed_over(tmp_path):
    folder = saved(Image.new("RGB", (8, 8)), tmp_path)
    os.mkfifo(folder / "pipe.png")
    assert len(data.load(str(folder))) == 1


@pytest.mark.parametrize("name", ["../x.png", "/tmp/x.png", "C:/x.png", "a/../../x.png", "..\\x.png"])
def test_path_tricks_in_a_zip_are_refused(tmp_path, name):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr(name, png((8, 8)))
    with pytest.raises(DataError, match="points outside"):
        data.load(str(tmp_path / "a.zip"))


def test_links_and_bombs_in_a_zip_are_refused(tmp_path):
    link = zipfile.ZipInfo("link.png")
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(tmp_path / "link.zip", "w") as archive:
        archive.writestr(link, "/etc/passwd")
    with pytest.raises(DataError, match="is a link"):
        data.load(str(tmp_path / "link.zip"))
    with (
        zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("x.png", "w") as file,
    ):
        for _ in range(501):
            file.write(bytes(1_000_000))
    with pytest.raises(DataError, match="decompression bomb"):
        data.load(str(tmp_path / "bomb.zip"))


@pytest.mark.parametrize("ending", ["zip", "npz", "h5"])
@pytest.mark.parametrize("content", [b"", b"text", b"PK\x03\x04"], ids=["empty", "text", "cut"])
def test_a_file_that_is_not_what_its_name_says_is_refused(tmp_path, ending, content):
    (tmp_path / f"a.{ending}").write_bytes(content)
    with pytest.raises(DataError, match=rf"a\.{ending} is not a readable"):
        data.load(str(tmp_path / f"a.{ending}"))


class Trap:
    """Unpickling it would leave a file behind."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return (open, (str(self.path), "w"))


def test_pickles_in_npz_are_never_opened(tmp_path):
    marker = tmp_path / "marker"
    np.savez(tmp_path / "a.npz", images=np.array([Trap(marker)], object))
    with pytest.raises(DataError, match="not loaded"):
        data.load(str(tmp_path / "a.npz"))
    assert not marker.exists()


def test_an_array_that_claims_more_than_it_holds_is_refused(tmp_path):
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, {"descr": "|u1", "fortran_order": False, "shape": (10**13, 8, 8)})
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as archive:
        archive.writestr("images.npy", header.getvalue() + bytes(100))
    with pytest.raises(DataError, match="cut short"):
        data.load(str(tmp_path / "a.npz"))


IMAGES = np.zeros((6, 8, 8), np.uint8)


@pytest.mark.parametrize(
    ("arrays", "reason"),
    [
        ({"pictures": IMAGES}, "expected x_train, or images"),
        ({"images": IMAGES[:0]}, "not empty"),
        ({"images": IMAGES[0]}, "shape"),
        ({"images": np.zeros((6, 8, 8, 2), np.uint8)}, "shape"),
        ({"images": np.full((6, 8, 8), np.nan)}, "NaN"),
        ({"images": IMAGES.astype(float) + 300}, "pixels from 300"),
        ({"images": IMAGES.astype(complex)}, "complex"),
        ({"images": IMAGES, "labels": np.zeros(5, int)}, "for 6 images"),
        ({"images": IMAGES, "labels": np.full(6, -1)}, "from -1"),
        ({"images": IMAGES, "labels": np.full(6, 0.5)}, "whole numbers"),
        ({"images": IMAGES, "labels": np.arange(6), "classes": np.array(["a", "b"])}, "for 2 classes"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
@pytest.mark.parametrize("ending", ["npz", "h5"])
def test_wrong_arrays_are_refused_in_words(tmp_path, arrays, reason, ending):
    path = tmp_path / f"a.{ending}"
    if ending == "npz":
        np.savez(path, **arrays)
    else:
        with h5py.File(path, "w") as file:
            for key, array in arrays.items():
                if key != "classes":
                    file[key] = array
            file.attrs["classes"] = '["a", "b"]' if "classes" in arrays else "[]"
        reason = reason.replace("expected x_train, or images", "has no 'images'").replace("not empty", "shape")
        reason = reason.replace("complex", "not numbers")
    with pytest.raises(DataError, match=reason):
        data.load(str(path))


def test_links_external_storage_and_bombs_in_hdf5_are_refused(tmp_path):
    secret = tmp_path / "secret"
    secret.write_bytes(bytes(64))
    ways = {
        "link": lambda file: file.__setitem__("images", h5py.ExternalLink(str(tmp_path / "other.h5"), "/images")),
        "another file": lambda file: file.create_dataset(
            "images", (1, 8, 8), np.uint8, external=[(str(secret), 0, 64)]
        ),
        "claims": lambda file: file.create_dataset("images", (10**9, 64, 64), np.uint8, chunks=(1, 64, 64)),
    }
    for reason, fill in ways.items():
        with h5py.File(tmp_path / "a.h5", "w") as file:
            fill(file)
        with pytest.raises(DataError, match=reason):
            data.load(str(tmp_path / "a.h5"))


def test_ranges_of_floats_are_told_apart():
    assert as_images(np.array([[[0.0, 1.0]]]), name="x").ravel().tolist() == [0, 255]
    assert as_images(np.array([[[-1.0, 1.0]]]), name="x").ravel().tolist() == [0, 255]
    assert as_images(np.array([[[0.0, 128.0]]]), name="x").ravel().tolist() == [0, 128]
    assert as_images(np.array([[[0, 65535]]], np.uint16), name="x").ravel().tolist() == [0, 255]
    assert as_images(np.array([[[False, True]]]), name="x").ravel().tolist() == [0, 255]


def test_one_hot_labels_are_read():
    assert as_labels(np.eye(3)[[2, 0, 1]], 3, (), name="x").tolist() == [2, 0, 1]


def test_an_unknown_source_is_answered_with_the_known_ones():
    with pytest.raises(DataError, match="did you mean 'mnist'"):
        data.load("minst")


def test_a_refused_download_says_where_to_put_which_file(tmp_path, monkeypatch):
    mnist = importlib.import_module("keras.src.datasets.mnist")

    def refused(*_, **__):
        raise Exception("URL fetch failure on https://example.org: None -- [Errno 111] Connection refused")

    monkeypatch.setattr(mnist, "get_file", refused)
    with pytest.raises(DataError, match=r"mnist\.npz.*--data digits") as error:
        data.load("mnist", Request(data_dir=str(tmp_path)))
    assert str(tmp_path / "mnist.npz") in str(error.value)


def test_the_keras_layout_in_the_data_folder_comes_first(tmp_path, stripes):
    labels = np.repeat([0, 1], 48)
    np.savez(tmp_path / "mnist.npz", x_train=stripes, y_train=labels, x_test=stripes[:4], y_test=labels[:4])
    dataset = data.load("mnist", Request(data_dir=str(tmp_path)))
    assert (len(dataset), len(dataset.test["image"]), dataset.classes[7]) == (96, 4, "7")


def test_links_to_pipes_and_devices_are_passed_over(tmp_path):
    folder = saved(Image.new("RGB", (8, 8)), tmp_path)
    os.mkfifo(tmp_path / "pipe")
    (folder / "pipe.png").symlink_to(tmp_path / "pipe")
    (folder / "zero.png").symlink_to("/dev/zero")
    assert len(data.load(str(folder))) == 1


def test_a_zip_member_of_an_unknown_compression_is_named(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("x.png", png((8, 8)))
    content = (tmp_path / "a.zip").read_bytes()
    start = content.index(b"PK\x01\x02")
    content = content[:8] + b"\x09\x00" + content[10 : start + 10] + b"\x09\x00" + content[start + 12 :]
    (tmp_path / "a.zip").write_bytes(content)
    with pytest.raises(DataError, match=r"x\.png"):
        data.load(str(tmp_path / "a.zip"))


@pytest.mark.parametrize("cut", range(1, 40))
def test_an_animation_cut_anywhere_is_named_or_read(tmp_path, cut):
    frames = [Image.new("P", (8, 8), index) for index in range(3)]
    buffer = io.BytesIO()
    frames[0].save(buffer, "GIF", save_all=True, append_images=frames[1:])
    folder = tmp_path / "set"
    folder.mkdir()
    (folder / "x.gif").write_bytes(buffer.getvalue()[:-cut])
    try:
        assert len(data.load(str(folder))) == 1
    except DataError as error:
        assert "x.gif" in str(error)


@pytest.mark.parametrize("cut", [1, 60, 200])
def test_an_array_cut_anywhere_is_refused(tmp_path, cut):
    whole = io.BytesIO()
    np.lib.format.write_array(whole, IMAGES)
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as archive:
        archive.writestr("images.npy", whole.getvalue()[:-cut])
    with pytest.raises(DataError, match=r"a\.npz"):
        data.load(str(tmp_path / "a.npz"))


@pytest.mark.parametrize(
    "labels", [np.full(6, np.inf), np.array([["a"]] * 6), np.array(3)], ids=["inf", "text", "scalar"]
)
@pytest.mark.parametrize("ending", ["npz", "h5"])
def test_odd_labels_are_refused_in_words(tmp_path, labels, ending):
    path = tmp_path / f"a.{ending}"
    if ending == "npz":
        np.savez(path, images=IMAGES, labels=labels)
    else:
        with h5py.File(path, "w") as file:
            file["images"] = IMAGES
            file["labels"] = labels.astype("S1") if labels.dtype.kind == "U" else labels
    with pytest.raises(DataError, match=r"labels"):
        data.load(str(path))


def test_names_that_are_no_paths_are_no_data_sets():
    for name in ("~nobody-of-that-name/x", "x" * 300):
        with pytest.raises(DataError, match="no data set"):
            data.load(name)
