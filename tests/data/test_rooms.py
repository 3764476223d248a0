"""The drawn rooms: always the same, and their windows lie where they are said to."""

import numpy as np
import pytest

from gancli.data import Request
from gancli.data.datasets import rooms


@pytest.fixture(scope="module")
def drawn():
    return [rooms.draw(np.random.default_rng([7, number])) for number in range(300)]


def test_rooms_are_the_same_each_time(drawn, monkeypatch):
    monkeypatch.setattr(rooms, "COUNT", 300)
    dataset = rooms.load(Request())
    assert np.array_equal(dataset.train["image"], np.stack([pixels for pixels, _ in drawn]))
    assert dataset.attributes == ("window", "door", "bed")
    assert dataset.train["attributes"].tolist() == [
        [int(name in things) for name in dataset.attributes] for _, things in drawn
    ]
    assert dataset.train["attributes"].mean(axis=0) == pytest.approx([0.7, 0.5, 0.7], abs=0.1)
    assert rooms.load(Request(image_size=32, color="gray")).shape == (32, 32, 1)


def test_glass_finds_the_windows_and_nothing_else(drawn):
    found = rooms.glass(np.stack([pixels for pixels, _ in drawn]))
    for (_, things), boxes in zip(drawn, found, strict=True):
        assert bool(boxes) == ("window" in things)
    known = [things.get("window", []) for _, things in drawn]
    alike = [(one, two) for one, two in zip(known, found, strict=True) if len(one) == len(two)]
    assert len(alike) > 0.95 * len(drawn)  # two that touch are one
    assert all(np.abs(np.subtract(one, sorted(two))).max() <= 2 for one, two in alike if one)


def test_a_window_lies_on_the_wall_beside_the_door(drawn):
    for _, things in drawn:
        for left, top, right, bottom in things.get("window", []):
            assert 0 < left < right < 64
            assert 0 < top < bottom < 64
            for door in things.get("door", []):
                assert right <= door[0] or left >= door[2] or bottom <= door[1]
