"""When parts of a face appear: certainty and shares of attributes against those of real images."""

import numpy as np
import pytest

from gancli.evaluation.metrics.attribute_emergence import PartScore, first_steps, parts_of, score_parts

NAMES = ("Blue_Eyes", "Red_Eyes", "Eyeglasses", "Smiling", "Mouth_Slightly_Open", "Black_Hair", "Bangs", "Male")


def test_attributes_belong_to_the_parts_that_their_names_name():
    assert parts_of(NAMES) == {"eyes": [0, 1], "mouth": [3, 4], "hair": [5, 6]}
    assert parts_of(("Male", "Narrow_Eyes", "No_Beard")) == {"eyes": [1]}
    assert parts_of(("window", "door")) == {}


def test_certainty_and_distance_by_hand():
    real = np.array([[0.9, 0.1], [0.2, 0.8], [0.9, 0.3], [0.1, 1.0]])  # half of each
    ours = np.array([[0.6, 0.2], [0.3, 0.1], [0.9, 0.4], [0.7, 0.2]])  # three and none
    found = score_parts(ours, real, {"eyes": [0, 1]})["eyes"]
    assert found.certainty == pytest.approx((0.2 + 0.6 + 0.4 + 0.8 + 0.8 + 0.2 + 0.4 + 0.6) / (1.6 + 1.2 + 1.2 + 1.8))
    assert found.distance == pytest.approx((0.25 + 0.5) / 2)
    assert not found.is_there
    assert score_parts(real, real, {"eyes": [0, 1]})["eyes"] == PartScore(1, 0)


@pytest.mark.parametrize(
    ("certainty", "distance", "is_there"), [(0.9, 0.09, True), (1.1, 0.05, True), (0.89, 0.0, False), (1, 0.1, False)]
)
def test_a_part_is_there_if_it_is_certain_and_as_frequent_as_in_the_data(certainty, distance, is_there):
    assert PartScore(certainty, distance).is_there == is_there


def test_noise_that_always_looks_like_one_attribute_is_not_there():
    real = np.eye(4)[np.arange(100) % 4]
    assert not score_parts(np.eye(4)[np.zeros(100, int)], real, {"hair": [0, 1, 2, 3]})["hair"].is_there
    assert score_parts(real[::-1], real, {"hair": [0, 1, 2, 3]})["hair"].is_there


def test_the_first_step_counts_even_if_a_part_is_lost_again():
    there, not_there = PartScore(1, 0), PartScore(0.5, 0)
    by_step = {
        2000: {"eyes": not_there, "hair": there, "mouth": not_there},
        100: {"eyes": not_there, "hair": not_there, "mouth": not_there},
        1000: {"eyes": there, "hair": not_there, "mouth": not_there},
    }
    assert first_steps(by_step) == {"eyes": 1000, "hair": 2000, "mouth": None}
