"""Label maps with lossy compression: read by the nearest class where classes are clear, refused where they are not."""

import numpy as np
import pytest
from PIL import Image

from gancli import data
from gancli.core.errors import DataError
from gancli.data import Request
from gancli.data.annotations.label_map_classes import two_peaks
from gancli.data.annotations.label_maps import IGNORED
from tests.helpers import label_map_files as files

SIDE = 64


def lay(folder, values, *, ending="jpg", listed="", name="classes.txt", count=2, **options):
    """Pictures with maps of a stripe of each value, gray or in colors, in a lossy format."""
    stripes = np.asarray(values, np.uint8)[files.stripes(*range(len(values)), side=SIDE)]
    for number in range(count):
        files.picture(folder / f"images/{number}.png", side=SIDE, seed=number)
        path = folder / f"masks/{number}.{ending}"
        path.parent.mkdir(exist_ok=True)
        Image.fromarray(stripes).save(path, **options)
    if listed:
        (folder / name).write_text(listed)
    return folder


def load(folder):
    return data.load(str(folder), Request(least=1, needs_maps=True))


@pytest.mark.parametrize("quality", [50, 75, 95])
@pytest.mark.parametrize(
    ("values", "names"),
    [
        ((0, 255, 0), ("0", "255")),
        ((0, 128, 0), ("0", "128")),
        ((40, 200, 40), ("40", "200")),
        ((255, 100, 255), ("100", "255")),
        ((3, 250, 3), ("0", "255")),
    ],
)
def test_two_clear_values_are_two_classes(tmp_path, values, names, quality):
    found = load(lay(tmp_path, values, quality=quality))
    assert [abs(int(one) - int(wanted)) <= 2 for one, wanted in zip(found.classes, names, strict=True)] == [True] * 2
    order = sorted(set(values))
    expected = files.stripes(*(order.index(value) for value in values), side=SIDE)
    assert (found.train["map"][0] == expected).mean() > 0.98
    assert "assigned to the nearest class" in " ".join(one.text for one in found.remarks if one.matters)
    assert any("taken for two classes" in one.text for one in found.remarks)


@pytest.mark.parametrize("ending", ["jpg", "webp"])
def test_masks_of_two_values_in_colors_that_are_gray_are_read(tmp_path, ending):
    found = load(lay(tmp_path, [(0, 0, 0), (255, 255, 255)], ending=ending))
    assert found.classes == ("0", "255")
    assert np.array_equal(found.train["map"][0], files.stripes(0, 1, side=SIDE))


@pytest.mark.parametrize(
    "values",
    [(0, 1, 2), (0, 30), (0, 128, 255), (0, 70, 140, 210), (9, 9)],
    ids=["numbers", "two that are close", "three", "four", "one"],
)
def test_values_that_are_not_two_clear_ones_are_refused_and_no_class_is_made_up(tmp_path, gancli, values):
    path = lay(tmp_path / "set", values)
    with pytest.raises(DataError, match=r"masks/0\.jpg.*: .*save label maps as PNG"):
        load(path)
    answer = gancli("data", "check", path)
    assert answer.code == 3
    assert answer.out.count("bad: masks/") == 2


@pytest.mark.parametrize(
    ("name", "listed"),
    [
        ("classes.txt", "0 sky 128 128 255\n1 road 128 64 0\n2 tree 0 192 0"),
        ("class_dict.csv", "name,r,g,b\nsky,128,128,255\nroad,128,64,0\ntree,0,192,0\n"),
        ("label_colors.txt", "128 128 255 sky\n128 64 0 road\n0 192 0 tree"),
        ("labelmap.txt", "# label:color_rgb:parts:actions\nsky:128,128,255::\nroad:128,64,0::\ntree:0,192,0::"),
    ],
)
def test_colors_of_a_list_are_found_by_the_nearest(tmp_path, name, listed):
    found = load(lay(tmp_path, [(128, 128, 255), (128, 64, 0), (0, 192, 0)], listed=listed, name=name, quality=90))
    assert found.classes == ("sky", "road", "tree")
    made, expected = found.train["map"][0], files.stripes(0, 1, 2, side=SIDE)
    assert (made == expected).mean() > 0.9
    assert ((made == expected) | (made == IGNORED)).mean() > 0.98


def test_one_lossy_map_among_others_is_read_by_their_classes(tmp_path):
    path = lay(tmp_path, (0, 255), count=3)
    Image.fromarray(files.stripes(0, 255, side=SIDE)).save(path / "masks/0.png")
    (path / "masks/0.jpg").unlink()
    found = load(path)
    assert found.classes == ("0", "255")
    assert np.array_equal(found.train["map"][0], found.train["map"][1])


def levels(**counts):
    found = np.zeros(256, np.int64)
    for level, count in counts.items():
        found[int(level[1:])] = count
    return found


@pytest.mark.parametrize(
    ("counts", "peaks"),
    [
        ({"_0": 900, "_255": 100}, (0, 255)),
        ({"_0": 900, "_1": 50, "_254": 40, "_255": 10}, (0, 255)),
        ({"_0": 900, "_128": 90, "_255": 10}, ()),  # which of the two is the other class?
        ({"_0": 900, "_127": 50, "_255": 51}, ()),
        ({"_0": 1000}, ()),
        ({"_0": 900, "_63": 100}, ()),
        ({"_0": 900, "_64": 100}, (0, 64)),
        ({}, ()),
    ],
)
def test_peaks_are_two_levels_with_next_to_nothing_between(counts, peaks):
    assert two_peaks(levels(**counts)) == peaks
