"""Scores against closed forms, direct sums and an independent library."""

import math

import numpy as np
import pytest
from sklearn.neighbors import KernelDensity

from gancli.metrics import parzen


def test_one_centre_at_the_test_point_has_the_gaussian_s_height():
    point = np.full((1, 784), 0.3, np.float32)
    expected = -784 * math.log(0.2 * math.sqrt(2 * math.pi))
    assert expected == pytest.approx(541.35, abs=0.01)
    assert parzen.log_likelihoods(point, point, [0.2])[0, 0] == pytest.approx(expected, abs=1e-3)


@pytest.mark.parametrize("sigma", [0.1, 0.35, 1.0])
def test_it_agrees_with_scikit_learn_and_with_a_direct_sum(sigma):
    random = np.random.default_rng(0)
    samples, images = random.random((70, 30)).astype(np.float32), random.random((520, 30)).astype(np.float32)
    found = parzen.log_likelihoods(samples, images, [sigma])[0]
    library = KernelDensity(bandwidth=sigma).fit(samples.astype(np.float64)).score_samples(images.astype(np.float64))
    direct = [
        np.log(np.mean(np.exp(-((image - samples.astype(np.float64)) ** 2).sum(axis=1) / (2 * sigma**2))))
        - 30 * np.log(sigma * np.sqrt(2 * np.pi))
        for image in images[:20].astype(np.float64)
    ]
    assert found == pytest.approx(library, abs=1e-3)
    assert found[:20] == pytest.approx(direct, abs=1e-3)


def test_sigma_is_chosen_on_the_validation_images_and_an_edge_is_told():
    random = np.random.default_rng(1)
    samples, validation, test = (random.normal(0.5, 0.2, (400, 4)).astype(np.float32) for _ in range(3))
    found = parzen.score(samples, validation, test, sigmas=[0.01, 0.1, 1.0])
    assert found.sigma == 0.1
    assert not found.at_edge
    assert found.standard_error == pytest.approx(parzen.log_likelihoods(samples, test, [0.1])[0].std() / 20, rel=1e-6)
    assert parzen.score(samples, validation, test, sigmas=[0.1, 1.0]).at_edge
