"""Pixel ranges: one rule for every container, decided on the whole set, told, and given by --pixel-range."""

import json
import struct
import zlib
from pathlib import Path

import h5py
import numpy as np
import pytest
from PIL import Image

from gancli import data
from gancli.core.errors import DataError, OptionError
from gancli.data import Request
from gancli.data.containers import source_files
from gancli.data.images import image_decoding, value_ranges

RAMP = np.arange(64).reshape(8, 8) / 63  # 0 to 1
SHADES = np.rint(RAMP * 255).astype(np.uint8)
BINARY = (np.indices((8, 8)).sum(axis=0) % 2).astype(np.uint8)
CONTAINERS = ("npz", "h5", "png", "tif")


def wide(values, highest):
    return np.rint(values * highest).astype(np.uint16)


def written(folder, container, images, **more):
    """Images (count, 8, 8) in a file or folder; the path."""
    if container == "npz":
        np.savez(folder / "a.npz", images=images, **more)
        return str(folder / "a.npz")
    if container == "h5":
        with h5py.File(folder / "a.h5", "w") as file:
            file["images"] = images[..., None]
        return str(folder / "a.h5")
    (folder / "a").mkdir(exist_ok=True)
    for number, image in enumerate(images):
        Image.fromarray(image).save(folder / "a" / f"{number}.{container}")
    return str(folder / "a")


def spread(values):
    """Two images that together hold all values: a dim one (the lower half), and the whole."""
    return np.stack([np.sort(values.ravel())[:32].repeat(2).reshape(8, 8), values])


RANGES = {  # values of a set: what they become, and a word of the remark, "" where none matters
    "uint8": (SHADES, SHADES, ""),
    "uint8 0 and 1": (BINARY, BINARY * 255, "black and white"),
    "bool": (BINARY.astype(bool), BINARY * 255, ""),
    "uint16": (wide(RAMP, 65535), SHADES, ""),
    "uint16 of 8 bits": (SHADES.astype(np.uint16), SHADES, "read as 0:255"),
    "uint16 of 10 bits": (wide(RAMP, 1023), SHADES, "10 bits"),
    "uint16 of 12 bits": (wide(RAMP, 4095), SHADES, "12 bits"),
    "uint16 of 14 bits": (wide(RAMP, 16383), SHADES, "14 bits"),
    "uint16 0 and 1": (BINARY.astype(np.uint16), BINARY * 255, "black and white"),
    "uint16 big-endian": (wide(RAMP, 4095).astype(">u2"), SHADES, "12 bits"),
    "int64 0 and 1": (BINARY.astype(np.int64), BINARY * 255, "black and white"),
    "int64 of 8 bits": (SHADES.astype(np.int64), SHADES, ""),
    "int32 of 16 bits": (wide(RAMP, 65535).astype(np.int32), SHADES, "16 bits"),
    "int16 of 12 bits": (wide(RAMP, 4095).astype(np.int16), SHADES, "12 bits"),
    "int8 -1 and 1": (BINARY.astype(np.int8) * 2 - 1, BINARY * 255, "-1:1"),
    "int8 of 8 bits": ((SHADES.astype(np.int16) - 128).astype(np.int8), SHADES, "signed numbers of 8 bits"),
    "int16 of 16 bits": ((wide(RAMP, 65535).astype(np.int32) - 32768).astype(np.int16), SHADES, "signed numbers of 16"),
    "float64 0 to 16": (np.rint(RAMP * 16), np.rint(np.rint(RAMP * 16) * 255 / 16), "0:16, as in scikit-learn"),
    "uint8 0 to 16": (np.rint(RAMP * 16).astype(np.uint8), np.rint(np.rint(RAMP * 16) * 255 / 16), "0:16"),
    "float32 0 to 1": (RAMP.astype(np.float32), SHADES, ""),
    "float32 big-endian": (RAMP.astype(">f4"), SHADES, ""),
    "float16 0 to 1": ((SHADES / 255).astype(np.float16), SHADES, ""),
    "float64 -1 to 1": (RAMP * 2 - 1, SHADES, ""),
    "float32 0 to 255": (SHADES.astype(np.float32), SHADES, ""),
    "float32 a little outside of 0 to 1": (np.float32(RAMP * 1.0011 - 0.001), SHADES, "clipped to 0:1"),
    "float32 a little outside of -1 to 1": (np.float32(RAMP * 2.02 - 1.01), SHADES, "clipped to -1:1"),
    "float32 a little outside of 0 to 255": (np.float32(RAMP * 256 - 0.5), SHADES, "clipped to 0:255"),
}


def holds(container, values):
    """Whether a container can hold such numbers."""
    kind = values.dtype.str.lstrip("<>|")
    if container in ("npz", "h5"):
        return container == "npz" or kind != "b1"
    written_by_pillow = {"png": {"b1", "u1", "u2"}, "tif": {"b1", "u1", "u2", "i4", "f4"}}[container]
    return kind in written_by_pillow and values.dtype.isnative


@pytest.mark.parametrize(
    ("container", "name"), [(c, n) for c in CONTAINERS for n, (values, *_) in RANGES.items() if holds(c, values)]
)
def test_every_range_in_every_container(tmp_path, container, name):
    """The first image alone would be taken for another range: the whole set decides."""
    values, expected, word = RANGES[name]
    dataset = data.load(written(tmp_path, container, spread(values)), Request(color="gray"))
    assert np.abs(dataset.train["image"][1][..., 0].astype(int) - expected).max() <= (1 if "outside" in name else 0)
    assert dataset.train["image"][:].dtype == np.uint8
    told = " ".join(remark.text for remark in dataset.remarks if remark.matters)
    assert (word in told) if word else not told, told


@pytest.mark.parametrize("container", CONTAINERS)
@pytest.mark.parametrize(("asked", "highest"), [("0:4095", 4095), ("0:65535", 65535), ("0:1000", 1000)])
def test_a_range_that_is_given_is_taken(tmp_path, container, asked, highest):
    values = np.stack([wide(RAMP, 900)] * 2)
    image = data.load(written(tmp_path, container, values), Request(pixel_range=asked)).train["image"][1]
    assert np.array_equal(image[..., 0], np.rint(values[1] * (255 / highest)))


def test_ones_and_zeros_stay_dark_where_that_is_asked_for(tmp_path):
    for container in CONTAINERS:
        dataset = data.load(written(tmp_path, container, spread(BINARY)), Request(pixel_range="0:255"))
        assert dataset.train["image"][:].max() == 1
        assert "2 of 256 levels" in dataset.remarks[-1].text


@pytest.mark.parametrize("text", ["", "1", "0:", "1:0", "0:0", "0:nan", "-inf:inf", "a:b", "0:1:2"])
def test_a_bad_range_is_refused(gancli, stripes_file, text):
    with pytest.raises(OptionError, match="pixel-range"):
        value_ranges.parse(text)
    for args in (["data", "check", stripes_file], ["train", "--model", "gan", "--data", stripes_file, "--dry-run"]):
        answer = gancli(*args, f"--pixel-range={text}")
        assert (answer.code, answer.err.count("pixel-range")) == (2, answer.err.count("pixel-range") or 1)


@pytest.mark.parametrize("container", ["npz", "h5"])
@pytest.mark.parametrize(
    "values",
    [np.array([-60, 60], np.int8), np.array([-1024, 3071], np.int16), np.array([0, 2**20]), np.array([-3.0, 4.5])],
)
def test_arrays_of_no_known_range_are_refused_and_can_be_given_one(tmp_path, container, values):
    images = np.tile(values, 64).reshape(2, 8, 8)
    path = written(tmp_path, container, images)
    with pytest.raises(DataError, match="pixel-range LOW:HIGH"):
        data.load(path)
    asked = f"{values[0]}:{values[1]}"
    assert set(np.unique(data.load(path, Request(pixel_range=asked)).train["image"][:])) == {0, 255}


@pytest.mark.parametrize("values", [np.float32(RAMP * 12 - 3), np.int32(np.rint(RAMP * 3000 - 1000))])
def test_pictures_of_no_known_range_are_stretched_over_the_set_not_one_by_one(tmp_path, values):
    images = data.load(written(tmp_path, "tif", spread(values))).train["image"][:, ..., 0]
    assert (images[1].min(), images[1].max()) == (0, 255)
    assert images[0].max() < 130  # the darker half


@pytest.mark.parametrize("container", CONTAINERS)
def test_a_dark_set_is_told(tmp_path, container):
    dataset = data.load(written(tmp_path, container, spread(SHADES // 16)))
    assert "0 to 15 of 0:255 fill 16 of 256 levels" in dataset.remarks[-1].text
    assert dataset.remarks[-1].matters


@pytest.mark.parametrize("container", CONTAINERS)
def test_one_shade_all_over_is_no_binary_set(tmp_path, container):
    for shade, expected in ((0, 0), (7, 7), (255, 255)):
        path = written(tmp_path, container, np.full((2, 8, 8), shade, np.uint8))
        assert data.load(path).train["image"][:].max() == expected


def deep_png(path, levels):
    """A PNG of 16 bits for each of three colors, which Pillow cannot write."""
    colors = np.stack([levels] * 3, axis=-1).astype(">u2")
    chunks = {
        b"IHDR": struct.pack(">IIBBBBB", *levels.shape[::-1], 16, 2, 0, 0, 0),
        b"IDAT": zlib.compress(b"".join(b"\0" + row.tobytes() for row in colors)),
        b"IEND": b"",
    }
    ends = {kind: struct.pack(">I", zlib.crc32(kind + held)) for kind, held in chunks.items()}
    parts = [struct.pack(">I", len(held)) + kind + held + ends[kind] for kind, held in chunks.items()]
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(parts))


@pytest.mark.parametrize(("dtype", "word"), [("int8", "signed bytes"), ("uint32", "whole numbers of 32 bits")])
def test_a_tiff_that_pillow_reads_as_other_numbers_is_refused_by_itself(tmp_path, dtype, word):
    tifffile = pytest.importorskip("tifffile")
    tifffile.imwrite(tmp_path / "1.tif", np.full((8, 8), np.iinfo(dtype).max, dtype))
    with pytest.raises(DataError, match=word):
        data.open_images([tmp_path / "1.tif"], (8, 8, 1))


def test_colors_of_16_bits_lose_half_of_them_and_it_is_told(tmp_path):
    (tmp_path / "set").mkdir()
    deep_png(tmp_path / "set" / "a.png", wide(RAMP, 4095))
    texts = [remark.text for remark in data.load(str(tmp_path / "set")).remarks if remark.matters]
    assert "1 pictures in colors of 16 bits, of which the higher 8 are read" in texts
    assert "16 of 256 levels" in texts[-1]


# --- train and test


def split(tmp_path, train, test):
    np.savez(tmp_path / "a.npz", x_train=train, x_test=test)
    return data.load(str(tmp_path / "a.npz"))


def test_both_splits_have_the_range_of_both(tmp_path):
    dim = wide(RAMP / 4, 4095)[None]
    dataset = split(tmp_path, wide(RAMP, 4095)[None], dim)
    assert np.array_equal(dataset.test["image"], np.rint(dim * (255 / 4095))[..., None])
    assert len([remark for remark in dataset.remarks if remark.matters]) == 1
    dataset = split(tmp_path, RAMP[None], RAMP[None] * 2 - 1)
    assert dataset.train["image"].min() == 128


@pytest.mark.parametrize(("train", "test"), [(RAMP, RAMP * 255), (wide(RAMP, 60000), BINARY.astype(np.uint16))])
def test_splits_of_clearly_different_ranges_are_told(tmp_path, train, test):
    told = " ".join(remark.text for remark in split(tmp_path, train[None], test[None]).remarks if remark.matters)
    assert "x_train holds" in told
    assert "x_test holds" in told


def test_bytes_and_floats_in_one_file_are_each_read_by_their_own(tmp_path):
    dataset = split(tmp_path, SHADES[None], RAMP[None])
    assert np.array_equal(dataset.train["image"], dataset.test["image"])
    assert "x_train 8-bit and x_test floating-point" in dataset.remarks[-1].text


def test_floats_around_zero_that_fill_half_of_the_range_are_told(tmp_path):
    np.savez(tmp_path / "a.npz", images=RAMP[None] - 0.5)
    dataset = data.load(str(tmp_path / "a.npz"))
    assert "128 of 256 levels" in dataset.remarks[-1].text
    asked = data.load(str(tmp_path / "a.npz"), Request(pixel_range="-0.5:0.5"))
    assert np.array_equal(asked.train["image"][0, ..., 0], SHADES)


# --- what comes later is read as the set was


def test_a_packed_set_is_not_scaled_again_and_remembers_its_range(tmp_path, gancli):
    source = written(tmp_path, "png", spread(BINARY))
    answer = gancli("data", "pack", source, tmp_path / "dark.h5", "--pixel-range", "0:255")
    assert answer.code == 0
    assert data.load(str(tmp_path / "dark.h5")).train["image"][:].max() == 1
    source = written(tmp_path, "png", spread(wide(RAMP, 4095)))
    answer = gancli("data", "pack", source, tmp_path / "wide.h5")
    assert "12 bits" in answer.err
    packed = data.load(str(tmp_path / "wide.h5"))
    assert packed.pixel_ranges == data.load(source).pixel_ranges == ("16-bit 0:4095",)
    assert np.array_equal(packed.train["image"][1][..., 0], SHADES)


def test_one_picture_is_read_by_the_range_of_the_set(tmp_path):
    dim = wide(RAMP / 8, 4095)
    Image.fromarray(dim).save(tmp_path / "dim.png")
    alone, _ = data.open_images([tmp_path / "dim.png"], (8, 8, 1))
    beside, _ = data.open_images([tmp_path / "dim.png"], (8, 8, 1), known=("16-bit 0:4095",))
    assert alone.max() > 100
    assert np.array_equal(beside[0, ..., 0], np.rint(dim * (255 / 4095)))


def test_a_picture_that_a_model_is_given_whole_is_read_by_the_range_of_its_data(tmp_path):
    Image.fromarray(wide(RAMP / 8, 4095)).save(tmp_path / "dim.png")
    entry = source_files.image_file(tmp_path / "dim.png")
    with image_decoding.open_image(entry) as one, image_decoding.open_image(entry) as other:
        assert image_decoding.decode(one, "gray", name="dim").max() > 100
        assert image_decoding.decode(other, "gray", name="dim", known=("16-bit 0:4095",)).max() == 32


SCORED = ("float32 0 to 1", "float64 -1 to 1", "uint16 of 12 bits", "uint8")


@pytest.mark.parametrize(("container", "name"), [(c, n) for c in CONTAINERS for n in SCORED if holds(c, RANGES[n][0])])
def test_scored_images_end_as_the_data_do(tmp_path, container, name):
    values, said = RANGES[name][0], []
    path = written(tmp_path, container, spread(values))
    shown = data.load_images(Path(path), (8, 8, 1), tell=said.extend)
    assert np.array_equal(shown[1, ..., 0], SHADES)
    assert any("12 bits" in remark.text for remark in said) == ("12 bits" in name)


@pytest.mark.parametrize("arrays", [{"x_test": SHADES[None]}, {"labels": np.zeros(3)}])
def test_a_file_without_images_to_score_is_refused_in_a_sentence(gancli, tmp_path, stripes_file, arrays):
    np.savez(tmp_path / "a.npz", **arrays)
    answer = gancli("eval-fid", "--images", tmp_path / "a.npz", "--data", stripes_file)
    assert (answer.code, "expected x_train, or images" in answer.err) == (3, True)


def test_the_range_of_scored_images_is_told_and_strict_refuses_it(gancli, tmp_path, stripes_file, stripes):
    np.savez(tmp_path / "a.npz", images=(stripes[:50] // 255).astype(np.int64))
    command = ["eval-parzen", "--images", tmp_path / "a.npz", "--data", stripes_file]
    assert "black and white" in gancli(*command).err
    assert gancli(*command, "--strict").code == 3
    assert "2 of 256 levels" in gancli(*command, "--pixel-range", "0:255").err
    assert gancli("eval-parzen", "--pixel-range", "0:1").code == 2


def test_a_run_records_the_range(gancli, tmp_path):
    np.savez(tmp_path / "a.npz", images=np.stack([wide(RAMP, 900)] * 8))
    command = ["train", "--model", "gan", "--data", tmp_path / "a.npz", "--pixel-range", "0:4095", "--batch-size", 4]
    answer = gancli(*command, "--dry-run", "--json")
    assert json.loads(answer.out)["options"]["pixel_range"] == "0:4095"
    assert "57 of 256 levels" in answer.err
