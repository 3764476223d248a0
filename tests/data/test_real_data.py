"""Real data, where GANCLI_DATA names a folder that holds them: the sets load, train and are read."""

import json
import zipfile

import numpy as np
import pytest

from gancli import data
from gancli.data import Request
from gancli.data.annotations import label_maps
from gancli.data.labels.attribute_query import AttributeQuery
from gancli.evaluation import classifier
from gancli.evaluation.selection import class_selection


@pytest.mark.parametrize(
    ("name", "count", "tests", "shape", "some_class"),
    [
        ("mnist", 60_000, 10_000, (28, 28, 1), "7"),
        ("fashion_mnist", 60_000, 10_000, (28, 28, 1), "Sneaker"),
        ("cifar10", 10_000, 2_000, (32, 32, 3), "frog"),
    ],
)
def test_named_sets_load_whole_from_the_data_folder(real_data, name, count, tests, shape, some_class):
    dataset = data.load(name, Request(data_dir=str(real_data)))
    assert dataset.shape == shape
    assert (len(dataset), len(dataset.test["image"])) in {(count, tests), (50_000, 10_000)}  # CIFAR-10 whole or a part
    assert dataset.train["image"].dtype == np.uint8
    assert some_class in dataset.classes
    assert set(np.unique(dataset.train["label"])) == set(range(10))


def test_the_classifier_reads_at_least_98_5_percent_of_mnist_and_is_trained_once(real_data):
    dataset, said = data.load("mnist", Request(data_dir=str(real_data))), []
    first = classifier.for_dataset(dataset, note=said.append)
    again = classifier.for_dataset(dataset, note=said.append)
    assert first.accuracy >= 0.985
    assert len(said) == 1
    assert (first.accuracy, first.digest) == (again.accuracy, again.digest)
    labels = again.predict(dataset.test["image"][:500])
    assert (labels == dataset.test["label"][:500]).mean() > 0.97


def test_on_digits_mixed_with_others_the_error_stays_within_what_is_told(real_data):
    """Images that the classifier was not trained for, their truth the auditor: at 90 % it is too often wrong."""
    dataset = data.load("mnist", Request(data_dir=str(real_data)))
    reader = classifier.for_dataset(dataset, note=print)  # the test above has trained it
    pixels, truth = dataset.test["image"], dataset.test["label"]
    mixed = np.maximum(pixels, np.roll(pixels, 17, axis=0) * 0.6).astype(np.uint8)
    slopes, offsets = class_selection.calibrate(reader.logits(pixels), truth)
    sure = class_selection.CalibratedClassifier(reader, slopes, offsets).probabilities(mixed)
    seen, eight = np.stack([sure, np.eye(10)[truth]]), AttributeQuery("8", "label", {8: True})
    rule = class_selection.fit_rule(seen[:, :7000], eight, 0.02)
    read = class_selection.confidence(seen, eight)
    kept, before = (np.flatnonzero(read[7000:] >= least) + 7000 for least in (rule.threshold, 0.9))
    assert np.mean(truth[before] != 8) > 0.02
    assert np.mean(truth[kept] != 8) <= rule.bound + 0.01
    assert len(kept) > 20


@pytest.mark.parametrize("source", ["fashion_mnist", "cifar10", "celeba.zip"])
def test_dcgan_trains_on_gray_and_colour_without_special_cases(real_data, gancli, source):
    place = real_data / source if source.endswith(".zip") else source
    steps = ["--steps", 2, "--width", 4, "--data-dir", real_data, "-q", "--json"]
    answer = gancli("train", "--data", place, *steps)
    assert answer.code == 0, answer.err
    assert np.isfinite(json.loads(answer.out)["last"]["generator_loss"])
    assert gancli("sample", "--seeds", "0-3").code == 0
    if source == "celeba.zip":  # one folder, so no labels
        assert gancli("sample", "--digit", 7).code == 2


def test_camvid_is_read_whole(real_data):
    found = data.load(str(real_data / "camvid.zip"), Request(least=96))
    assert (len(found), found.validation, len(found.test["map"])) == (468, 101, 233)
    assert len(found.classes) == 11
    shares = label_maps.shares(found.train["map"], 11)
    assert 0.3 < shares[found.classes.index("Road")] < 0.35


def test_camvid_without_its_list_has_segnets_classes(real_data, tmp_path):
    with zipfile.ZipFile(real_data / "camvid.zip") as old, zipfile.ZipFile(tmp_path / "camvid.zip", "w") as new:
        names = [name for name in old.namelist() if not name.endswith(".txt")]
        kept = [name for name in names if name.startswith("train") and "/0006R0_f009" in name]
        for name in kept:
            new.writestr(name, old.read(name))
        listed = [line.split()[1] for line in old.read("classes.txt").decode().splitlines()]
    found = data.load(str(tmp_path / "camvid.zip"), Request(least=96))
    assert list(found.classes) == listed[:-1]
    assert len(found) == len(kept) // 2 > 1
