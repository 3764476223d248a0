"""Data of two domains and of pairs: folders, pictures side by side, label maps, and their faults."""

import numpy as np
import pytest
from helpers import streets
from helpers.trainings import kinds_file, start
from PIL import Image

from gancli import data as sets
from gancli.core.backend import keras
from gancli.core.errors import DataError
from gancli.data.annotations import label_maps
from gancli.data.remarks import LEFT_OUT
from gancli.data.request import Request


def lay(folder, places, count=3, side=16, width=None):
    """Pictures in folders, each of one colour, which says place and number."""
    for number, place in enumerate(places):
        for row in range(count):
            (folder / place).mkdir(parents=True, exist_ok=True)
            color = np.array([10 * number, 20 * row, 100])
            Image.fromarray(np.full((side, width or side, 3), color, np.uint8)).save(folder / place / f"{row}.png")
    return folder


def test_folders_of_two_domains_give_kinds_and_tests(tmp_path):
    found = sets.load(str(lay(tmp_path, ("trainA", "trainB", "testA", "testB"))))
    assert found.classes == ("A", "B")
    assert (found.train["label"].tolist(), found.test["label"].tolist()) == ([0, 0, 0, 1, 1, 1], [0, 0, 0, 1, 1, 1])
    assert (found.train["image"][:, 0, 0, 0].tolist(), found.test["image"][0, 0, 0, 0]) == ([0] * 3 + [10] * 3, 20)


@pytest.mark.parametrize("places", [("trainA", "trainB", "testA", "testB"), ("A/train", "B/train", "A/test", "B/test")])
def test_folders_with_the_same_names_are_pairs(tmp_path, places):
    found = sets.load(str(lay(tmp_path, places)), Request(paired=True))
    for part, first, other in ((found.train, 0, 10), (found.test, 20, 30)):
        assert part["image"][:, 0, 0].tolist() == [[first, 20 * row, 100] for row in range(3)]
        assert part["other"][:, 0, 0].tolist() == [[other, 20 * row, 100] for row in range(3)]


def test_pictures_side_by_side_are_pairs(tmp_path):
    for part in ("train", "val"):
        (tmp_path / part).mkdir()
        halves = np.concatenate([np.full((8, 8, 3), 50), np.full((8, 8, 3), 200)], axis=1)
        Image.fromarray(halves.astype(np.uint8)).save(tmp_path / part / "0.png")
    found = sets.load(str(tmp_path), Request(paired=True))
    assert (found.shape, found.validation) == ((8, 8, 3), 1)
    assert (found.train["image"] == 50).all()
    assert (found.train["other"] == 200).all()


def test_a_picture_beside_pairs_side_by_side_is_left_out_and_changes_no_size(tmp_path):
    lay(tmp_path, ("Training", "valid"), side=8, width=16)
    Image.new("RGB", (30, 20)).save(tmp_path / "preview.png")
    found = sets.load(str(tmp_path), Request(paired=True))
    assert (len(found), found.shape, found.validation) == (6, (8, 8, 3), 3)
    assert [remark.text for remark in found.remarks if remark.kind == LEFT_OUT] == [
        "1 of 7 pictures left out, in no folder, beside Training, valid: preview.png"
    ]


def test_pictures_and_their_label_maps_are_pairs(tmp_path):
    found = sets.load(str(streets.lay(tmp_path)), Request(image_size=16, paired=True))
    expected = label_maps.colored(found.train["map"], streets.PALETTE)
    assert np.array_equal(found.train["other"], expected)


def _lose(folder):
    for path in (folder / "trainB").iterdir():
        path.unlink()


def test_an_empty_domain_is_refused_by_models_of_two(tmp_path):
    lay(tmp_path, ("trainA", "trainB", "testB"))
    _lose(tmp_path)
    found = sets.load(str(tmp_path))
    assert ("label" in found.train, len(found), len(found.test["image"])) == (False, 3, 3)
    with pytest.raises(DataError, match=r"needs label, but .*: the domain B has no pictures"):
        start(tmp_path, "", "cyclegan", data=str(tmp_path), image_size=16)


def test_a_picture_without_its_other_is_named(tmp_path):
    lay(tmp_path, ("trainA", "trainB"))
    (tmp_path / "trainB" / "1.png").unlink()
    with pytest.raises(DataError, match=r"trainA/1\.png: no picture of that name in the other domain"):
        sets.load(str(tmp_path), Request(paired=True))


@pytest.mark.parametrize("places", [("trainA", "trainB", "others"), ("A/train", "B/train", "A/test", "B/test")])
@pytest.mark.parametrize("paired", [False, True])
def test_a_picture_in_neither_domain_is_left_out_and_named(tmp_path, places, paired):
    lay(tmp_path, places, count=1)
    Image.new("RGB", (16, 16)).save(tmp_path / "preview.png")
    found = sets.load(str(tmp_path), Request(paired=paired))
    assert len(found) == 2 - paired
    assert found.classes == (() if paired else ("A", "B"))
    told = [remark.text for remark in found.remarks if remark.kind == LEFT_OUT]
    strays = "2 of 4 pictures left out, in neither domain: preview.png, others/0.png"
    assert told == [strays if "others" in places else "1 of 5 pictures left out, in neither domain: preview.png"]


@pytest.mark.parametrize("places", [("A/cats", "A/dogs"), ("A", "B", "C"), ("A/cats", "B/dogs")])
def test_classes_that_are_called_a_and_b_stay_classes(tmp_path, places):
    found = sets.load(str(lay(tmp_path, places)))
    assert len(found.classes) == len(places)
    assert not found.test


def test_validation_pictures_of_sorted_kinds_are_of_both(tmp_path):
    unseen = sets.load(str(kinds_file())).split()[1]
    labels = np.sort(sets.load(str(kinds_file())).train["label"])
    ordered = sets.dataset.Dataset("x", {"image": np.zeros((80, 8, 8, 1)), "label": labels}, {"image": np.zeros(1)})
    assert set(labels[ordered.split()[1]]) == {0, 1}
    assert len(unseen) == 16


def test_no_pairs_at_all_is_said(tmp_path):
    with pytest.raises(DataError, match="no pairs"):
        sets.load(str(lay(tmp_path, ("photos",))), Request(paired=True))
    with pytest.raises(DataError, match="holds no pairs"):
        sets.load("digits", Request(paired=True))


def test_other_kinds_are_refused_and_leave_no_precision_behind(tmp_path):
    with pytest.raises(DataError, match="trainA and trainB"):
        start(tmp_path, "", "cyclegan", data="digits", image_size=16, precision="bfloat16")
    assert keras.config.dtype_policy().name == "float32"


def test_pairs_of_two_shapes_are_told(tmp_path):
    for row in range(3):
        for folder, size in (("trainA", (16, 16)), ("trainB", (32, 16)), ("testA", (16, 16)), ("testB", (17, 17))):
            (tmp_path / folder).mkdir(exist_ok=True)
            Image.new("RGB", size, (9, 40 * row, 3)).save(tmp_path / folder / f"{row}.png")
    texts = [remark.text for remark in sets.load(str(tmp_path), Request(image_size=8, paired=True)).remarks]
    assert any(
        "3 pairs of different shapes" in text and "trainA/0.png 16x16 with trainB/0.png 32x16" in text for text in texts
    )
    sizes = "12 pictures of 16x16 to 32x16, 3 of them not square: cropped to center squares, resized to 8x8"
    assert f"{sizes} (change with --image-size, --crop)" in texts


@pytest.mark.parametrize("layout", ["folders", "side by side", "maps"])
def test_pairs_keep_the_remarks_on_their_pictures(tmp_path, layout):
    folders = {"folders": ("trainA", "trainB"), "side by side": ("train",), "maps": ("images", "labels")}[layout]
    for folder in folders:
        (tmp_path / folder).mkdir()
        kind = Image.new("RGBA", (16 if layout == "side by side" else 8, 8), (90, 90, 90, 0))
        if folder == "labels":
            kind = Image.fromarray(np.arange(64, dtype=np.uint8).reshape(8, 8) % 2)
        kind.save(tmp_path / folder / "0.png")
    found = sets.load(str(tmp_path), Request(image_size=8, paired=True))
    assert "transparency, put on white" in " ".join(remark.text for remark in found.remarks)
    assert found.train["image"][0].min() == 255


def test_a_pair_of_which_exif_turns_one_is_told(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 3
    for folder, options in (("trainA", {"exif": exif}), ("trainB", {})):
        (tmp_path / folder).mkdir()
        Image.new("RGB", (8, 8)).save(tmp_path / folder / "0.png", **options)
    found = sets.load(str(tmp_path), Request(image_size=8, paired=True))
    assert "1 pairs in which EXIF rotates only one picture: trainA/0.png" in [remark.text for remark in found.remarks]
