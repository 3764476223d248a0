"""The eval commands: recipes with their numbers, kept in the run; images from elsewhere; bad input in one sentence."""

import json

import numpy as np
import pytest
from PIL import Image

from gancli.core.errors import ResourceError
from gancli.data import Dataset
from gancli.evaluation import results
from gancli.evaluation.evaluation_set import EvaluationSet
from gancli.imaging import images


@pytest.fixture(scope="module")
def scored(trained):
    """The trained run's directory."""
    return next(trained.iterdir())


@pytest.fixture(scope="module")
def split_file(stripes, tmp_path_factory):
    """Stripes with a test split, and some images of them in another file."""
    folder = tmp_path_factory.mktemp("split")
    labels = np.repeat([0, 1], 48)
    np.savez(folder / "split.npz", x_train=stripes, y_train=labels, x_test=stripes[::2], y_test=labels[::2])
    np.savez(folder / "some.npz", images=stripes[1::2])
    return folder


def test_parzen_of_data_without_a_test_split_is_scored_on_folds_and_says_so(gancli, trained, scored):
    answer = gancli("eval-parzen", "--outdir", trained, "--num-samples", 50, "--folds", 3)
    assert answer.code == 0
    assert "3 folds of the validation images" in answer.out
    assert "used for training too" in answer.out
    kept = json.loads((scored / "eval" / "parzen.json").read_text(encoding="utf-8"))
    assert len(kept["sigma"]) == 3
    assert {
        "metric",
        "mean",
        "standard_error",
        "reference",
        "samples",
        "seeds",
        "run",
        "step",
        "weights",
    } <= kept.keys()
    assert "only 50 images" in answer.err


def test_parzen_of_images_from_a_file_is_scored_on_the_test_split(gancli, split_file):
    answer = gancli(
        "eval-parzen",
        "--images",
        split_file / "some.npz",
        "--data",
        split_file / "split.npz",
        "--json",
        "--validation",
        9,
    )
    found = json.loads(answer.out)
    assert (found["samples"], found["test_images"], found["validation_images"]) == (48, 48, 9)
    assert found["standard_error"] > 0
    narrow = gancli(
        "eval-parzen",
        "--images",
        split_file / "some.npz",
        "--data",
        split_file / "split.npz",
        "--json",
        "--sigmas",
        0.5,
    )
    assert json.loads(narrow.out)["sigma"] == [0.5]


def test_published_rows_stand_beside_ours_where_they_belong(gancli, split_file, stripes, tmp_path):
    faces = stripes.repeat(6, axis=1).repeat(6, axis=2)  # as large as those of TFD
    np.savez(tmp_path / "tfd.npz", x_train=faces, x_test=faces[::2])
    np.savez(tmp_path / "some.npz", images=faces[1::2])
    (tmp_path / "mnist.npz").write_bytes((split_file / "split.npz").read_bytes())  # of another size than MNIST
    pairs = {"tfd": tmp_path / "some.npz", "mnist": split_file / "some.npz"}
    out = {
        name: gancli("eval-parzen", "--images", some, "--data", tmp_path / f"{name}.npz").out
        for name, some in pairs.items()
    }
    assert "2057 ± 26" in out["tfd"]
    assert "225" not in out["tfd"]
    assert "no published scores: none are for 'mnist' at 8x8x1" in out["mnist"]
    assert "2057" not in out["mnist"]
    assert "MNIST" not in out["mnist"]  # nor its centroids


@pytest.mark.parametrize("features", ["pixels", None])
def test_fid_prints_every_measure_beside_the_real_images_and_names_its_features(gancli, trained, scored, features):
    chosen = ["--features", features] if features else []
    answer = gancli("eval-fid", "--outdir", trained, "--num-samples", 64, *chosen)
    assert answer.code == 0, answer.err
    name = features or "stripes-classifier"
    assert f"Fréchet distance, {name} features" in answer.out
    for measure in ("KID", "precision", "recall", "density", "coverage"):
        assert measure in answer.out
    kept = json.loads((scored / "eval" / f"fid-{name}.json").read_text(encoding="utf-8"))
    assert kept["real"]["frechet"] < kept["frechet"]
    assert kept["features"]["size"] == (64 if features else 128)
    assert kept["repeats"] == 2
    assert kept["frechet_deviation"] >= 0
    assert ("label_score" in kept) is (features is None)
    if features is None:
        assert len(kept["features"]["sha256"]) == 64
        assert kept["features"]["test_accuracy"] > 0.5


def test_real_images_score_as_real_images(gancli, split_file):
    args = ["--images", split_file / "some.npz", "--data", split_file / "split.npz", "--json"]
    found = json.loads(gancli("eval-fid", *args, "--features", "pixels").out)
    assert found["precision"] > 0.8
    assert found["recall"] > 0.8
    assert found["frechet_deviation"] is None  # one set has no spread
    assert json.loads(gancli("eval-diversity", *args).out)["near_duplicates"] <= 1
    labels = json.loads(gancli("eval-labels", *args).out)
    assert sum(labels["counts"]) == 48
    assert labels["missing"] == []


def test_a_classifier_s_file_gives_the_same_features_on_another_machine(gancli, trained, scored):
    first = json.loads(gancli("eval-fid", "--outdir", trained, "--num-samples", 64, "--json").out)
    again = gancli(
        "eval-fid", "--outdir", trained, "--num-samples", 64, "--json", "--features", first["features"]["file"]
    )
    assert json.loads(again.out)["frechet"] == pytest.approx(first["frechet"])
    assert json.loads(again.out)["features"]["sha256"] == first["features"]["sha256"]


def test_labels_of_an_unconditional_run_are_a_histogram_beside_the_real_one(gancli, trained):
    answer = gancli("eval-labels", "--outdir", trained, "--num-samples", 60, "--json")
    found = json.loads(answer.out)
    assert found["classes"] == ["lying", "standing"]
    assert sum(found["counts"]) == 60
    assert found["real_shares"] == [0.5, 0.5]
    assert found["real_entropy"] == pytest.approx(np.log(2), rel=1e-5)


def test_labels_of_a_conditional_model_are_a_confusion_table(stripes):
    from gancli.cli.commands import eval_labels
    from gancli.evaluation.sample_quality import class_accuracy

    requested, predicted = np.array([0, 0, 0, 1, 1, 1]), np.array([0, 0, 1, 1, 1, 1])
    found = class_accuracy.agreement(requested, predicted, ("lying", "standing"))
    result = found.to_dict()
    assert result["confusion"] == [[2, 1], [0, 3]]
    assert result["share"] == pytest.approx(5 / 6)
    assert result["by_class"] == pytest.approx([2 / 3, 1])
    assert eval_labels.confusion_lines(found)[0].startswith("83.3% of the samples")


def test_neighbours_draws_the_panel_of_figure_2(gancli, trained, tmp_path):
    out = tmp_path / "panel.png"
    answer = gancli("eval-neighbors", "--outdir", trained, "--num-samples", 50, "--rows", 3, "--out", out, "--json")
    found = json.loads(answer.out)
    assert images.read_png(out.read_bytes()).shape == images.grid(np.zeros((18, 8, 8, 1), np.uint8), shape=(3, 6)).shape
    assert [shown["sample"] for shown in found["shown"]] == [4, 9, 14]
    assert found["ratio"] is None  # these data have no images that were not trained on


def test_copies_of_the_training_images_have_a_low_ratio(gancli, split_file, stripes, tmp_path):
    random = np.random.default_rng(0)
    blurred = random.integers(0, 256, (96, 8, 8), np.uint8)
    np.savez(tmp_path / "noise.npz", x_train=blurred[:40], x_test=blurred[40:])
    np.savez(tmp_path / "copies.npz", images=blurred[:20])
    args = [
        "--images",
        tmp_path / "copies.npz",
        "--data",
        tmp_path / "noise.npz",
        "--out",
        tmp_path / "a.png",
        "--json",
    ]
    found = json.loads(gancli("eval-neighbors", *args).out)
    assert found["ratio"] == pytest.approx(0, abs=1e-3)
    assert 0.8 < found["real_ratio"] < 1.1


def test_diversity_tells_how_many_scales_it_used(gancli, trained):
    answer = gancli("eval-diversity", "--outdir", trained, "--num-samples", 60, "--pairs", 5)
    assert "1 of 5 scales" in answer.out
    assert "within lying" in answer.out
    assert "near-duplicates" in answer.out


# --- bad input: one sentence, exit 3


def bad(name, stripes, folder):
    """A file or folder with something wrong."""
    path = folder / f"{name}.npz"
    arrays = {
        "one": stripes[:1],
        "flat": np.full((50, 8, 8), 7, np.uint8),
        "nan": np.full((50, 8, 8), np.nan, np.float32),
        "range": stripes[:50].astype(np.float32) * 4.0,
        "size": np.zeros((50, 9, 9), np.uint8) + np.arange(9, dtype=np.uint8),
    }
    if name == "mixed":
        path = folder / "mixed"
        path.mkdir()
        for side in (8, 9):
            Image.fromarray(np.zeros((side, side), np.uint8)).save(path / f"{side}.png")
    else:
        np.savez(path, images=arrays[name])
    return path


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("one", "one image cannot represent"),
        ("flat", "of uniform color"),
        ("nan", "NaN"),
        ("range", "pixels from 0 to 1020"),
        ("size", "holds images of 9x9, the data to score against have 8x8"),
        ("mixed", "pictures of 2 sizes (8x8, 9x9)"),
    ],
)
def test_images_that_cannot_be_scored_are_answered_in_one_sentence(
    gancli, stripes, split_file, tmp_path, name, sentence
):
    path = bad(name, stripes, tmp_path)
    answer = gancli("eval-parzen", "--images", path, "--data", split_file / "split.npz")
    assert answer.code == 3
    assert sentence in answer.err
    assert len(answer.err.strip().splitlines()) == 1
    assert answer.out == ""


@pytest.mark.parametrize(
    ("args", "code", "sentence"),
    [
        (["eval-parzen", "--images", "some.npz"], 2, "--data"),
        (["eval-parzen", "--data", "digits"], 3, "not those that"),
        (["eval-fid", "--images", "some.npz", "--data", "digits", "--num-samples", "50"], 2, "give only one"),
        (["eval-parzen", "--sigmas", "0.1,-1"], 2, "numbers from 0.0001"),
        (["eval-fid", "--features", "nothing.h5"], 2, "a file of weights"),
        (["eval-fid", "--features", "inception"], 3, "inception_v3_weights"),
        (["eval-fid", "--num-samples", "10"], 3, "20"),
        (["eval-parzen", "--folds", "50"], 3, "too small for 50 folds"),
        (["eval-parzen", "--checkpoint", "best"], 4, "no validation scores"),
        (["eval-neighbors", "--out", "a.jpg"], 2, ".png"),
    ],
)
def test_what_cannot_be_done_is_told_with_the_documented_code(gancli, trained, monkeypatch, args, code, sentence):
    monkeypatch.setenv("HOME", "/nonexistent")  # no Inception weights in a cache
    answer = gancli(*args, "--outdir", trained)
    assert answer.code == code, answer.err
    assert sentence in answer.err


def test_images_that_look_wrong_are_scored_with_a_warning(gancli, stripes, split_file, tmp_path):
    np.savez(tmp_path / "dim.npz", images=(stripes[:50] // 20))
    np.savez(tmp_path / "alike.npz", images=np.repeat(stripes[:1], 50, axis=0))
    for name, sentence in (("dim", "highest pixel is 12 of 255"), ("alike", "all alike")):
        answer = gancli("eval-parzen", "--images", tmp_path / f"{name}.npz", "--data", split_file / "split.npz")
        assert answer.code == 0
        assert sentence in answer.err


def test_inception_s_features_are_2048_numbers_and_say_which_weights_they_are(stripes, tmp_path):
    from gancli.core.backend import keras
    from gancli.evaluation.feature_extractors import choosing, keras_networks

    network = keras.applications.InceptionV3(weights=None, include_top=False, pooling="avg")
    seen = keras_networks.of_inception(network, "random")
    rows, probabilities = seen.extract(stripes[:3, ..., None])
    assert rows.shape == (3, 2048)
    assert probabilities is None
    assert "do not compare" in seen.recipe["note"]
    assert len(seen.recipe["sha256"]) == 64
    network.save_weights(tmp_path / "inception.weights.h5")
    again = choosing._from_file(tmp_path / "inception.weights.h5", Dataset("test", {"image": stripes[..., None]}))
    assert again.recipe["sha256"] == seen.recipe["sha256"]


def test_real_images_without_a_test_split_are_two_disjoint_halves(stripes):
    unique = np.arange(96, dtype=np.uint8).reshape(96, 1, 1, 1) * np.ones((1, 2, 2, 1), np.uint8)
    evaluated = EvaluationSet(unique, None, Dataset("test", {"image": unique}))
    first, second = (set(part.pixels[:, 0, 0, 0].tolist()) for part in evaluated.reference_images())
    assert not first & second
    assert len(first) == len(second) == 48


def test_sets_of_a_comparison_are_cut_to_one_count(stripes):
    pixels = stripes[..., None]
    dataset = Dataset("test", {"image": pixels}, {"image": pixels[:30]})
    evaluated = EvaluationSet(pixels[:40], None, dataset)
    assert [(part.name, len(part.pixels)) for part in evaluated.reference_images()] == [
        ("test split", 30),
        ("training images", 30),
    ]


def test_a_score_that_cannot_be_saved_is_printed_all_the_same():
    class Run:
        def write(self, *_):
            raise ResourceError("cannot write it: Permission denied")

    notes = []
    results.save(Run(), "fid", {"distance": 1.0}, note=notes.append)
    assert notes == ["warning: cannot write it: Permission denied; the score is not saved"]
