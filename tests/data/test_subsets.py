"""Which rows are scored where there are more than are needed: a fixed draw from all over, by class."""

import json
from types import SimpleNamespace

import numpy as np
import pytest
from helpers import tiny

from gancli.cli import tables
from gancli.data import Dataset, subsets
from gancli.evaluation import super_resolution
from gancli.evaluation.evaluation_set import EvaluationSet
from gancli.imaging import images
from gancli.inference import sampling
from gancli.inference.image_files import real_images
from gancli.training import validation as training_validation

SORTED = np.repeat([0, 1, 2], [50, 30, 20])


def shades(labels, seed=0):
    """Images of 2 x 2 in which the first pixel is the class and the rest is noise, uint8 (count, 2, 2, 1)."""
    pixels = np.random.default_rng(seed).integers(0, 256, (len(labels), 2, 2, 1), np.uint8)
    pixels[:, 0, 0, 0] = labels
    return pixels


def classes_of(pixels):
    return np.bincount(pixels[:, 0, 0, 0], minlength=3).tolist()


# --- the draw


def test_all_rows_stay_as_they_are():
    assert subsets.draw(5, 5).tolist() == subsets.draw(5, 9, np.array([1, 0, 1, 0, 1])).tolist() == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("count", [1, 7, 10, 33, 99])
def test_each_class_keeps_its_share_by_largest_remainders(count):
    rows = subsets.draw(100, count, SORTED)
    assert (np.diff(rows) > 0).all()
    own = np.bincount(SORTED[rows], minlength=3)
    assert own.sum() == count
    assert (np.abs(own - count * np.array([0.5, 0.3, 0.2])) < 1).all()
    assert np.array_equal(rows, subsets.draw(100, count, SORTED))  # always the same


def test_remainders_are_those_of_hamilton_s_method():
    # 47/16/15/12/10 % of 10 seats: 4.7, 1.6, 1.5, 1.2, 1.0; the two that are left go to .7 and .6
    assert subsets.apportion(np.array([47, 16, 15, 12, 10]), 10).tolist() == [5, 2, 1, 1, 1]


def test_without_labels_rows_come_from_all_over():
    rows = subsets.draw(1000, 200)
    assert np.bincount(rows // 250, minlength=4).min() > 30


def test_the_same_contents_are_drawn_in_whatever_order_they_stand():
    pixels, order = shades(SORTED), np.random.default_rng(1).permutation(100)
    first = subsets.draw(100, 30, SORTED, contents=pixels)
    again = subsets.draw(100, 30, SORTED[order], contents=pixels[order])
    assert sorted(pixels[first].tolist()) == sorted(pixels[order][again].tolist())
    assert classes_of(pixels[first]) == [15, 9, 6]


# --- classes of samples


def test_classes_come_in_the_data_s_shares_over_every_run_of_seeds():
    counts = np.array([500, 90, 0, 10])
    labels = subsets.in_shares(counts, np.arange(1200))
    assert np.bincount(labels[:600], minlength=4).tolist() == counts.tolist()
    assert np.bincount(labels[200:500], minlength=4) == pytest.approx(counts / 2, abs=2)
    assert subsets.in_shares(counts, [700, 3]).tolist() == labels[[700, 3]].tolist()  # a function of the seed


def test_of_equal_classes_every_one_comes_in_turn():
    assert subsets.in_shares(np.array([6000] * 3), np.arange(7)).tolist() == [0, 1, 2, 0, 1, 2, 0]


# --- data


def test_data_whose_classes_stand_together_are_mixed_before_the_last_rows_are_held_out():
    grouped = np.repeat([2, 0, 1], 40)  # not ascending, and still the last fifth is of one class
    test = {"image": shades(grouped[:5])}
    for labels, validation in ((grouped, 0), (np.sort(grouped), 0), (grouped, 60)):
        dataset = Dataset("test", {"image": shades(labels), "label": labels}, test, validation=validation)
        unseen = dataset.split()[1]
        assert len(set(labels[unseen[:12]])) == (2 if validation else 3)
    mixed = np.arange(120) % 3
    dataset = Dataset("test", {"image": shades(mixed), "label": mixed}, test)
    assert dataset.split()[1].tolist() == list(range(96, 120))  # as published


def test_test_images_of_a_sorted_split_are_of_all_classes():
    train = {"image": shades(SORTED), "label": SORTED}
    dataset = Dataset("test", train, {"image": shades(SORTED, 1), "label": SORTED}, classes=("a", "b", "c"))
    evaluated = EvaluationSet(shades(SORTED[:40], 2), None, dataset)
    reference, other = evaluated.reference_images()
    assert classes_of(reference.pixels) == classes_of(other.pixels) == [20, 12, 8]
    assert reference.rows == "a fixed draw of 40 of 100, by class"
    assert len(set(classes_of(evaluated.subset(20).pixels))) > 0
    model = SimpleNamespace(columns=("image",), config=SimpleNamespace(hold_out=False))
    chosen = SimpleNamespace(model=model, is_class_conditional=False)
    shown = real_images.from_test_split(chosen, dataset, 30)
    assert classes_of(shown.pixels) == np.bincount(shown.known).tolist() == [15, 9, 6]
    assert classes_of(shown.pixels[shown.some(10)]) == [5, 3, 2]  # in a picture
    assert shown.names[-1] == f"test {dataset.sample_rows(30, part=dataset.test)[-1]}"
    assert real_images.from_test_split(chosen, dataset, 100).rows == "all 100"


def test_pictures_of_a_sorted_set_are_of_all_classes(tmp_path):
    np.savez(tmp_path / "sorted.npz", images=shades(SORTED), labels=SORTED)
    rows = []
    found = [
        pixels
        for _, _, pixels, _ in super_resolution.load_originals(
            str(tmp_path / "sorted.npz"), 10, None, note_rows=rows.append
        )
    ]
    assert classes_of(np.stack(found)) == [5, 3, 2]
    assert rows == ["a fixed draw of 10 of 100, by class"]


def test_a_score_in_training_is_of_all_classes_in_their_shares(monkeypatch):
    labels, asked = np.repeat([0, 1], [300, 100]), []
    pixels = np.random.default_rng(0).integers(0, 256, (400, 8, 8, 1), np.uint8)
    pixels[:, 0, 0, 0] = 255 * labels
    dataset = Dataset("test", {"image": pixels, "label": labels}, classes=("a", "b"))
    monkeypatch.setattr(training_validation, "WIDTHS", 10)
    monkeypatch.setattr(
        sampling.Sampler, "decode", lambda self, z, condition: asked.append(condition) or pixels[: len(z)]
    )
    referee = training_validation.SampleQualityValidator(
        tiny.build("cgan", eval_score="parzen", eval_samples=60), dataset, note=print
    )
    assert np.isfinite(referee.score()["score"])
    assert np.bincount(asked[0]).tolist() == [45, 15]
    assert (len(referee.widths), len(referee.real)) == (10, 60)  # of 80 validation images
    for flat in (referee.widths, referee.real):
        assert flat[:, 0].mean() == pytest.approx(labels[dataset.split()[1]].mean(), abs=0.06)


# --- what is told of a score


def test_columns_never_run_together():
    rows = [("", "samples", "real images"), ("KID", "-0.000422 ± 0.00087", "1e+300 ± 1.234567")]
    for row, line in zip(rows, tables.aligned(rows, least=18), strict=True):
        assert line.split("  ")[0] == row[0].split("  ")[0]
        assert [cell.strip() for cell in line.split("  ") if cell.strip()] == [cell for cell in row if cell]


def test_images_that_are_all_one_have_no_spread():
    assert images.spread(np.full((9, 4, 4, 1), 77, np.uint8)) == 0


# --- a score does not depend on the order


def test_a_score_is_the_same_of_images_in_another_order(gancli, stripes, tmp_path):
    order, labels = np.random.default_rng(0).permutation(96), np.repeat([0, 1], 48)
    tests = {"mixed": np.random.default_rng(1).permutation(40) * 2, "sorted": np.arange(40) * 2}
    for name, rows in tests.items():
        few = {"x_test": stripes[rows], "y_test": labels[rows]}
        np.savez(tmp_path / f"{name}-data.npz", x_train=stripes, y_train=labels, **few)
    np.savez(tmp_path / "sorted.npz", images=stripes)
    np.savez(tmp_path / "mixed.npz", images=stripes[order])
    np.savez(tmp_path / "few.npz", images=stripes[1::4])
    found = {}
    for scored, data in (("sorted", "sorted"), ("mixed", "sorted"), ("few", "sorted"), ("few", "mixed")):
        files = ["--images", tmp_path / f"{scored}.npz", "--data", tmp_path / f"{data}-data.npz"]
        found[scored, data] = json.loads(gancli("eval-fid", *files, "--features", "pixels", "--json").out)
    for first, second in ((("sorted", "sorted"), ("mixed", "sorted")), (("few", "sorted"), ("few", "mixed"))):
        for measure in ("frechet", "precision", "recall", "density", "coverage"):
            assert found[first][measure] == pytest.approx(found[second][measure], abs=1e-5)
    assert found["mixed", "sorted"]["rows"]["samples"] == "a fixed draw of 40 of 96"
    assert found["few", "mixed"]["rows"]["reference"] == "a fixed draw of 24 of 40, by class"
