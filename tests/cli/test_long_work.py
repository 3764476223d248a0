"""Every long silence has a bar: the works that take long report how far they are."""

import contextlib
import types

import numpy as np
import pytest

from gancli import data
from gancli.api.progress import counting
from gancli.core import progress
from gancli.core.backend import keras
from gancli.data import fingerprints
from gancli.evaluation import classifier, classifier_kinds
from gancli.evaluation.feature_extractors import keras_networks
from gancli.evaluation.metrics import parzen
from gancli.nn import keras_fit

PIXELS = np.zeros((600, 8, 8, 1), np.uint8)


class Works:
    """A display that writes down the works, their totals and how far each came."""

    def __init__(self):
        self.found = {}

    @contextlib.contextmanager
    def display(self, what, total):
        steps = []
        yield steps.append
        self.found[what] = (total, steps)

    def finished(self, what):
        """The total of a work that came to its end part by part."""
        total, steps = self.found[what]
        assert steps == sorted(steps)
        assert steps[-1] == total
        return total


@pytest.fixture
def works():
    found = Works()
    with progress.shown_by(found.display):
        yield found


@pytest.fixture
def works_of_commands(monkeypatch):
    found = Works()
    monkeypatch.setattr(counting, "show", found.display)
    return found


def test_keras_training_reports_each_step_of_all_epochs(works):
    model = keras.Sequential([keras.layers.Dense(1)])
    model.compile("sgd", loss="mse")
    keras_fit.fit(model, np.zeros((10, 2)), np.zeros((10, 1)), what="training", batch_size=4, epochs=2)
    assert works.found == {"training": (6, [1, 2, 3, 4, 5, 6])}


@pytest.mark.parametrize("kind", classifier_kinds.KINDS)
def test_every_classifier_is_trained_by_what_reports_it(monkeypatch, kind):
    called = []
    monkeypatch.setattr(classifier_kinds, "fit", lambda *given, what, **settings: called.append(what))
    model = types.SimpleNamespace(compile=lambda *given, **settings: None)
    truth = np.zeros((600, 2), np.int64) if kind.startswith("attributes") else np.arange(600) % 2
    classifier_kinds.KINDS[kind].fit(model, PIXELS, truth, ("a", "b"))
    assert called == [classifier_kinds.TRAINING]


def test_networks_of_features_report_their_batches(works):
    net = types.SimpleNamespace(predict_on_batch=lambda part: (np.zeros((len(part), 2)), np.zeros((len(part), 2))))
    known = classifier.Classifier(None, ("a", "b"), 1.0, 1, "", None)
    vars(known)["_two_outputs"] = net
    known.logits(PIXELS)
    assert works.finished("classifying images") == 3
    inception = keras.Sequential([keras.Input((299, 299, 3)), keras.layers.GlobalAveragePooling2D()])
    keras_networks.of_inception(inception, "none").extract(PIXELS[:40])
    assert works.finished("features of images") == 2


def test_statistics_of_the_data_and_parzen_windows_report_their_blocks(works, monkeypatch):
    monkeypatch.setattr(fingerprints, "BLOCK", 64 * 100)
    fingerprints._of_column(PIXELS)
    assert works.finished("checksum of the data") == 6
    rows = np.random.default_rng(0).uniform(size=(600, 4)).astype(np.float32)
    parzen.score(rows, rows, rows)
    assert works.finished("Parzen windows") == 3


def test_the_first_reading_of_a_folder_reports_its_pictures(works, photos):
    data.load(str(photos), data.Request(image_size=8))
    assert works.finished("reading the headers of the pictures") == 4
    assert works.finished("decoding the pictures") == 4


def test_an_export_of_samples_reports_the_images(gancli, works_of_commands, trained):
    assert gancli("sample", "--outdir", trained, "--num-samples", 130, "--out", "x.npz").code == 0
    assert works_of_commands.finished("generating images") == 130


def test_packing_reports_the_pictures(gancli, works_of_commands, photos):
    assert gancli("data", "pack", photos, "x.h5", "--image-size", 8).code == 0
    assert works_of_commands.finished("decoding the pictures") == 4


def test_a_quiet_training_shows_no_work_at_all(gancli, works_of_commands, stripes_file, monkeypatch):
    from gancli.training import loop

    def train(*state, **given):
        list(progress.track(range(3), "inside"))
        return iter(())

    monkeypatch.setattr(loop, "train", train)
    words = ["train", "--data", stripes_file, "--steps", 2, "--width", 4, "--batch-size", 16]
    assert gancli(*words, "-q").code == 0
    assert works_of_commands.found == {}
    assert gancli(*words).code == 0
    assert works_of_commands.finished("inside") == 3
