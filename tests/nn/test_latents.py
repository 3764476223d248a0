"""Latent vectors: a seed gives one vector; paths begin and end where they should; sums are read and added."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gancli.core.errors import OptionError
from gancli.nn import latents


@given(st.lists(st.integers(0, latents.MAX_SEED), min_size=1, max_size=5), st.sampled_from(latents.PRIORS))
def test_a_seed_gives_the_same_vector_in_any_company(seeds, prior):
    together = latents.from_seeds(seeds, 7, prior)
    alone = np.concatenate([latents.from_seeds([seed], 7, prior) for seed in seeds])
    assert together.dtype == np.float32
    assert np.array_equal(together, alone)


def test_priors_have_their_moments():
    uniform, normal = (latents.from_seeds(range(2000), 50, prior) for prior in ("uniform", "normal"))
    assert abs(uniform).max() <= 1
    assert uniform.std() == pytest.approx(3**-0.5, abs=0.01)
    assert normal.std() == pytest.approx(1, abs=0.01)
    assert normal.mean() == pytest.approx(0, abs=0.01)


def test_seeds_are_read_as_written():
    assert latents.parse_seeds("0-3,20, 7") == [0, 1, 2, 3, 20, 7]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        *[(text, "such as|ranges from low to high") for text in ("", "a", "-1", "1,,2", "1.5", "1-2-3")],
        ("3-1", "is descending"),
        ("9223372036854775808", "the largest seed is 9223372036854775807"),
        ("0-99999999999999999999", "the largest seed is 9223372036854775807"),
        ("1" * 5000, "the largest seed is 9223372036854775807"),
        ("0-99999999999", "more than 10,000,000"),
        ("0-9999999,3", "more than 10,000,000"),
    ],
)
def test_other_seeds_are_refused_and_told_why(text, reason):
    with pytest.raises(OptionError, match=reason):
        latents.parse_seeds(text)


def test_the_largest_seed_and_leading_zeros_are_read():
    assert latents.parse_seeds("0009223372036854775807,00,007-008") == [latents.MAX_SEED, 0, 7, 8]


@pytest.mark.parametrize("mode", ["lerp", "slerp"])
def test_a_path_goes_through_its_stops_to_the_bit(mode):
    stops = latents.from_seeds([3, 11, 4], 100, "normal")
    path = latents.path(stops, 5, mode=mode)
    assert path.shape == (9, 100)
    assert np.array_equal(path[[0, 4, 8]], stops)


def test_lerp_is_the_middle_and_slerp_keeps_the_length():
    start, end = np.eye(2, dtype=np.float32)
    assert latents.lerp(start, end, 0.5) == pytest.approx([0.5, 0.5])
    assert latents.slerp(start, end, 0.5) == pytest.approx([0.5**0.5, 0.5**0.5])
    assert latents.slerp(start, start, 0.3) == pytest.approx(start)


def test_sums_are_read():
    terms = latents.parse_sum("""7 - 1+ [3,5-6] - 'T-shirt/top' + sneaker + old man - "a b" """)
    assert [term.sign for term in terms] == [1, -1, 1, -1, 1, 1, -1]
    assert [str(term) for term in terms] == ["7", "1", "[3,5,6]", "T-shirt/top", "sneaker", "old man", "a b"]
    assert latents.parse_sum("-7")[0].sign == -1
    assert latents.parse_sum("[me.png, a b/you-2.jpg] + old")[0].files == ("me.png", "a b/you-2.jpg")


@pytest.mark.parametrize("text", ["", "7 -", "7 [1]", "[", "7 - - 1", "[]", "+"])
def test_other_sums_are_refused(text):
    with pytest.raises(OptionError):
        latents.parse_sum(text)


def test_addition_is_signed_and_neighbours_are_near():
    total = latents.add([np.ones(4), np.full(4, 2.0), np.full(4, 4.0)], [1, -1, 1])
    assert total == pytest.approx(np.full(4, 3.0))
    around = latents.neighbors(total, count=8, spread=0.25, seed=1)
    assert around.shape == (8, 4)
    assert 0.1 < np.abs(around - total).max() <= 0.25


def test_white_vectors_have_variance_1_and_moved_as_little_as_can_be():
    random = np.random.default_rng(0)
    vectors = random.normal(size=(2000, 3)) @ np.array([[3.0, 1.0, 0.0], [0.0, 0.5, 0.2], [0.0, 0.0, 1.0]]) + 7
    matrix, offset = latents.whitening(vectors)
    white = vectors @ matrix + offset
    assert np.allclose(white.mean(axis=0), 0, atol=1e-4)
    assert np.allclose(np.cov(white.T), np.eye(3), atol=1e-2)
    assert np.allclose(matrix, matrix.T, atol=1e-5)  # of all such maps the one that turns nothing
