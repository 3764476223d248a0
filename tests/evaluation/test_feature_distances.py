"""Distances in a feature space: closed forms, other programs' values, blocks, files, and the line to infinity."""

import tempfile
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from scipy.linalg import sqrtm
from scipy.special import softmax

from gancli.core.errors import DataError, ResourceError
from gancli.evaluation.feature_extractors import FeatureExtractor
from gancli.evaluation.feature_extractors.collecting import collect
from gancli.evaluation.metrics import class_statistics, feature_rows, fid_infinity, frechet, kid, precision_recall
from gancli.evaluation.metrics.feature_rows import FeatureRows
from gancli.evaluation.metrics.frechet import Moments


def pair():
    """Two sets of features, and logits of seven classes, whose scores other programs computed."""
    random = np.random.default_rng(29)
    mix = random.normal(size=(16, 16)) / 4
    first = (np.abs(random.normal(size=(1203, 16))) @ mix).astype(np.float32)
    second = (np.abs(random.normal(size=(1203, 16))) @ mix * 1.1 + 0.05).astype(np.float32)
    return first, second, (3 * random.normal(size=(1203, 7))).astype(np.float32)


def spilled(rows):
    """The same rows in a temporary file, appended in parts."""
    found = FeatureRows(limit=1000)
    for part in np.array_split(rows, 5):
        found.append(part)
    assert found.is_spilled
    return found


# --- values of other programs for the same features


def test_the_frechet_distance_is_that_of_clean_fid_and_pytorch_fid():
    """clean-fid 0.1.35 and pytorch-fid 0.3.0 with scipy 1.17.1, of moments in float64."""
    first, second, _ = pair()
    assert frechet.distance(first, second) == pytest.approx(0.22497058798419545, rel=1e-8)
    assert frechet.distance(first[:12], second[:12]) == pytest.approx(4.83138341, rel=1e-7)  # 12 rows, 16 features


def test_the_kernel_distance_is_that_of_torch_fidelity_for_its_draws():
    """torch-fidelity 0.4.0, 100 subsets of 601, seed 2020; it multiplies in float32."""
    first, second, _ = pair()
    random = np.random.RandomState(2020)
    draws = [[rows[random.choice(1203, 601, replace=False)] for rows in (second, first)] for _ in range(100)]
    found = list(feature_rows.in_threads(lambda drawn: kid.squared_mmd(*drawn), draws))
    assert np.mean(found) == pytest.approx(0.1073015832901001, rel=1e-5)
    assert np.std(found) == pytest.approx(0.02669141910875752, rel=1e-5)


def test_the_inception_score_is_that_of_torch_fidelity_for_its_permutation():
    """torch-fidelity 0.4.0, seed 2020. 1,203 images: the splits begin at i 1203 // 10."""
    probabilities = softmax(pair()[2].astype(np.float64), axis=1)
    order = np.random.RandomState(2020).permutation(1203)
    found = class_statistics.inception_score(probabilities, order=order)
    assert found == pytest.approx((3.1854139452515806, 0.1032892372596272), rel=1e-12)
    assert class_statistics.inception_score(probabilities) != found


def test_precision_and_the_like_are_those_of_prdc():
    """prdc 0.2, k = 5; its balls are open, which makes no difference without ties."""
    found = precision_recall.measures(*pair()[:2])
    expected = (0.8636741479634248, 0.9650872817955112, 0.7795511221945137, 0.940149625935162)
    assert found[:4] == pytest.approx(expected, rel=1e-12)


# --- Fréchet distance


def gaussian(mean, covariance):
    return Moments(np.array(mean, float), np.array(covariance, float))


def test_of_two_gaussians_of_one_dimension():
    assert frechet.between(gaussian([1], [[4]]), gaussian([-0.5], [[0.25]])) == pytest.approx(1.5**2 + 1.5**2)


@pytest.mark.parametrize("zeros", [0, 1, 3])
def test_of_singular_covariances_that_commute(zeros):
    """Sum of the squared differences of the roots of the eigenvalues, in a rotated basis."""
    basis = np.linalg.qr(np.random.default_rng(0).normal(size=(5, 5)))[0]
    first, second = np.array([9.0, 4, 1, 0.25, 1e-6]), np.array([1.0, 1, 4, 2.25, 4e-6])
    first[:zeros], second[zeros : 2 * zeros] = 0, 0
    moments = [gaussian(np.zeros(5), (basis * values) @ basis.T) for values in (first, second)]
    expected = np.square(np.sqrt(first) - np.sqrt(second)).sum()
    assert frechet.between(*moments) == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("count", [10, 30, 31, 200])
def test_a_set_is_at_no_distance_from_itself_whatever_its_rank(count):
    rows = np.random.default_rng(0).normal(size=(count, 30)).astype(np.float32)
    rows[:, :3] = 0  # features that never change
    rows[:, 3] = rows[:, 4]
    assert frechet.distance(rows, rows) == pytest.approx(0, abs=1e-5 * 30)
    assert frechet.distance(rows, rows[::-1] + np.float32(2)) == pytest.approx(120, rel=1e-5)


def test_of_well_conditioned_moments_is_scipy_s_root():
    random = np.random.default_rng(1)
    one, two = (random.normal(size=(40, 20)) for _ in range(2))
    moments = [frechet.moments(rows) for rows in (one, two)]
    root = sqrtm(moments[0].covariance @ moments[1].covariance)
    gap = one.mean(axis=0) - two.mean(axis=0)
    expected = gap @ gap + sum(each.covariance.trace() for each in moments) - 2 * root.trace().real
    assert frechet.between(*moments) == pytest.approx(expected, rel=1e-7)


def test_moments_are_summed_in_blocks_far_from_the_origin_as_numpy_does_at_once(monkeypatch):
    monkeypatch.setattr(feature_rows, "BLOCK", 64)
    monkeypatch.setattr(feature_rows.starts, "__kwdefaults__", {"numbers": 64})
    rows = (np.random.default_rng(0).normal(size=(501, 6)) + 1e4).astype(np.float32)
    for given in (rows, spilled(rows)):
        found = frechet.moments(given)
        assert found.mean == pytest.approx(rows.astype(float).mean(axis=0), rel=1e-12)
        assert found.covariance == pytest.approx(np.cov(rows.astype(float), rowvar=False), rel=1e-9)
    some = np.arange(3, 490, 7)
    assert frechet.of_some(spilled(rows), some).covariance == pytest.approx(
        np.cov(rows[some].astype(float), rowvar=False), rel=1e-9
    )


# --- sets in memory and in files


@pytest.mark.parametrize("numbers", [2**21, 3000])  # in one block, and in many
def test_all_scores_are_the_same_of_rows_in_a_file_and_in_blocks(monkeypatch, numbers):
    first, second, logits = (rows[:400] for rows in pair())
    expected = scores(first, second, softmax(logits, axis=1))
    monkeypatch.setattr(feature_rows.starts, "__kwdefaults__", {"numbers": numbers})
    monkeypatch.setattr(precision_recall, "DISTANCES", numbers)
    found = scores(spilled(first), spilled(second), spilled(softmax(logits, axis=1)))
    for name, values in expected.items():
        assert found[name] == pytest.approx(values, rel=1e-9), name


def scores(first, second, probabilities):
    return {
        "frechet": frechet.distance(first, second),
        "kid": kid.distance(first, second),
        "measures": precision_recall.measures(first, second),
        "classes": class_statistics.inception_score(probabilities),
    }


def test_two_sets_against_one_reference_score_as_each_alone():
    first, second, _ = (rows[:300] for rows in pair())
    third = second[::-1] * np.float32(0.9)
    alone = [kid.distance(rows, first) for rows in (second, third)]
    assert np.array(kid.distances([second, third], first)) == pytest.approx(np.array(alone), rel=1e-12)
    both = precision_recall.measures_of([second, third[:200]], first)
    assert both == [precision_recall.measures(first, rows) for rows in (second, third[:200])]


def test_rows_spill_where_they_exceed_the_limit_and_stay_the_same():
    rows = np.random.default_rng(0).normal(size=(100, 10)).astype(np.float32)
    kept = FeatureRows(limit=rows.nbytes)
    kept.append(rows[:60])
    kept.append(rows[60:])
    assert not kept.is_spilled
    filed = spilled(rows)
    index = np.array([99, 0, 5, 5, 42])
    for found in (kept, filed):
        assert (len(found), found.size) == (100, 10)
        assert np.array_equal(found.read(55, 1000), rows[55:])
        assert np.array_equal(found.take(index), rows[index])


def test_a_full_disk_is_one_sentence(monkeypatch):
    class Full:
        def write(self, _):
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(tempfile, "TemporaryFile", lambda **_: Full())
    with pytest.raises(ResourceError, match=r"no room for features .No space left on device.*set TMPDIR"):
        FeatureRows(limit=10).append(np.zeros((9, 9), np.float32))


def test_features_are_collected_a_part_at_a_time_and_must_be_finite(monkeypatch):
    monkeypatch.setattr("gancli.evaluation.feature_extractors.collecting.NUMBERS", 256 * 512)
    pixels = np.random.default_rng(0).integers(0, 256, (600, 2, 2, 1), np.uint8)
    asked = []

    def extract(part):
        asked.append(len(part))
        return part.reshape(len(part), 4).astype(np.float32), part.reshape(len(part), 4)[:, :2].astype(np.float32)

    found = collect(FeatureExtractor("plain", extract), lambda start, stop: pixels[start:stop], 600)
    assert asked == [256, 256, 88]
    assert np.array_equal(found.features.read(0, 600), pixels.reshape(600, 4))
    assert np.array_equal(found.probabilities.read(0, 600), pixels.reshape(600, 4)[:, :2])

    def broken(part):
        values, _ = extract(part)
        values[:7, 1] = np.nan
        return values, None

    with pytest.raises(DataError, match="broken features of 7 of 256 samples are not finite numbers"):
        collect(FeatureExtractor("broken", broken), lambda start, stop: pixels[start:stop], 600, what="samples")


def test_work_in_the_background_ends_after_its_blocks_where_the_work_beside_it_fails():
    done, begun = [], threading.Event()

    def block(number):
        begun.set()
        time.sleep(0.01)
        done.append(number)
        return number

    with (
        pytest.raises(KeyboardInterrupt),
        feature_rows.in_background(lambda: list(feature_rows.in_threads(block, range(10_000)))),
    ):
        begun.wait()
        raise KeyboardInterrupt
    assert len(done) < 100
    with feature_rows.in_background(lambda: list(feature_rows.in_threads(block, range(5)))) as result:
        assert result() == [0, 1, 2, 3, 4]


# --- Inception score


def test_images_in_order_of_class_score_as_mixed_ones():
    sure = np.eye(10)[np.arange(2003) * 10 // 2003]
    assert class_statistics.inception_score(sure)[0] == pytest.approx(10, rel=0.02)
    assert class_statistics.inception_score(sure, order=np.arange(2003))[0] < 3  # as packages that do not shuffle


def test_splits_begin_at_whole_parts_of_the_count():
    """Of 13 images in 5 splits those from 0, 2, 5, 7 and 10 on; numpy's array_split would begin at 0, 3, 6, 9, 11."""
    probabilities = np.random.default_rng(0).dirichlet(np.ones(3), 13)
    parts = [probabilities[start:stop] for start, stop in ((0, 2), (2, 5), (5, 7), (7, 10), (10, 13))]
    values = [np.exp((part * np.log(part / part.mean(axis=0))).sum(axis=1).mean()) for part in parts]
    found = class_statistics.inception_score(probabilities, splits=5, order=np.arange(13))
    assert found == pytest.approx((np.mean(values), np.std(values)))


# --- FID at infinity


def test_the_line_to_infinity_removes_most_of_the_bias_of_few_samples():
    random = np.random.default_rng(0)
    real = gaussian(np.zeros(20), np.eye(20))
    samples = random.normal(size=(1000, 20))
    found = fid_infinity.extrapolate(samples, real)
    plain = frechet.between(frechet.moments(samples), real)
    assert found.distances[-1] == pytest.approx(plain)
    assert plain > 0.1  # about 20 * 21 / 2 / 1000 / 2 and the mean's 20 / 1000
    assert abs(found.value) < 0.2 * plain
    assert found.error > 0
    assert found == fid_infinity.extrapolate(samples, real)


def test_the_line_is_that_of_least_squares_with_its_error():
    places, random = 1 / np.linspace(500, 5000, 15), np.random.default_rng(0)
    values = 3 + 200 * places + random.normal(0, 0.01, 15)
    coefficients, covariance = np.polyfit(places, values, 1, cov=True)
    found = fid_infinity._at_zero(places, values)
    assert found == pytest.approx((coefficients[1], np.sqrt(covariance[1, 1])))


@pytest.mark.parametrize(
    ("total", "least"), [(50_000, 5000), (100_000, 10_000), (10_000, 5000), (6000, 3000), (300, 150), (4, 2)]
)
def test_counts_are_from_a_tenth_or_five_thousand_to_all(total, least):
    counts = fid_infinity.counts_of(total)
    assert (counts[0], counts[-1]) == (least, total)
    assert len(counts) == min(15, total - least + 1)
    assert counts == sorted(counts)


def test_the_temporary_file_has_no_name(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    rows = spilled(np.zeros((100, 10), np.float32))
    assert len(rows) == 100
    assert list(Path(tmp_path).iterdir()) == []
