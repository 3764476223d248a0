"""How pictures become squares is said in one line, with what was found and how to change it."""

import pytest
from PIL import Image

from gancli import data
from gancli.data import Request
from gancli.data.images.size_remarks import size_remarks

ADVICE = "(change with --image-size, --crop)"


@pytest.mark.parametrize(
    ("sizes", "side", "crop", "is_requested", "text"),
    [
        (
            {(48, 40): 3},
            64,
            None,
            False,
            "3 pictures of 48x40, not square: cropped to the center 40x40, resized to 64x64",
        ),
        ({(48, 40): 3}, 40, None, True, "3 pictures of 48x40, not square: cropped to the center 40x40"),
        ({(48, 40): 3}, 32, 32, False, "3 pictures of 48x40, not square: cropped to the center 32x32"),
        ({(48, 40): 1}, 16, 32, True, "1 picture of 48x40, not square: cropped to the center 32x32, resized to 16x16"),
        ({(30, 30): 1, (9, 9): 2}, 64, None, False, "3 pictures of 9x9 to 30x30: resized to 64x64"),
        (
            {(30, 20): 1, (9, 9): 2},
            64,
            None,
            False,
            "3 pictures of 9x9 to 30x20, 1 of them not square: cropped to center squares, resized to 64x64",
        ),
        ({(30, 30): 1, (9, 9): 2}, 64, None, True, None),
        ({(30, 30): 3}, 30, None, False, None),
        ({(30, 30): 3}, 20, 20, False, None),
    ],
)
def test_a_remark_says_what_was_found_what_is_cut_and_what_changes_it(sizes, side, crop, is_requested, text):
    found = size_remarks(sizes, side, crop=crop, is_requested=is_requested)
    assert [remark.text for remark in found] == ([] if text is None else [f"{text} {ADVICE}"])


def test_loading_and_checking_say_the_same(tmp_path, gancli):
    (tmp_path / "photos").mkdir()
    for number in range(3):
        Image.new("RGB", (48, 40), (90 * number, 0, 255)).save(tmp_path / "photos" / f"{number}.png")
    dataset = data.load(str(tmp_path / "photos"))
    sentence = f"3 pictures of 48x40, not square: cropped to the center 40x40, resized to 64x64 {ADVICE}"
    assert (dataset.shape, dataset.remarks[0].text) == ((64, 64, 3), sentence)
    assert f"note: {sentence}" in gancli("data", "check", tmp_path / "photos").out
    assert "resized" not in data.load(str(tmp_path / "photos"), Request(crop=32)).remarks[0].text
