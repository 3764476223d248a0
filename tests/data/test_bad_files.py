"""Bad files: all of them are named, and with --skip-bad everything else is used."""

import json
import re
import zipfile

import numpy as np
import pytest
from PIL import Image

from gancli import data
from gancli.core.errors import DataError
from gancli.data import Request
from tests.helpers.specimens import encoded, photo, pixels, put

SIDE = 8


def cut(seed=0):
    """A picture whose header is fine and whose pixels are cut short."""
    return encoded(pixels(1, 32, 32, 3, seed=seed)[0])[:1200]


def folder_of(tmp_path, *, sound=6, cut_short=0, empty=0):
    for number in range(sound):
        photo(tmp_path / "set" / f"good{number}.png", seed=number)
    for number in range(cut_short):
        put(tmp_path / "set" / f"cut{number}.png", cut(number))
    for number in range(empty):
        put(tmp_path / "set" / f"empty{number}.png", b"")
    return tmp_path / "set"


def texts(dataset):
    return "\n".join(remark.text for remark in dataset.remarks)


@pytest.mark.parametrize(
    ("command", "extra"), [("train", ("--model", "gan", "--dry-run", "--batch-size", "2", "--data")), ("pack", ())]
)
def test_all_bad_files_are_named_at_once_also_those_that_fail_when_decoded(gancli, tmp_path, command, extra):
    folder = folder_of(tmp_path, cut_short=7, empty=8)
    words = ("data", "pack", folder, tmp_path / "a.h5") if command == "pack" else (command, *extra, folder)
    answer = gancli(*words)
    assert answer.code == 3
    assert "15 bad files" in answer.err
    assert all(
        f"{kind}{number}.png" in answer.err for kind, most in (("cut", 7), ("empty", 8)) for number in range(most)
    )
    assert "good" not in answer.err
    answer = gancli(*words, "--skip-bad")
    assert answer.code == 0, answer.err
    assert all(
        f"{kind}{number}.png" in answer.err for kind, most in (("cut", 7), ("empty", 8)) for number in range(most)
    )


def test_pictures_that_only_fail_when_decoded_are_left_out_with_their_labels(tmp_path):
    for number in range(8):
        photo(tmp_path / "set" / "ab"[number % 2] / f"{number}.png", seed=number)
    put(tmp_path / "set" / "a" / "2.png", cut())
    put(tmp_path / "set" / "b" / "5.png", b"text")
    dataset = data.load(str(tmp_path / "set"), Request(SIDE, skip_bad=True))
    assert dataset.train["label"].tolist() == [0, 0, 0, 1, 1, 1]
    assert re.search(r"a/2\.png: .*truncated", texts(dataset))
    assert "b/5.png: not an image" in texts(dataset)
    assert np.array_equal(dataset.train["image"][1], np.asarray(Image.open(tmp_path / "set" / "a" / "4.png")))


def test_the_cache_of_a_set_without_its_bad_files_is_not_that_of_the_set(tmp_path):
    folder = folder_of(tmp_path, empty=1)
    assert len(data.load(str(folder), Request(SIDE, skip_bad=True))) == 6
    with pytest.raises(DataError, match=r"empty0\.png"):
        data.load(str(folder), Request(SIDE))


def test_both_of_a_pair_are_left_out(tmp_path):
    for number in range(5):
        for side in "AB":
            photo(tmp_path / "set" / f"train{side}" / f"{number}.png", seed=number)
    put(tmp_path / "set" / "trainA" / "1.png", b"")
    put(tmp_path / "set" / "trainB" / "3.png", cut())
    with pytest.raises(DataError) as error:
        data.load(str(tmp_path / "set"), Request(SIDE, paired=True))
    assert "trainA/1.png" in str(error.value) and "trainB/3.png" in str(error.value)
    dataset = data.load(str(tmp_path / "set"), Request(SIDE, paired=True, skip_bad=True))
    assert len(dataset) == 3
    expected = [np.asarray(Image.open(tmp_path / "set" / "trainB" / f"{number}.png")) for number in (0, 2, 4)]
    assert np.array_equal(dataset.train["other"][:], expected)


def with_maps(tmp_path):
    for number in range(6):
        photo(tmp_path / "set" / "images" / f"{number}.png", seed=number)
        values = np.full((SIDE, SIDE), number % 2, np.uint8)
        values[0] = 1 - number % 2
        put(tmp_path / "set" / "labels" / f"{number}.png", encoded(values))
    return tmp_path / "set"


def test_a_picture_with_a_bad_label_map_is_left_out(tmp_path):
    folder = with_maps(tmp_path)
    put(folder / "labels" / "2.png", b"")
    put(folder / "labels" / "4.png", encoded(np.zeros((3, 3), np.uint8)))
    put(folder / "images" / "5.png", b"")
    with pytest.raises(DataError) as error:
        data.load(str(folder))
    assert all(name in str(error.value) for name in ("labels/2.png", "labels/4.png", "images/5.png"))
    dataset = data.load(str(folder), Request(skip_bad=True))
    assert dataset.train["map"][:, 1, 1].tolist() == [0, 1, 1]


def with_texts(tmp_path):
    for number in range(6):
        photo(tmp_path / "set" / f"{number}.png", seed=number)
        put(tmp_path / "set" / f"{number}.txt", f"picture {number}")
    return tmp_path / "set"


def test_a_picture_with_a_bad_text_is_left_out(gancli, tmp_path):
    folder = with_texts(tmp_path)
    put(folder / "1.txt", "\n")
    put(folder / "4.txt", b"\x00\x01")
    answer = gancli("data", "check", folder)
    assert answer.code == 3
    assert "bad: 1.txt: holds no caption" in answer.out and "bad: 4.txt: zeros" in answer.out
    dataset = data.load(str(folder), Request(SIDE, skip_bad=True))
    assert dataset.train["caption"].tolist() == [[f"picture {number}"] for number in (0, 2, 3, 5)]
    assert "1.txt: holds no caption" in texts(dataset)


@pytest.mark.parametrize("kind", ["pictures", "texts", "maps"])
def test_where_all_files_of_one_kind_are_bad_they_are_listed(gancli, tmp_path, kind):
    folder = with_maps(tmp_path) if kind == "maps" else with_texts(tmp_path)
    bad = {"pictures": "*.png", "texts": "*.txt", "maps": "labels/*.png"}[kind]
    names = [str(path.relative_to(folder)) for path in folder.glob(bad)]
    for name in names:
        put(folder / name, b"")
    model = {"pictures": ("gan",), "texts": ("gan-cls",), "maps": ("segmentation", "--crop", "16")}[kind]
    for words in (
        ("data", "check", folder),
        ("data", "check", folder, "--skip-bad"),
        ("data", "pack", folder, tmp_path / "a.h5"),
        ("data", "pack", folder, tmp_path / "a.h5", "--skip-bad"),
        ("train", "--model", *model, "--batch-size", "2", "--data", folder, "--dry-run"),
        ("train", "--model", *model, "--batch-size", "2", "--data", folder, "--dry-run", "--skip-bad"),
    ):
        answer = gancli(*words)
        assert answer.code == 3, (words, answer)
        assert all(name in answer.out + answer.err for name in names), (words, answer)


def test_check_lists_bad_files_and_ends_well_without_them(gancli, tmp_path):
    folder = folder_of(tmp_path, cut_short=1, empty=2)
    assert gancli("data", "check", folder).code == 3
    answer = gancli("data", "check", folder, "--skip-bad")
    assert answer.code == 0
    assert answer.out.count("\nbad: ") == 3
    found = json.loads(gancli("data", "check", folder, "--skip-bad", "--json").out)
    assert [one["file"] for one in found["bad"]] == ["cut0.png", "empty0.png", "empty1.png"]
    assert found["pictures"] == 6


def test_bad_files_of_a_zip_are_left_out_too(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for number in range(4):
            archive.writestr(f"{number}.png", b"" if number == 2 else encoded(pixels(1, SIDE, SIDE, seed=number)[0]))
    assert len(data.load(str(tmp_path / "a.zip"), Request(SIDE, skip_bad=True))) == 3


def test_images_that_are_scored_may_have_bad_ones_among_them(tmp_path):
    folder = folder_of(tmp_path, cut_short=1)
    with pytest.raises(DataError, match=r"cut0\.png"):
        data.load_images(folder, (SIDE, SIDE, 3))
    told = []
    assert len(data.load_images(folder, (SIDE, SIDE, 3), skip_bad=True, tell=told.extend)) == 6
    assert any("cut0.png" in remark.text for remark in told)


def test_a_folder_without_pictures_says_what_is_there(tmp_path):
    for number in range(4):
        put(tmp_path / "set" / f"{number}.xyz", b"x")
    with pytest.raises(DataError, match=r"holds no pictures: 4 files end in \.xyz"):
        data.load(str(tmp_path / "set"))
    put(tmp_path / "set" / "data", b"x")
    with pytest.raises(DataError, match=r"holds no pictures: of 5 files 4 end in \.xyz, 1 has no ending"):
        data.load(str(tmp_path / "set"))
