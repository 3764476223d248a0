"""Scores against closed forms, direct sums, published identities and independent libraries."""

import itertools
import math

import numpy as np
import pytest
from scipy.linalg import sqrtm
from scipy.special import logsumexp
from skimage.metrics import structural_similarity
from sklearn.neighbors import KernelDensity

from gancli.evaluation.metrics import (
    class_statistics,
    frechet,
    kid,
    ms_ssim,
    neighbors,
    parzen,
    precision_recall,
)


def normal(count, size, seed=0, *, shift=0.0, scale=1.0):
    return np.random.default_rng(seed).normal(shift, scale, (count, size)).astype(np.float32)


# --- Parzen windows


def test_one_centre_at_the_test_point_has_the_gaussian_s_height():
    point = np.full((1, 784), 0.3, np.float32)
    expected = -784 * math.log(0.2 * math.sqrt(2 * math.pi))
    assert expected == pytest.approx(541.35, abs=0.01)
    assert parzen.log_likelihoods(point, point, [0.2])[0, 0] == pytest.approx(expected, abs=1e-3)


@pytest.mark.parametrize("sigma", [0.1, 0.35, 1.0])
def test_parzen_agrees_with_scikit_learn_and_with_a_direct_sum(sigma):
    random = np.random.default_rng(0)
    samples, images = random.random((70, 30)).astype(np.float32), random.random((520, 30)).astype(np.float32)
    found = parzen.log_likelihoods(samples, images, [sigma])[0]
    library = KernelDensity(bandwidth=sigma).fit(samples.astype(np.float64)).score_samples(images.astype(np.float64))
    assert found == pytest.approx(library, abs=1e-3)
    assert found[:20] == pytest.approx(direct_parzen(samples, images[:20], sigma), abs=1e-3)


def test_scikit_learn_agrees_at_784_pixels_once_it_has_no_tree():
    """With its usual leaves the search goes wrong there: experiments/benchmarks/parzen.py."""
    samples, images = np.clip(normal(300, 784, 1, shift=0.4), 0, 1), np.clip(normal(50, 784, 2), 0, 1)
    found = parzen.log_likelihoods(samples, images, [0.2])[0]
    library = KernelDensity(bandwidth=0.2, leaf_size=300).fit(samples.astype(np.float64))
    assert found == pytest.approx(library.score_samples(images.astype(np.float64)), abs=1e-3)


def direct_parzen(samples, images, sigma):
    """The formula of the paper in float64, image by image."""
    samples, size = samples.astype(np.float64), samples.shape[1]
    powers = [-((image - samples) ** 2).sum(axis=1) / (2 * sigma**2) for image in images.astype(np.float64)]
    return [logsumexp(row) - math.log(len(samples)) - size * math.log(sigma * math.sqrt(2 * math.pi)) for row in powers]


@pytest.mark.parametrize("sigma", [0.1, 0.2])
def test_parzen_of_784_pixels_is_within_a_thousandth_of_a_nat_of_float64(sigma):
    samples, images = np.clip(normal(500, 784, 1, shift=0.4, scale=0.3), 0, 1), np.clip(normal(300, 784, 2), 0, 1)
    found = parzen.log_likelihoods(samples, images, [sigma])[0]
    assert found.mean() == pytest.approx(np.mean(direct_parzen(samples, images, sigma)), abs=1e-3)


def test_sigma_is_chosen_on_the_validation_images():
    samples, validation, test = (normal(400, 4, seed, shift=0.5, scale=0.2) for seed in range(3))
    found = parzen.score(samples, validation, test, sigmas=[0.01, 0.1, 1.0])
    assert found.sigmas == (0.1,)
    assert not found.at_edge
    assert found.standard_error == pytest.approx(parzen.log_likelihoods(samples, test, [0.1])[0].std() / 20, rel=1e-6)


@pytest.mark.parametrize("grid", [[0.5, 1.0], [0.01, 0.02], [1.0]])
def test_a_grid_whose_edge_is_best_grows_until_the_best_lies_inside(grid):
    samples, validation, test = (normal(400, 4, seed, shift=0.5, scale=0.2) for seed in range(3))
    found = parzen.score(samples, validation, test, sigmas=grid)
    if len(grid) == 1:
        assert found.sigmas == (1.0,)  # one width is no search
        return
    assert 0.05 < found.sigmas[0] < 0.2
    assert not found.at_edge
    assert set(grid) < set(found.curve)


def test_a_grid_that_never_turns_is_told_to_end_at_its_edge():
    same = normal(20, 4)
    assert parzen.score(same, same, same, sigmas=[0.1, 0.2]).at_edge  # the images are their own centres


def test_folds_choose_their_own_sigma_and_the_error_is_across_them():
    samples, images = normal(300, 4, 0, scale=0.2), normal(50, 4, 1, scale=0.2)
    found = parzen.score_folds(samples, images, folds=5, validation=1000)
    alone = []
    for fold in range(5):
        own = np.arange(50) % 5 == fold
        alone.append(parzen.score(samples, images[~own], images[own]))
    assert found.sigmas == tuple(one.sigmas[0] for one in alone)
    assert found.mean == pytest.approx(np.mean([one.mean for one in alone]))
    assert found.standard_error == pytest.approx(np.std([one.mean for one in alone], ddof=1) / math.sqrt(5))


def test_the_score_of_one_image_has_no_error():
    found = parzen.score(normal(50, 4), normal(20, 4, 1), normal(1, 4, 2))
    assert found.standard_error is None


# --- Fréchet distance


def test_the_frechet_distance_of_one_dimensional_gaussians_is_the_closed_form():
    first, second = normal(200_000, 1, 0, shift=1.0, scale=2.0), normal(200_000, 1, 1, shift=-0.5, scale=0.5)
    assert frechet.distance(first, second) == pytest.approx(1.5**2 + 1.5**2, rel=0.02)


@pytest.mark.parametrize("count", [400, 20])  # more images than features, and fewer
def test_the_frechet_distance_agrees_with_scipy_s_root_also_below_full_rank(count):
    mix = normal(50, 50, 9)
    first, second = (normal(count, 50, seed).astype(np.float64) @ mix + seed for seed in (1, 2))
    covariances = [np.cov(rows, rowvar=False) for rows in (first, second)]
    gap = first.mean(axis=0) - second.mean(axis=0)
    root = sqrtm(covariances[0] @ covariances[1])
    expected = gap @ gap + np.trace(covariances[0] + covariances[1]) - 2 * np.trace(root).real
    tolerance = 1e-6 if count > 50 else 1e-3  # scipy's root of a singular product is only so good
    assert frechet.distance(first, second) == pytest.approx(expected, rel=tolerance)


def test_a_set_has_no_frechet_distance_from_itself():
    rows = normal(100, 30)
    assert frechet.distance(rows, rows) == pytest.approx(0, abs=1e-5)


# --- kernel distance


def test_the_kernel_distance_agrees_with_a_direct_double_sum():
    first, second = normal(12, 5, 1), normal(12, 5, 2, shift=0.3)

    def similarity(left, right):
        return (float(left @ right) / 5 + 1) ** 3

    within = [sum(similarity(a, b) for a, b in itertools.permutations(rows, 2)) / (12 * 11) for rows in (first, second)]
    between = sum(similarity(a, b) for a in first for b in second) / 144
    assert kid.squared_mmd(first, second) == pytest.approx(sum(within) - 2 * between, rel=1e-5)


def test_the_kernel_distance_of_one_distribution_is_near_zero_of_either_sign_and_of_two_is_not():
    found = [kid.distance(normal(300, 8, seed), normal(300, 8, seed + 100))[0] for seed in range(8)]
    assert min(found) < 0 < max(found)
    assert abs(np.mean(found)) < 0.02
    far, deviation = kid.distance(normal(300, 8), normal(300, 8, 1, shift=1.0))
    assert far > 5 * deviation > 0


# --- precision, recall, density, coverage


def test_the_four_measures_meet_the_published_values_of_two_gaussian_sets():
    """N(0, I) of 1,000 dimensions, 10,000 a side, k = 5: the README of the authors' code."""
    real, fake = np.random.default_rng(100).normal(size=(2, 10_000, 1000)).astype(np.float32)
    found = precision_recall.measures(real, fake)
    assert found.precision == pytest.approx(0.48, abs=0.05)  # draws differ by some .03
    assert found.recall == pytest.approx(0.47, abs=0.05)
    assert found.density == pytest.approx(1.06, abs=0.1)
    assert found.coverage == pytest.approx(0.97, abs=0.01)


def test_a_collapsed_set_is_precise_and_covers_nothing():
    real = normal(500, 4)
    found = precision_recall.measures(real, real[:1] + normal(500, 4, 1, scale=1e-3))
    assert found.precision == 1
    assert found.recall < 0.01
    assert found.coverage < 0.05


def test_the_four_measures_of_a_set_and_itself_are_full():
    rows = normal(300, 4)
    found = precision_recall.measures(rows, rows)
    assert (found.precision, found.recall, found.coverage) == (1, 1, 1)


def test_the_four_measures_of_a_case_counted_by_hand():
    real, fake = np.array([[0.0], [1.0], [3.0], [10.0]]), np.array([[0.5], [2.9], [6.0]])
    found = precision_recall.measures(real, fake, neighbors=1)
    # radii of the real: 1, 1, 2, 7; balls: (-1, 1), (0, 2), (1, 5), (3, 17). fakes in 2, 1 and 1 balls
    assert found.precision == 1
    assert found.density == pytest.approx(4 / 3)
    assert found.coverage == 1
    # radii of the fakes: 2.4, 2.4, 3.1; balls: (-1.9, 2.9), (0.5, 5.3), (2.9, 9.1): 10 is in none
    assert found.recall == 0.75


def direct_measures(real, fake, k):
    """The four measures by their definitions, from every distance."""

    def radii(rows):
        return np.sort(np.linalg.norm(rows[:, None] - rows[None], axis=2), axis=1)[:, k]  # the first is itself

    apart = np.linalg.norm(real[:, None] - fake[None], axis=2)
    inside, around = apart <= radii(real)[:, None], apart <= radii(fake)
    return inside.any(axis=0).mean(), around.any(axis=1).mean(), inside.sum() / k / len(fake), inside.any(axis=1).mean()


@pytest.mark.parametrize("size", [2, 30])  # a tree finds the neighbors, or all distances do
def test_the_four_measures_agree_with_their_definitions(size):
    real, fake = normal(150, size, 1) + 5, normal(120, size, 2, scale=0.8) + 5.2
    found = precision_recall.measures(real, fake, neighbors=3)
    assert found[:4] == pytest.approx(direct_measures(real.astype(float), fake.astype(float), 3), abs=1e-9)
    assert found.copies == found.fake_copies == 0


@pytest.mark.parametrize("shift", [0, 100])  # far from 0 distances are less exact
def test_identical_sets_with_twins_are_precise_and_covered(shift):
    rows = (normal(40, 8) + shift).repeat(6, axis=0)
    found = precision_recall.measures(rows, rows[::-1])
    assert (found.precision, found.recall, found.coverage) == (1, 1, 1)
    assert found.density == pytest.approx(6 / 5)  # each lies in the balls of six, of radius 0
    assert (found.copies, found.fake_copies) == (1, 1)
    apart = precision_recall.measures(rows, normal(40, 8, 1) + shift)
    assert (apart.precision, apart.copies, apart.fake_copies) == (0, 1, 0)


# --- labels


def test_the_inception_score_has_its_extremes():
    same, sure = np.full((100, 10), 0.1), np.eye(10)[np.arange(100) % 10]
    assert class_statistics.inception_score(same) == pytest.approx((1, 0))
    assert class_statistics.inception_score(np.eye(10)[np.arange(10_000) // 1000])[0] == pytest.approx(
        10, rel=0.01
    )  # sorted
    assert class_statistics.inception_score(sure, splits=1) == pytest.approx((10, 0))
    assert class_statistics.inception_score(np.eye(10)[np.zeros(100, int)]) == pytest.approx((1, 0))


def test_evenness_and_missing_classes():
    assert class_statistics.entropy(np.array([5, 5, 5, 5])) == pytest.approx(math.log(4))
    assert class_statistics.entropy(np.array([20, 0])) == 0
    read = np.array([0] * 50 + [1] * 48 + [2] * 2 + [-1] * 100)
    assert class_statistics.missing(read, np.array([0.4, 0.4, 0.2])) == [2]
    assert class_statistics.missing(read, np.array([0.5, 0.49, 0.01])) == []  # rare among the real ones too


# --- MS-SSIM


def pictures(count, side, channels=1, seed=0):
    rough = np.random.default_rng(seed).integers(0, 256, (count, side // 4 + 1, side // 4 + 1, channels))
    return rough.repeat(4, axis=1).repeat(4, axis=2)[:, :side, :side].astype(np.uint8)


@pytest.mark.parametrize(("side", "levels"), [(8, 1), (11, 1), (28, 2), (32, 2), (64, 3), (176, 5), (300, 5)])
def test_the_scales_are_as_many_as_the_side_allows(side, levels):
    assert ms_ssim.levels(side) == levels


@pytest.mark.parametrize(("side", "channels"), [(8, 1), (28, 1), (64, 3)])
def test_a_picture_is_wholly_similar_to_itself_and_less_to_another(side, channels):
    first, second = pictures(4, side, channels), pictures(4, side, channels, seed=1)
    assert ms_ssim.similarity(first, first) == pytest.approx(1, abs=1e-5)
    assert (ms_ssim.similarity(first, second) < 0.9).all()


def test_one_scale_is_plain_ssim_as_scikit_image_computes_it():
    first = pictures(3, 20)
    second = np.clip(first.astype(int) + np.random.default_rng(1).integers(-60, 60, first.shape), 0, 255).astype(
        np.uint8
    )
    for left, right, found in zip(first, second, ms_ssim.similarity(first, second), strict=True):
        _, full = structural_similarity(
            left[..., 0],
            right[..., 0],
            gaussian_weights=True,
            sigma=1.5,
            use_sample_covariance=False,
            data_range=255,
            full=True,
        )
        assert found == pytest.approx(full[5:-5, 5:-5].mean(), abs=1e-4)  # where the window lies inside


# --- nearest images


def test_the_nearest_rows_and_distances_are_exact():
    queries, pool = normal(9, 6, 1), normal(50, 6, 2)
    direct = np.linalg.norm(queries[:, None] - pool[None], axis=2)
    index, distance = neighbors.nearest(queries, pool)
    assert index.tolist() == direct.argmin(axis=1).tolist()
    assert distance == pytest.approx(direct.min(axis=1), rel=1e-5)


def test_copies_of_the_training_set_are_found_out_and_fresh_images_are_not():
    train, test, fresh = normal(600, 3, 0), normal(200, 3, 1), normal(200, 3, 2)
    usual = neighbors.memorization(test[:100], train, test[100:])
    assert neighbors.memorization(fresh, train, test[100:]) == pytest.approx(usual, rel=0.2)
    assert neighbors.memorization(train[:300], train, test[100:]) == pytest.approx(0, abs=1e-3)


def test_there_is_no_ratio_to_images_that_are_copies_of_one_another():
    train, copies = normal(100, 3, 0), normal(1, 3, 1).repeat(20, axis=0)
    assert neighbors.memorization(copies[:10], train, copies[10:]) is None
    assert neighbors.memorization(train[:10], train, copies) == pytest.approx(0, abs=1e-6)


def test_near_duplicates_are_counted_against_what_is_usual_among_real_images():
    real, fake = normal(1000, 20, 0), normal(1000, 20, 1)
    before = neighbors.near_duplicates(fake, real)
    assert before.share < 0.01
    fake[:100] = fake[0] + normal(100, 20, 2, scale=1e-4)
    found = neighbors.near_duplicates(fake, real)
    assert found.share == pytest.approx(0.1, abs=0.01)
    assert (found.real_share, found.distance, found.count) == (before.real_share, before.distance, 1000)
    assert neighbors.near_duplicates(fake[100:120], real[:20]).real_share == 0.1  # the two that lie nearest
