"""What the pixels of label maps mean: which numbers are classes, which no label, in every mode, format and position."""

import io
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image, ImageFilter

from gancli import data
from gancli.core.errors import DataError
from gancli.data.annotations import label_map_files, label_maps
from gancli.data.containers.source_files import SourceFile
from gancli.data.request import Request

NONE = label_maps.IGNORED
KINDS = np.repeat(np.repeat(np.array([[0, 1, 2], [1, 0, 0]], np.uint8), 8, axis=0), 8, axis=1)  # 16 x 24 pixels


def lay(folder, maps, *, listed="", list_name="classes.txt", ending="png", folders=("images", "masks"), **options):
    """A set with these maps, arrays or pictures, beside gray pictures of their sizes."""
    for place in folders:
        (folder / place).mkdir(parents=True, exist_ok=True)
    for row, one in enumerate(maps):
        picture = one if isinstance(one, Image.Image) else Image.fromarray(one)
        Image.new("RGB", picture.size, (90, 30 * row, 200)).save(folder / folders[0] / f"{row}.png")
        picture.save(folder / folders[1] / f"{row}.{ending}", **options)
    if listed:
        (folder / list_name).write_text(listed)
    return folder


def load(folder):
    return data.load(str(folder), Request(least=1))


def told(dataset, *, matters=None):
    """What is said, but for the few levels of pictures that are of one color here."""
    texts = [one.text for one in dataset.remarks if matters in (None, one.matters)]
    return " | ".join(text for text in texts if "256 levels" not in text)


def of(*values):
    """A map of 16 x 24 in which these numbers stand for 0, 1, 2."""
    return np.array(values)[KINDS]


def colored(*colors):
    return np.array(colors, np.uint8)[KINDS]


def in_palette(values, colors):
    picture = Image.fromarray(np.asarray(values, np.uint8), "P")
    picture.putpalette([part for color in colors for part in color])
    return picture


BINARY = np.where(KINDS > 0, 1, 0)


@pytest.mark.parametrize(
    ("maps", "listed", "classes", "expected", "words"),
    [
        pytest.param(
            [of(0, 255, 0)], "background\nobject", "background object", of(0, 1, 0), "255 is object", id="two"
        ),
        pytest.param([of(0, 255, 0)], "", "0 255", of(0, 1, 0), "only 0 and 255", id="binary"),
        pytest.param([of(1, 255, 1)], "", "1 255", of(0, 1, 0), "only 1 and 255", id="from 1"),
        pytest.param([of(0, 1, 255)], "", "0 1", of(0, 1, NONE), "no label", id="void"),
        pytest.param([of(0, 128, 255)], "", "0 128 255", KINDS, "each taken for a class", id="grays"),
        pytest.param([of(0, 100, 255)], "", "0 100", of(0, 1, NONE), "no label", id="uneven"),
        pytest.param([of(0, 7, 21)], "", "0 7 21", KINDS, "", id="gaps"),
        pytest.param([of(0, 7, 255)], "", "0 7", of(0, 1, NONE), "no label", id="gap and void"),
        pytest.param([of(3, 250, 7)], "", "3 7 250", of(0, 2, 1), "", id="over 200"),
        pytest.param([of(0, 1, 300).astype(np.uint16)], "", "0 1 300", KINDS, "", id="16 bits"),
        pytest.param([of(0, 255, 300).astype(np.uint16)], "", "0 255 300", KINDS, "", id="255 of 16 bits"),
        pytest.param([of(0, 1, 65535).astype(np.uint16)], "", "0 1", of(0, 1, NONE), "65535", id="void of 16 bits"),
        pytest.param([of(0, 65535, 0).astype(np.uint16)], "", "0 65535", of(0, 1, 0), "only", id="binary of 16"),
        pytest.param([of(0, 128, 255)], "a\nb\nc", "a b c", KINDS, "128 is b", id="grays named"),
        pytest.param([of(0, 7, 255)], "a\nb", "a b", of(0, 1, NONE), "7 is b", id="gaps named, void"),
        pytest.param([of(0, 255, 0)], "0 a\n255 b", "a b", of(0, 1, 0), "", id="255 in the list"),
        pytest.param([of(0, 255, 0)], "0 a\n1 b", "a b", of(0, NONE, 0), "write '255 b'", id="255 not in the list"),
        pytest.param([of(0, 1, 1)], "a\nb\nc", "a b c", of(0, 1, 1), "classes.txt: c", id="more names"),
        pytest.param([of(0, 900, 0).astype(np.uint16)], "0 a\n900 b", "a b", of(0, 1, 0), "", id="900 in the list"),
        pytest.param([of(0, 1, 2)], "# numbers, names\n0 a\n1 b\n2 c", "a b c", KINDS, "", id="a comment"),
        pytest.param(
            [of(0, 255, 0)], "1 obj 255 255 255\n0 bg 0 0 0", "obj bg", of(1, 0, 1), "", id="white in the list"
        ),
        pytest.param([BINARY == 1], "", "0 1", BINARY, "", id="one bit"),
        pytest.param([BINARY == 1, of(0, 255, 255)], "", "0 255", BINARY, "only", id="one bit and eight"),
        pytest.param([BINARY == 1], "0 a\n255 b", "a b", BINARY, "", id="one bit, 255 in the list"),
        pytest.param([in_palette(KINDS, [(0, 0, 0), (128, 0, 0), (0, 128, 0)])], "", "0 1 2", KINDS, "", id="palette"),
        pytest.param(
            [
                in_palette(KINDS, [(9, 0, 0), (8, 0, 0), (7, 0, 0)]),
                in_palette(KINDS, [(7, 0, 0), (8, 0, 0), (9, 0, 0)]),
            ],
            "",
            "0 1 2",
            KINDS,
            "palettes of label maps differ (0 has one color in masks/0.png",
            id="two palettes",
        ),
        pytest.param(
            [in_palette(of(0, 1, 1), [(0, 0, 0), (2, 2, 2)]), in_palette(KINDS, [(0, 0, 0), (1, 1, 1), (2, 2, 2)])],
            "",
            "0 1 2",
            of(0, 2, 2),
            "",
            id="gray palettes in other orders",
        ),
        pytest.param([colored((0, 0, 0), (5, 5, 5), (2, 2, 2))], "", "0 2 5", of(0, 2, 1), "", id="gray in RGB"),
        pytest.param(
            [np.dstack([colored((0, 0, 0), (9, 0, 0), (0, 9, 0)), of(255, 255, 0).astype(np.uint8)])],
            "0 a 0 0 0\n1 b 9 0 0\n2 c 0 9 0",
            "a b c",
            KINDS,
            "transparency",
            id="RGBA",
        ),
        pytest.param([np.dstack([KINDS, np.full_like(KINDS, 255)])], "", "0 1 2", KINDS, "", id="gray with alpha"),
    ],
)
def test_classes_are_the_numbers_that_occur(tmp_path, maps, listed, classes, expected, words):
    maps = [one if isinstance(one, Image.Image) or one.dtype != np.int64 else one.astype(np.uint8) for one in maps]
    found = load(lay(tmp_path, maps, listed=listed))
    assert found.classes == tuple(classes.split())
    assert np.array_equal(found.train["map"][0], expected)
    assert words in told(found)
    assert words or not told(found, matters=True)


def test_whole_numbers_in_floats_are_numbers_and_fractions_are_refused(tmp_path):
    found = load(lay(tmp_path / "a", [of(0, 4, 2).astype(np.float32)], ending="tif"))
    assert found.classes == ("0", "2", "4")
    assert np.array_equal(found.train["map"][0], of(0, 2, 1))
    for number, value, words in ((0, 1.5, "fractions"), (1, np.nan, "fractions"), (2, -1, "label -1")):
        lay(tmp_path / str(number), [of(0, value, 2).astype(np.float32)], ending="tif")
        with pytest.raises(DataError, match=words):
            load(tmp_path / str(number))


@pytest.mark.parametrize(
    ("maps", "listed", "words"),
    [
        (
            [colored((0, 0, 0), (9, 0, 0), (0, 9, 0))],
            "a\nb\nc",
            "masks/0.png: a map in RGB, and classes.txt names no col",
        ),
        ([colored((0, 0, 0), (9, 0, 0), (0, 9, 0))], "", "add a classes.txt"),
        ([colored((0, 0, 0), (9, 0, 0), (0, 9, 1))], "a 0 0 0\nb 9 0 0\nc 0 9 0", "the color 000901, none of the 3"),
        ([of(0, 1, 9).astype(np.uint8)], "0 a\n1 b", "label 9, none of the 2 classes: a, b"),
        ([of(4, 4, 4).astype(np.uint8)], "", "hold only 4"),
        ([np.arange(384, dtype=np.uint16).reshape(16, 24)], "", "384 numbers, from 0 to 383"),
        ([of(255, 255, 255).astype(np.uint8)], "a\nb", "no pixel of the label maps has a class"),
        ([of(0, 1, 2).astype(np.uint8)], "0 a 999 0 0\n1 b", "up to 255"),
        ([of(0, 1, 2).astype(np.uint8)], f"{'9' * 5000} a\n1 b", "expected a number, a name"),
    ],
)
def test_what_is_the_matter_with_maps_is_said(tmp_path, maps, listed, words):
    with pytest.raises(DataError, match=words):
        load(lay(tmp_path, maps, listed=listed))


def test_every_bad_map_is_named_where_all_are_bad(tmp_path, gancli):
    red = colored((0, 0, 0), (9, 0, 0), (0, 9, 0))
    lay(tmp_path / "a", [red, red], listed="a\nb")
    answer = gancli("data", "check", tmp_path / "a")
    assert answer.code == 3
    assert answer.out.count(": a map in RGB, and classes.txt names no colors") == 2
    assert "2 bad of 2" in answer.err


def test_check_prints_and_strict_refuses_what_was_guessed(tmp_path, gancli):
    lay(tmp_path / "a", [of(0, 255, 0).astype(np.uint8)])
    answer = gancli("data", "check", tmp_path / "a")
    assert "note: label maps hold only 0 and 255" in answer.out
    assert "0 62.5%" not in answer.out
    assert "classes of pixels: 0 66.7%, 255 33.3%" in answer.out
    assert gancli("data", "check", tmp_path / "a", "--strict").code == 3


# --- compression that changes values


@pytest.mark.parametrize("ending", ["jpg", "webp", "tif"])
def test_small_numbers_in_a_lossy_file_are_refused(tmp_path, ending):
    options = {"compression": "jpeg"} if ending == "tif" else {}
    lay(tmp_path, [colored(*([n] * 3 for n in range(3)))], ending=ending, **options)
    with pytest.raises(DataError, match="save label maps as PNG"):
        load(tmp_path)


@pytest.mark.parametrize(("ending", "listed"), [("jpg", ""), ("webp", "no\nyes"), ("jpg", "0 no\n255 yes")])
def test_two_values_far_apart_are_read_by_the_nearest(tmp_path, ending, listed):
    found = load(lay(tmp_path, [of(0, 255, 0).astype(np.uint8)] * 2, ending=ending, listed=listed))
    assert np.array_equal(found.train["map"][1], of(0, 1, 0))
    assert "assigned to the nearest class: masks/0." in told(found)


def test_colors_far_apart_are_read_by_the_nearest_and_edges_have_no_label(tmp_path):
    colors = (0, 0, 0), (220, 0, 0), (0, 220, 220)
    listed = "\n".join(f"{name} {red} {green} {blue}" for name, (red, green, blue) in zip("abc", colors, strict=True))
    found = load(lay(tmp_path, [colored(*colors)], ending="jpg", listed=listed, quality=75)).train["map"][0]
    assert set(np.unique(found)) <= {0, 1, 2, NONE}
    assert (found == KINDS).mean() > 0.9
    assert ((found == KINDS) | (found == NONE)).mean() > 0.99


def test_lossless_webp_is_not_lossy(tmp_path):
    found = load(lay(tmp_path, [colored(*([n] * 3 for n in range(3)))], ending="webp", lossless=True))
    assert np.array_equal(found.train["map"][0], KINDS)
    assert not found.remarks


def test_smoothed_edges_are_no_classes(tmp_path):
    large = Image.fromarray((np.add.outer(np.arange(16), 2 * np.arange(24)) % 97 > 48).astype(np.uint8) * 255)
    large = large.resize((240, 160), Image.Resampling.NEAREST).resize((235, 157), Image.Resampling.BILINEAR)
    found = load(lay(tmp_path, [large]))
    assert found.classes == ("0", "255")
    assert np.array_equal(found.train["map"][0], np.asarray(large) > 127)
    assert "smoothed edges" in told(found)


def test_many_numbers_at_few_pixels_are_doubted(tmp_path):
    large = Image.fromarray(of(0, 120, 240).astype(np.uint8)).resize((480, 320), Image.Resampling.NEAREST)
    found = load(lay(tmp_path, [large.filter(ImageFilter.GaussianBlur(1))]))
    assert len(found.classes) >= 20
    assert "are the others smoothed edges?" in told(found, matters=True)


def test_many_classes_and_a_void_are_no_smoothed_edges(tmp_path):
    many = np.zeros((64, 64), np.uint8)
    many[0, :21], many[1, :40] = np.arange(21), 255
    assert load(lay(tmp_path, [many])).classes == tuple(map(str, range(21)))


# --- EXIF


def turned_set(folder, orientations, maps, *, maps_exif=1):
    """Pictures of 24 x 16 in a camera's file that EXIF turns, and maps."""
    lay(folder, maps)
    for row, orientation in enumerate(orientations):
        for place, turn in (("images", orientation), ("masks", maps_exif)):
            exif = Image.Exif()
            exif[0x0112] = turn
            picture = Image.new("RGB", (24, 16)) if place == "images" else Image.open(folder / place / f"{row}.png")
            picture.save(folder / place / f"{row}.png", exif=exif)
    return folder


@pytest.mark.parametrize("orientation", range(2, 9))
def test_turns_are_those_of_pillow(orientation):
    exif, buffer = Image.Exif(), io.BytesIO()
    exif[0x0112] = orientation
    Image.fromarray(KINDS).save(buffer, "PNG", exif=exif)
    from PIL import ImageOps

    assert np.array_equal(
        label_map_files.apply_orientation(KINDS, orientation),
        np.asarray(ImageOps.exif_transpose(Image.open(io.BytesIO(buffer.getvalue())))),
    )


@pytest.mark.parametrize("orientation", [5, 6, 7, 8])
def test_a_map_that_fits_only_if_it_is_turned_is_turned(tmp_path, orientation):
    found = load(turned_set(tmp_path, [orientation], [KINDS]))
    assert np.array_equal(found.train["map"][0], label_map_files.apply_orientation(KINDS, orientation))
    assert "1 label maps rotated by the EXIF orientation" in told(found, matters=True)


def test_a_map_that_stands_as_its_picture_is_shown_stays(tmp_path):
    found = load(turned_set(tmp_path, [6], [np.ascontiguousarray(KINDS.T)]))
    assert np.array_equal(found.train["map"][0], KINDS.T)
    assert not told(found, matters=True)


def test_where_both_ways_fit_the_map_is_taken_as_it_is_and_that_is_said(tmp_path):
    found = load(turned_set(tmp_path, [3, 2], [KINDS, KINDS]))
    assert np.array_equal(found.train["map"][0], KINDS)
    assert "2 pictures are rotated by their EXIF orientation, their label maps are used as they are" in told(
        found, matters=True
    )


def test_where_both_ways_fit_the_others_of_the_set_decide(tmp_path):
    found = load(turned_set(tmp_path, [3, 6], [KINDS, KINDS]))
    room = found.maps([0, 1])
    assert np.array_equal(room[0], KINDS[::-1, ::-1])
    assert np.array_equal(room[1], label_map_files.apply_orientation(KINDS, 6))


def test_a_map_with_its_own_exif_is_turned_by_that(tmp_path):
    found = load(turned_set(tmp_path, [3], [KINDS], maps_exif=3))
    assert np.array_equal(found.train["map"][0], KINDS[::-1, ::-1])
    assert not told(found, matters=True)


# --- the layout of Pascal VOC


VOC_PALETTE = [(0, 0, 0), (128, 0, 0), (0, 128, 0)]


def lay_voc(folder, count=4, *, maps="SegmentationClass", **options):
    values = in_palette(of(0, 1, 2), VOC_PALETTE)
    return lay(folder, [values] * count, folders=("JPEGImages", maps), **options)


@pytest.mark.parametrize("maps", ["SegmentationClass", "SegmentationClassPNG"])
@pytest.mark.parametrize(
    ("list_name", "listed"),
    [
        ("class_names.txt", "_background_\ncat\ndog"),
        ("labels.txt", "__ignore__\n_background_\ncat\ndog"),
        ("labelmap.txt", "# label:color_rgb:parts:actions\n_background_:0,0,0::\ncat:128,0,0::\ndog:0,128,0::"),
    ],
)
def test_the_layout_of_voc_is_read_with_the_lists_of_labelme_and_cvat(tmp_path, maps, list_name, listed):
    found = load(lay_voc(tmp_path, maps=maps, listed=listed, list_name=list_name))
    assert found.classes == ("_background_", "cat", "dog")
    assert np.array_equal(found.train["map"][0], KINDS)
    assert len(found) == 4


def test_maps_in_the_colors_of_cvat_s_list_are_read(tmp_path):
    listed = "# label:color_rgb:parts:actions\nbackground:0,0,0::\nbig cat:128,0,0::\ndog:0,128,0:tail,ear:run"
    maps = [colored(*VOC_PALETTE)]
    found = load(
        lay(tmp_path, maps, folders=("JPEGImages", "SegmentationClass"), listed=listed, list_name="labelmap.txt")
    )
    assert found.classes == ("background", "big cat", "dog")
    assert np.array_equal(found.train["map"][0], KINDS)
    assert found.palette == tuple(VOC_PALETTE)


def test_voc_s_pictures_without_a_map_are_left_out_and_its_lists_obeyed(tmp_path):
    lay_voc(tmp_path / "VOC2012", 6)
    for folder in ("SegmentationObject", "JPEGImages"):
        (tmp_path / "VOC2012" / folder).mkdir(exist_ok=True)
        Image.new("RGB", (24, 16)).save(tmp_path / "VOC2012" / folder / "alone.png")
    lists = tmp_path / "VOC2012" / "ImageSets" / "Segmentation"
    lists.mkdir(parents=True)
    for name, rows in {"train": "024", "val": "13", "trainval": "01234"}.items():
        (lists / f"{name}.txt").write_text("\n".join(rows) + "\n")
    found = load(tmp_path)
    assert (len(found), found.validation, found.test) == (5, 2, {})
    for words in ("1 pictures without a label map", "JPEGImages/5.png"):
        assert words in told(found, matters=True)
    assert "SegmentationObject/alone.png" in told(found)


def test_lists_of_another_sets_pictures_are_refused(tmp_path):
    lists = lay_voc(tmp_path) / "ImageSets" / "Segmentation"
    lists.mkdir(parents=True)
    (lists / "train.txt").write_text("2007_000032\n")
    with pytest.raises(DataError, match=r"no list of splits names JPEGImages/0\.png and 3 more"):
        load(tmp_path)


def test_a_list_that_is_not_used_is_named(tmp_path):
    lay_voc(tmp_path, listed="0 a\n1 b\n2 c")
    (tmp_path / "labels.txt").write_text("x\ny\nz")
    found = load(tmp_path)
    assert found.classes == ("a", "b", "c")
    assert "labels.txt" in told(found, matters=True)


def test_bad_files_are_entries_too():
    with pytest.raises(DataError, match=r"a\.png: not an image"):
        label_map_files.decode(SourceFile("a.png", lambda: b"none"))


@pytest.mark.parametrize("text", ["0.png 3\n1.png 3", "0.png\n1.png", "one", "a b 1 2"])
def test_a_text_of_that_name_that_lists_no_classes_is_not_used(tmp_path, text):
    assert load(lay(tmp_path, [KINDS], listed=text, list_name="labels.txt")).classes == ("0", "1", "2")


def test_masks_in_rgb_jpeg_are_read_and_photographs_are_no_masks(tmp_path):
    mask = colored((0, 0, 0), (255, 255, 255), (0, 0, 0))
    found = load(lay(tmp_path / "a", [mask], ending="jpg"))
    assert np.array_equal(found.train["map"][0], of(0, 1, 0))
    noise = np.random.default_rng(0).integers(0, 256, (16, 24, 3)).astype(np.uint8)
    for name, ending in (("b", "jpg"), ("c", "png")):
        with pytest.raises(DataError, match=r"save label maps as PNG|a map in RGB"):
            load(lay(tmp_path / name, [noise], ending=ending))


def test_check_of_maps_none_of_which_tells_a_class(tmp_path, gancli):
    answer = gancli("data", "check", lay(tmp_path / "a", [colored((0, 0, 0), (9, 0, 0), (0, 9, 0))]))
    assert answer.code == 3
    assert "classes of pixels" not in answer.out
    assert "bad: masks/0.png: a map in RGB, and there is no list" in answer.out


def test_a_class_that_only_the_test_maps_have_is_a_class(tmp_path):
    for part, values in (("train", of(0, 7, 0)), ("test", of(0, 9, 0)), ("val", of(0, 7, 255))):
        lay(tmp_path, [values.astype(np.uint8)], folders=(f"images/{part}", f"labels/{part}"))
    found = load(tmp_path)
    assert found.classes == ("0", "7", "9")
    assert np.array_equal(found.test["map"][0], of(0, 2, 0))
    assert np.array_equal(found.train["map"][1], of(0, 1, NONE))


# --- models that take no maps


BAD = {
    "no map for a picture": (lambda folder: (folder / "masks" / "1.png").unlink(), "no label map of that name"),
    "no picture for a map": (lambda folder: (folder / "images" / "1.png").unlink(), "without a picture of that name"),
    "another size": (lambda folder: Image.new("L", (3, 3)).save(folder / "masks" / "1.png"), "3x3"),
    "a list of another form": (lambda folder: (folder / "classes.txt").write_text("1 2\n"), "classes.txt"),
}


@pytest.mark.parametrize("request_", [Request(8), Request(least=8)], ids=["squares", "own sizes"])
@pytest.mark.parametrize("what", BAD)
def test_bad_maps_are_left_out_and_told_for_models_that_take_none(tmp_path, what, request_):
    spoil, words = BAD[what]
    spoil(lay(tmp_path, [of(0, 1, 2).astype(np.uint8)] * 3, listed="a\nb\nc"))
    with pytest.raises(DataError, match=words):
        data.load(str(tmp_path), request_)
    found = data.load(str(tmp_path), replace(request_, needs_maps=False))
    assert "map" not in found.train
    assert len(found) == 3 - (what == "no picture for a map")
    (text,) = [one.text for one in found.remarks if one.column == "map"]
    assert text.startswith("label maps left out: ")
    assert words in text


def test_only_models_that_take_maps_are_stopped_by_bad_ones(gancli, tmp_path):
    spoil, words = BAD["no map for a picture"]
    spoil(lay(tmp_path / "set", [of(0, 1, 2).astype(np.uint8)] * 3))
    asked = ["--data", tmp_path / "set", "--batch-size", "2", "--dry-run"]
    trained = gancli("train", "--model", "gan", *asked)
    assert (trained.code, "label maps left out" in trained.err) == (0, True), trained
    stopped = gancli("train", "--model", "segmentation", "--crop", "16", *asked)
    assert (stopped.code, words in stopped.err) == (3, True), stopped
