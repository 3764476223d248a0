"""Picture formats: what Pillow reads safely, files without an ending, and TIFF files of pages and rare numbers."""

import io
import sys
import zipfile

import numpy as np
import pytest
from PIL import Image

from gancli import data
from gancli.core.errors import DataError
from gancli.data import Request
from tests.helpers.specimens import encoded, photo, pixels, put

IMAGE = np.repeat(np.repeat(pixels(1, 4, 4, 3)[0], 2, axis=0), 2, axis=1)


def texts(dataset):
    return [remark.text for remark in dataset.remarks]


@pytest.mark.parametrize(
    ("ending", "kind", "options"),
    [
        (".ppm", "PPM", {}),
        (".pnm", "PPM", {}),
        (".jfif", "JPEG", {"quality": 100, "subsampling": 0}),
        (".jp2", "JPEG2000", {}),
        (".j2k", "JPEG2000", {"no_jp2": True}),
        (".avif", "AVIF", {"quality": 100, "subsampling": "4:4:4"}),
    ],
)
@pytest.mark.parametrize("place", ["folder", "zip"])
def test_formats_that_pillow_reads_safely_are_pictures(tmp_path, ending, kind, options, place):
    content = encoded(IMAGE, kind, **options)
    put(tmp_path / "set" / f"x{ending.upper()}", content)
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr(f"x{ending}", content)
    found = data.load(str(tmp_path / ("set" if place == "folder" else "a.zip")), Request(8)).train["image"][0]
    assert np.abs(found.astype(int) - IMAGE).max() <= (24 if kind in ("JPEG", "AVIF") else 0)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("x.pbm", b"P1\n# plain\n2 2\n1 0 0 1\n"),
        ("x.pbm", b"P4\n2 2\n\x80\x40"),
        ("x.pgm", b"P5 2 2 255\n\x00\xff\xff\x00"),
        ("x.pgm", b"P2\n2 2\n255\n0 255 255 0\n"),
        ("x.pgm", b"P5 2 2 65535\n\x00\x00\xff\xff\xff\xff\x00\x00"),
    ],
    ids=["plain bits", "bits", "gray", "plain gray", "16 bits"],
)
def test_portable_maps_of_all_kinds_are_read(tmp_path, name, content):
    put(tmp_path / name, content)
    assert data.load(str(tmp_path)).train["image"][0, ..., 0].tolist() == [[0, 255], [255, 0]]


def test_files_without_the_ending_of_a_picture_are_known_by_their_first_bytes(tmp_path):
    for kind in ("PNG", "JPEG", "GIF", "BMP", "WEBP", "TIFF", "PPM", "JPEG2000", "AVIF"):
        put(tmp_path / "set" / kind, encoded(IMAGE, kind))
    put(tmp_path / "set" / "photo.jpg_large", encoded(IMAGE))
    put(tmp_path / "set" / "photo.1", encoded(IMAGE, "JPEG"))
    put(tmp_path / "set" / "notes", "no picture")
    put(tmp_path / "set" / "program.py", encoded(IMAGE))  # what has a known ending is not opened
    dataset = data.load(str(tmp_path / "set"), Request(8))
    assert len(dataset) == 11
    assert any(
        "11 files without the ending of a picture are pictures by their first bytes" in one for one in texts(dataset)
    )


def test_an_ending_does_not_decide_what_a_picture_is(tmp_path):
    put(tmp_path / "x.jpg", encoded(IMAGE))
    assert np.array_equal(data.load(str(tmp_path)).train["image"][0], IMAGE)


def test_pages_keep_their_order_and_labels(tmp_path):
    for name, count in (("a", 3), ("b", 12)):
        first, *others = [Image.new("L", (8, 8), 20 * page) for page in range(count)]
        (tmp_path / "set" / name).mkdir(parents=True)
        first.save(tmp_path / "set" / name / "stack.tif", save_all=True, append_images=others)
    photo(tmp_path / "set" / "a" / "x.png", channels=1)
    dataset = data.load(str(tmp_path / "set"))
    assert dataset.train["label"].tolist() == [0] * 4 + [1] * 12
    assert dataset.train["image"][4:, 0, 0, 0].tolist() == [20 * page for page in range(12)]
    assert "2 files of several pages: 15 images (a/stack.tif, b/stack.tif)" in texts(dataset)
    names = [file.name for file in data.inspect(str(tmp_path / "set")).pictures.pictures]
    assert names[:4] == ["a/stack#0000.tif", "a/stack#0001.tif", "a/stack#0002.tif", "a/x.png"]


def test_pages_of_label_maps_belong_to_those_of_the_picture(tmp_path):
    for folder, step in (("images", 40), ("labels", 1)):
        first, *others = [Image.fromarray(np.full((8, 8), step * page, np.uint8)) for page in range(3)]
        (tmp_path / folder).mkdir()
        first.save(tmp_path / folder / "cell.tif", save_all=True, append_images=others)
    dataset = data.load(str(tmp_path))
    assert dataset.train["map"][:, 0, 0].tolist() == [0, 1, 2]
    assert dataset.train["image"][:, 0, 0, 0].tolist() == [0, 40, 80]


@pytest.mark.parametrize("flagged", [True, False], ids=["flagged", "by their sizes"])
@pytest.mark.parametrize("big", [True, False], ids=["BigTIFF", "TIFF"])
def test_the_levels_of_a_pyramid_are_one_image(tmp_path, flagged, big):
    tifffile = pytest.importorskip("tifffile")
    values = pixels(1, 64, 64)[0]
    with tifffile.TiffWriter(tmp_path / "x.tif", bigtiff=big) as writer:
        for step in (1, 2, 4):
            writer.write(values[::step, ::step], subfiletype=int(flagged and step > 1), metadata=None)
    dataset = data.load(str(tmp_path))
    assert np.array_equal(dataset.train["image"][:, ..., 0], values[None])


def test_a_gif_is_still_its_first_frame(tmp_path):
    frames = [Image.new("P", (8, 8), index) for index in range(3)]
    frames[0].save(tmp_path / "x.gif", save_all=True, append_images=frames[1:])
    assert len(data.load(str(tmp_path))) == 1


@pytest.mark.parametrize(
    ("dtype", "low", "high"),
    [
        ("float16", 0, 1),
        ("float64", 0, 1),
        ("uint32", 0, 2**32 - 1),
        ("int8", -128, 127),
        ("int16", 0, 4095),
        ("uint64", 0, 255),
    ],
)
def test_numbers_that_pillow_does_not_read_come_from_tifffile(tmp_path, dtype, low, high):
    tifffile = pytest.importorskip("tifffile")
    values = np.linspace(low, high, 64).reshape(8, 8).astype(dtype)
    tifffile.imwrite(tmp_path / "x.tif", values, photometric="minisblack")
    found = data.load(str(tmp_path)).train["image"][0, ..., 0].astype(int)
    expected = np.rint(np.linspace(0, 255, 64)).reshape(8, 8)
    assert np.abs(found - expected).max() <= 2, found


def test_colors_of_sixteen_bits_in_planes_are_read_by_their_higher_bits(tmp_path):
    tifffile = pytest.importorskip("tifffile")
    values = (IMAGE.astype(np.uint16) << 8) + 7
    tifffile.imwrite(tmp_path / "x.tif", values.transpose(2, 0, 1), photometric="rgb", planarconfig="separate")
    assert np.array_equal(data.load(str(tmp_path)).train["image"][0], IMAGE)


def test_without_tifffile_a_sentence_says_what_to_install(tmp_path, monkeypatch):
    tifffile = pytest.importorskip("tifffile")
    tifffile.imwrite(tmp_path / "x.tif", np.zeros((8, 8)), photometric="minisblack")
    monkeypatch.setitem(sys.modules, "tifffile", None)
    with pytest.raises(DataError, match=r"x\.tif: floating-point numbers of 64 bits, .*pip install 'gancli\[tiff\]'"):
        data.load(str(tmp_path))


def test_integers_are_called_integers(tmp_path):
    buffer = io.BytesIO()
    Image.fromarray(np.arange(64, dtype=np.int32).reshape(8, 8) * 1000).save(buffer, "TIFF")
    put(tmp_path / "x.tif", buffer.getvalue())
    assert any(
        "integer pixels from 0 to 63,000" in one or "integer pixels up to 63,000" in one
        for one in texts(data.load(str(tmp_path)))
    )
