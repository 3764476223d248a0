"""Label maps: layouts, lists and palettes, their faults, and what is packed of them."""

import numpy as np
import pytest
from helpers import streets
from helpers.trainings import finish, start, streets_file
from PIL import Image

from gancli import data
from gancli.core.errors import DataError
from gancli.data.annotations import label_maps
from gancli.data.dataset import Request
from gancli.data.formats import export, hdf5
from gancli.training import setup


@pytest.mark.parametrize("layout", ["segnet", "pair"])
def test_both_layouts_give_the_same_pictures_maps_and_parts(tmp_path, layout):
    pixels, maps = streets.draw(12)
    found = data.load(str(streets.lay(tmp_path, layout=layout)), Request(least=16))
    order = [row for part in ((0, 1), (2,)) for row in range(12) if row % 4 in part]
    assert np.array_equal(found.train["image"], pixels[order])
    assert np.array_equal(found.train["map"], maps[order])
    assert np.array_equal(found.test["map"], maps[3::4])
    assert (found.classes, found.palette, found.validation) == (streets.CLASSES, streets.PALETTE, 3)
    assert [rows.tolist() for rows in found.split()] == [list(range(6)), [6, 7, 8]]


def test_pictures_to_test_on_stay_however_small_they_are(tmp_path):
    """A crop is cut from pictures to train on alone; the others are looked at whole."""
    streets.lay(tmp_path)
    for part, number in (("train", 0), ("val", 2), ("test", 3), ("test", 7)):
        for path in (tmp_path / part / f"{number:03}.png", tmp_path / f"{part}annot" / f"{number:03}.png"):
            Image.fromarray(np.asarray(Image.open(path))[:10, :12]).save(path)
    found = data.load(str(tmp_path), Request(least=16))
    assert "1 to train on smaller than 16 pixels, left out: train/000.png" in [remark.text for remark in found.remarks]
    assert (len(found), found.validation, len(found.test["image"])) == (8, 3, 3)
    assert found.sizes(found.test).tolist() == [[10, 12], [10, 12], [20, 24]]
    whole = data.load(str(tmp_path), Request(least=1))
    assert [one.shape for one in whole.maps(range(3), whole.test)] == [(10, 12), (10, 12), (20, 24)]


def test_without_a_list_classes_are_numbers_and_255_is_none(tmp_path):
    found = data.load(str(streets.lay(tmp_path, listed=False)), Request(least=16))
    assert found.classes == ("0", "1", "2")
    assert len(set(found.palette)) == 3
    assert (found.train["map"] == label_maps.IGNORED).any()


def test_maps_in_colours_are_read_by_the_list(tmp_path):
    streets.lay(tmp_path)
    plain = data.load(str(tmp_path), Request(least=16)).train["map"]
    table = np.zeros((256, 3), np.uint8)
    table[:3] = streets.PALETTE
    for path in tmp_path.glob("*annot/*.png"):
        Image.fromarray(table[np.asarray(Image.open(path))]).save(path)
    with (tmp_path / "classes.txt").open("a") as file:
        file.write("\n3 Void 0 0 0")
    assert np.array_equal(data.load(str(tmp_path), Request(least=16)).train["map"], plain)


@pytest.mark.parametrize("name", ["Unlabelled", "void", "Ignore"])
def test_a_class_that_is_none_is_left_out(tmp_path, name):
    streets.lay(tmp_path)
    (tmp_path / "classes.txt").write_text(f"0 {name} 0 0 0\n1 road 1 1 1\n2 car 2 2 2")
    found = data.load(str(tmp_path), Request(least=16))
    assert found.classes == ("road", "car")
    assert set(np.unique(found.train["map"])) == {0, 1, label_maps.IGNORED}


def test_a_square_of_a_picture_and_of_its_map_show_the_same(tmp_path):
    found = data.load(str(streets.lay(tmp_path)), Request(image_size=10))
    near = np.abs(found.train["image"].astype(int) - np.array(streets.PALETTE)[found.train["map"] % 3]).max(axis=-1)
    assert np.median(near) < 25  # edges aside
    assert (near[found.train["map"] != label_maps.IGNORED] < 60).mean() > 0.85


def test_pictures_with_maps_come_back_from_an_h5_file(tmp_path, gancli):
    streets.lay(tmp_path / "a")
    assert gancli("data", "pack", tmp_path / "a", tmp_path / "b.h5", "--image-size", 16).code == 0
    packed, plain = data.load(str(tmp_path / "b.h5"), Request()), data.load(str(tmp_path / "a"), Request(image_size=16))
    assert packed.facts().fingerprint == plain.facts().fingerprint
    assert (packed.palette, packed.classes, packed.validation) == (plain.palette, plain.classes, plain.validation)


def test_frequencies_are_of_the_pictures_in_which_a_class_is():
    maps = np.array([[[0, 0], [0, 1]], [[0, 0], [0, 0]], [[2, 255], [255, 255]]], np.uint8)
    assert label_maps.frequencies(maps, 4) == pytest.approx((7 / 8, 1 / 4, 1.0, 0.0))
    assert label_maps.shares(maps, 4) == pytest.approx([7 / 9, 1 / 9, 1 / 9, 0])


def _lose(folder):
    (folder / "trainannot" / "000.png").unlink()


def _strange(folder):
    Image.fromarray(np.full((20, 24), 37, np.uint8)).save(folder / "trainannot" / "000.png")


def _small(folder):
    Image.fromarray(np.zeros((10, 24), np.uint8)).save(folder / "trainannot" / "000.png")


def _more(folder):
    Image.fromarray(np.zeros((20, 24), np.uint8)).save(folder / "trainannot" / "more.png")


def _coloured(folder):
    Image.fromarray(np.full((20, 24, 3), 9, np.uint8)).save(folder / "trainannot" / "000.png")


def _twice(folder):
    Image.fromarray(np.zeros((20, 24, 3), np.uint8)).save(folder / "train" / "000.jpg")


def _list(text):
    return lambda folder: (folder / "classes.txt").write_text(text)


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (_lose, "train/000.png: no label map"),
        (_strange, "trainannot/000.png: label 37, none of the 3 classes"),
        (_small, "trainannot/000.png: 24x10 pixels, and train/000.png has 24x20"),
        (_more, "trainannot/more.png: a label map, and no picture"),
        (_coloured, "the color 090909"),
        (_twice, "which one has the label map"),
        (_list("0 sky 1\n1 road"), "expected a number, a name"),
        (_list("0 sky\n0 road"), "the number 0 is that of two classes"),
        (_list("0 sky\n1 sky"), "the name 'sky' is that of two classes"),
        (_list("0 sky"), "1 classes"),
    ],
)
def test_wrong_maps_are_named_in_a_sentence(tmp_path, spoil, words):
    spoil(streets.lay(tmp_path))
    with pytest.raises(DataError, match=words):
        data.load(str(tmp_path), Request(least=16))


def test_a_colour_of_two_classes_is_refused_where_it_is_met(tmp_path):
    streets.lay(tmp_path)
    (tmp_path / "classes.txt").write_text("0 sky 9 9 9\n1 road 9 9 9\n2 car 1 2 3")
    assert data.load(str(tmp_path), Request(least=16)).classes == ("sky", "road", "car")  # maps of numbers
    _coloured(tmp_path)
    with pytest.raises(DataError, match="the color 090909, which the list gives to two"):
        data.load(str(tmp_path), Request(least=16))


def test_a_palette_in_any_order_is_read_by_its_colours(tmp_path):
    streets.lay(tmp_path)
    plain = data.load(str(tmp_path), Request(least=16)).train["map"]
    (tmp_path / "classes.txt").open("a").write("\n3 Void 0 0 0")
    for path in tmp_path.glob("*annot/*.png"):
        colors = label_maps.colored(np.asarray(Image.open(path)), streets.PALETTE)
        Image.fromarray(colors).convert("P", palette=Image.Palette.ADAPTIVE, colors=4).save(path)
    assert np.array_equal(data.load(str(tmp_path), Request(least=16)).train["map"], plain)


@pytest.mark.parametrize(("folder", "maps"), [("Images/Test", "Labels/Test"), ("test", "test_annot")])
def test_case_and_underscores_do_not_matter_and_what_has_no_maps_is_named(tmp_path, folder, maps):
    streets.lay(tmp_path)
    (tmp_path / folder).parent.mkdir(exist_ok=True)
    (tmp_path / maps).parent.mkdir(exist_ok=True)
    (tmp_path / "test").rename(tmp_path / folder)
    (tmp_path / "testannot").rename(tmp_path / maps)
    (tmp_path / "more").mkdir()
    Image.fromarray(streets.draw(1)[0][0]).save(tmp_path / "more" / "a.png")
    found = data.load(str(tmp_path), Request(least=16))
    assert len(found.test["map"]) == 3
    assert "more/a.png" in " ".join(remark.text for remark in found.remarks)


def test_a_map_is_written_in_the_numbers_of_the_list(tmp_path, gancli):
    streets.lay(tmp_path)
    for path in tmp_path.glob("*annot/*.png"):
        values = np.asarray(Image.open(path))
        Image.fromarray(np.where(values == streets.NONE, 0, 7 * values + 3).astype(np.uint8)).save(path)
    (tmp_path / "classes.txt").write_text("0 void 0 0 0\n3 sky 1 1 1\n10 road 2 2 2\n17 car 3 3 3")
    started = start(tmp_path / "runs", "", "segmentation", data=str(tmp_path), batch_size=2, steps=2)
    finish(started)
    assert started.model.data.numbers == (3, 10, 17)
    assert gancli("segment", tmp_path / "test" / "003.png", "--run", started.run.path).code == 0
    with Image.open(tmp_path / "test" / "003-labels.png") as made:
        assert set(np.unique(made)) <= {3, 10, 17}


def test_no_validation_picture_of_the_data_s_own_is_trained_on():
    model = start_of("segmentation", hold_out=False)
    assert model.pipeline.training_count() == 24
    assert model.pipeline.training_rows(data.load(str(streets_file()), Request(least=16))).tolist() == list(range(24))


def start_of(name, **chosen):
    return setup.prepare(
        name, {"data": str(streets_file()), "crop": 16, "batch_size": 4, **chosen}, data_dir=None
    ).model


def test_colours_without_a_list_are_refused(tmp_path):
    streets.lay(tmp_path, listed=False)
    Image.new("RGB", (24, 20), (9, 0, 0)).save(tmp_path / "trainannot" / "000.png")
    with pytest.raises(DataError, match=r"classes\.txt"):
        data.load(str(tmp_path), Request(least=16))


def test_other_models_take_the_pictures_and_leave_the_maps(tmp_path):
    started = start(tmp_path / "runs", streets.lay(tmp_path / "a"), steps=2, batch_size=4, image_size=8)
    finish(started)
    assert started.model.data.classes == streets.CLASSES


def test_what_is_packed_again_keeps_maps_and_what_they_mean(tmp_path):
    found = data.load(str(streets_file()), Request(least=16))
    export.write_rows(found, range(5), tmp_path / "few.h5")
    few = data.load(str(tmp_path / "few.h5"), Request(least=16))
    assert np.array_equal(few.train["map"], found.train["map"][:5])
    assert (few.palette, few.numbers, few.classes) == (found.palette, found.numbers, found.classes)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"maps": np.zeros((4, 8, 7), np.uint8)}, "'maps' has shape"),
        ({"maps": np.full((4, 8, 8), 9, np.uint8)}, "label 9, which is none of the 2 classes"),
        ({"others": np.zeros((4, 8, 8, 1), np.uint8)}, "'others' has shape"),
        ({"tests": np.full(4, 7, np.uint8)}, "'tests' must be"),
        ({"palette": ((1, 2, 3),)}, "'palette' must be"),
        ({"numbers": (1, 1)}, "'numbers' must be"),
        ({"classes": ("a", "a")}, "a name for each"),
    ],
)
def test_what_is_wrong_in_a_h5_file_is_told(tmp_path, change, words):
    columns = {"maps": np.zeros((4, 8, 8), np.uint8), "tests": np.array([0, 0, 1, 2], np.uint8)}
    told = {"classes": ("a", "b"), "palette": ((1, 2, 3), (4, 5, 6)), "numbers": (0, 1)}
    columns |= {name: value for name, value in change.items() if isinstance(value, np.ndarray)}
    told |= {name: value for name, value in change.items() if not isinstance(value, np.ndarray)}
    hdf5.write(tmp_path / "x.h5", np.zeros((4, 8, 8, 3), np.uint8), (4, 8, 8, 3), columns=columns, **told)
    with pytest.raises(DataError, match=words):
        data.load(str(tmp_path / "x.h5"), Request())
