"""The drawn avatars: always the same, with the attributes that are seen, found by words."""

from dataclasses import replace

import numpy as np
import pytest

from gancli import data
from gancli.core.errors import DataError
from gancli.data import Request
from gancli.data.datasets import avatars
from gancli.data.drawing import avatar
from gancli.data.drawing.pen import Pen
from gancli.data.labels import attribute_query


@pytest.fixture(scope="module")
def drawn():
    return data.load("avatars:10", Request(32))


@pytest.fixture(scope="module")
def look():
    plain = {"has_glasses": False, "has_blush": False, "has_hat": False, "is_smiling": False, "has_bangs": False}
    return replace(avatars.look_of(0, 0), **plain, tilt=0.0, turn=0.0, size=0.25, at=(0.5, 0.5), fringe="middle")


def test_avatars_are_the_same_each_time_and_in_data_of_another_size(drawn):
    fewer = data.load("avatars:4", Request(32))
    assert np.array_equal(fewer.train["image"], drawn.train["image"][:4])
    assert np.array_equal(fewer.train["attributes"], drawn.train["attributes"][:4])
    assert len({image.tobytes() for image in (*drawn.train["image"], *drawn.test["image"])}) == 11  # all differ
    assert "image" not in fewer.test
    assert data.load("avatars:4", Request(32)).facts() == fewer.facts()
    assert data.load("avatars:1", Request(color="gray")).shape == (64, 64, 1)
    with pytest.raises(DataError, match="no data set, file or folder 'avatars:few'"):
        data.load("avatars:few")


def test_many_avatars_are_drawn_once_and_read_from_the_cache_then(drawn, monkeypatch):
    monkeypatch.setattr("gancli.data.formats.decoded_cache.WORTH", 1)
    first = data.load("avatars:10", Request(32))
    monkeypatch.setattr(avatar, "draw", None)
    again = data.load("avatars:10", Request(32))
    assert first.facts() == again.facts() == drawn.facts()
    assert np.array_equal(again.test["attributes"], drawn.test["attributes"])
    with pytest.raises(TypeError):  # others are drawn
        data.load("avatars:11", Request(32))


def test_each_avatar_has_one_color_of_hair_eyes_and_ground_and_one_style():
    rows = np.array([avatars.attributes_of(avatars.look_of(0, number)) for number in range(400)])
    share = dict(zip(avatars.ATTRIBUTES, rows.mean(axis=0), strict=True))
    for names in (avatars.HAIR_NAMES, avatars.EYE_NAMES, avatars.GROUND_NAMES, avatars.STYLE_NAMES):
        members = [avatars.ATTRIBUTES.index(name) for name in names.values()]
        assert np.all(rows[:, members].sum(axis=1) == 1)
        assert min(share[name] for name in names.values()) > 0.5 / len(names)
    assert share["Round_Eyes"] + share["Narrow_Eyes"] == 1
    assert min(share.values()) > 0.05


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("smiling", {"Smiling": True}),
        ("blue hair and glasses", {"Blue_Hair": True, "Eyeglasses": True}),
        ("twin tails without hat", {"Twin_Tails": True, "Wearing_Hat": False}),
        ("green eyes, open mouth, no bangs", {"Green_Eyes": True, "Open_Mouth": True, "Bangs": False}),
    ],
)
def test_words_find_their_attributes(drawn, text, wanted):
    found = attribute_query.parse(text, drawn.facts()).wanted
    assert {avatars.ATTRIBUTES[at]: is_present for at, is_present in found.items()} == wanted


@pytest.mark.parametrize(
    ("change", "top", "bottom"),  # rows of 64 in which the pictures differ
    [
        ({"has_glasses": True}, 26, 48),
        ({"is_smiling": True, "has_open_mouth": False}, 20, 52),
        ({"has_blush": True}, 38, 46),
        ({"has_hat": True, "hat": "beret"}, 2, 24),
        ({"eye_color": (200, 20, 20)}, 26, 46),
    ],
)
def test_an_attribute_changes_its_part_of_the_picture(look, change, top, bottom):
    plain = replace(look, has_open_mouth=False)
    differs = (avatar.draw(plain) != avatar.draw(replace(plain, **change))).any(axis=(1, 2))
    rows = np.flatnonzero(differs)
    assert len(rows) > 2
    assert rows.min() >= top
    assert rows.max() < bottom


def test_hair_and_ground_have_their_colors(look):
    colors = {"hair_color": (30, 60, 200), "ground_color": (250, 240, 120)}
    image = avatar.draw(replace(look, has_bangs=True, fringe="straight", **colors)).astype(int)
    assert np.median(np.abs(image[14:28, 24:40] - (30, 60, 200)).max(axis=2)) < 3  # crown and bangs
    assert np.abs(image[2:6, 2:6] - (250, 240, 120)).max() < 60


def test_a_smooth_curve_goes_through_its_points_and_is_scaled_turned_and_moved():
    pen = Pen(40, (0, 0, 0), unit=10, tilt=np.pi / 2, center=(20, 20))
    pen.line([(0, 0), (1, 0)], (255, 0, 0), 0.3)
    rows, columns = np.nonzero(np.asarray(pen.image)[..., 0])
    assert rows.min() in (18, 19, 20)
    assert rows.max() in (29, 30, 31)  # x points downward after a quarter turn
    assert np.abs(columns - 20).max() <= 2
    pen = Pen(40, (0, 0, 0), unit=10, center=(20, 20))
    pen.blob([(1, 0), (0, 1), (-1, 0), (0, -1)], (0, 255, 0))
    is_green = np.asarray(pen.image)[..., 1] > 0
    assert is_green[20, 11]
    assert is_green[29, 20]
    assert not is_green[27, 29]
    assert 280 < is_green.sum() < 325  # nearly a circle of radius 10
