"""eval-fid: which real images, statistics in files, the features of papers, infinity; bad files in one sentence."""

import io
import json
import zipfile

import numpy as np
import pytest

from gancli.core.cache import cache_folder
from gancli.evaluation import feature_extractors
from gancli.evaluation.feature_extractors import FeatureExtractor
from gancli.evaluation.metrics import frechet
from gancli.evaluation.sample_quality import reference_statistics


@pytest.fixture(scope="module")
def folder(stripes, tmp_path_factory):
    """Data with and without a test split, and pictures to score."""
    folder = tmp_path_factory.mktemp("fid")
    labels = np.repeat([0, 1], 48)
    np.savez(folder / "split.npz", x_train=stripes, y_train=labels, x_test=stripes[:30], y_test=labels[:30])
    np.savez(folder / "whole.npz", images=stripes)
    random = np.random.default_rng(0)
    np.savez(folder / "some.npz", images=random.integers(0, 256, (70, 8, 8), np.uint8))
    return folder


@pytest.fixture
def published(monkeypatch):
    """Four features with the name of the published ones, without the network."""

    def load(choice, dataset, *, note):
        resize, dims = choice.resize or "clean", choice.dims or 2048
        return FeatureExtractor(
            "inception-2015",
            lambda pixels: (four_features(pixels), np.full((len(pixels), 5), 0.2, np.float32)),
            {"resize": f"{resize}, to 299 pixels", "sha256": "0" * 64},
            published=f"inception-2015, {resize}" + (f", {dims}" if dims < 2048 else ""),
        )

    monkeypatch.setattr(feature_extractors, "load", load)


def four_features(pixels):
    return pixels.reshape(len(pixels), 4, -1).mean(axis=2).astype(np.float32)


@pytest.fixture
def score(gancli, folder):
    """Scores the pictures by eval-fid in pixels, with further words; returns the answer."""

    def run(*words, data="split.npz", features="pixels"):
        given = ["--images", folder / "some.npz", "--data", folder / data, "--features", features]
        return gancli("eval-fid", *given, *words)

    return run


def scores(answer):
    assert answer.code == 0, answer.err
    return json.loads(answer.out)


def test_training_images_are_the_reference_if_asked_and_the_floor_has_a_count_of_its_own(score, folder):
    test, train = (scores(score("--reference", name, "--json")) for name in ("test", "train"))
    assert (test["reference"], test["images_of_each_set"], test["real_images"]) == ("test split", 30, 30)
    assert (train["reference"], train["images_of_each_set"], train["real_images"]) == ("training images", 70, 30)
    assert train["real_against_it"] == "test split"
    stripes = np.load(folder / "split.npz")["x_train"]
    assert "70 samples" in score("--reference", "train").out
    assert "real images: test split, 30" in score("--reference", "train").out
    assert train["rows"]["reference"] == "a fixed draw of 70 of 96, by class"
    assert len(stripes) == 96


def test_without_a_test_split_the_floor_is_of_the_training_images_that_are_left(score):
    found = scores(score("--reference", "train", "--json", data="whole.npz"))
    assert (found["real_against_it"], found["real_images"]) == ("other training images", 26)
    halves = scores(score("--json", data="whole.npz"))
    assert (halves["images_of_each_set"], halves["real_images"]) == (48, 48)
    assert halves["real"]["frechet"] > 0


def test_no_floor_is_printed_where_no_images_are_left(gancli, folder, tmp_path):
    np.savez(tmp_path / "few.npz", images=np.load(folder / "whole.npz")["images"][::2])
    words = ["--images", folder / "some.npz", "--data", tmp_path / "few.npz", "--features", "pixels"]
    found = scores(gancli("eval-fid", *words, "--reference", "train", "--json"))
    assert found["images_of_each_set"] == 48
    assert "real" not in found
    assert "real images" not in gancli("eval-fid", *words, "--reference", "train").out


def test_statistics_that_are_saved_give_the_same_distance_when_read(score, tmp_path):
    found = scores(score("--save-stats", tmp_path / "a.npz", "--json", "--reference", "train"))
    again = scores(score("--stats", tmp_path / "a.npz", "--json"))
    assert again["frechet"] == pytest.approx(found["frechet"], rel=1e-5)
    assert again["real_images"] == 30
    assert "kid" not in again
    assert "precision" not in again
    assert again["reference"] == (
        f"statistics of {tmp_path / 'a.npz'} (data split, reference training images, a fixed draw of 70 of 96, by "
        "class, count 70)"
    )
    with np.load(tmp_path / "a.npz", allow_pickle=False) as file:  # as pytorch-fid and clean-fid do
        assert (file["mu"].shape, file["sigma"].shape) == ((64,), (64, 64))
        assert file["mu"].dtype == file["sigma"].dtype == np.float64
        assert str(file["gancli_features"]) == "pixels"
    printed = score("--stats", tmp_path / "a.npz").out
    assert "KID" not in printed


def test_scores_in_the_features_of_papers_have_the_names_of_papers(score, published, tmp_path):
    answer = score(features="inception-2015")
    for name in ("FID (inception-2015, clean, 30)", "KID (inception-2015, clean, 30)"):
        assert name in answer.out
    assert "Inception score (inception-2015, clean, 30)" in answer.out
    assert "label score" not in answer.out
    found = scores(score("--json", "--dims", "192", "--resize", "legacy-pytorch", features="inception-2015"))
    assert found["metric"] == "FID (inception-2015, legacy-pytorch, 192, 30)"
    assert found["inception_score"] == pytest.approx(1)
    assert "label_score" not in found
    score("--save-stats", tmp_path / "clean.npz", features="inception-2015")
    other = score("--stats", tmp_path / "clean.npz", "--resize", "legacy-pytorch", features="inception-2015")
    assert other.code == 2
    assert "has resizing 'clean, to 299 pixels', the samples have 'legacy-pytorch, to 299 pixels'" in other.err


def test_files_of_other_programs_count_as_of_the_published_features(score, published, folder, tmp_path):
    moments = frechet.moments(four_features(np.load(folder / "split.npz")["x_test"]))
    np.savez_compressed(tmp_path / "cifar.npz", mu=moments.mean, sigma=moments.covariance)
    answer = score("--stats", tmp_path / "cifar.npz", "--json", features="inception-2015")
    assert "does not say which features it has" in answer.err
    assert scores(answer)["metric"] == "FID (inception-2015, clean, 70)"


def test_a_run_keeps_scores_that_cannot_be_compared_in_files_of_their_own(gancli, trained, published, tmp_path):
    words = ["--outdir", trained, "--num-samples", 40, "--features", "inception-2015", "--repeats", 1]
    kept = next(trained.iterdir()) / "eval"
    before = {path.name for path in kept.glob("*")}
    scores(gancli("eval-fid", *words, "--json", "--save-stats", tmp_path / "mine.npz"))
    for more in (["--dims", 64], ["--resize", "legacy-tensorflow"], ["--reference", "train"]):
        scores(gancli("eval-fid", *words, *more, "--json"))
    scores(gancli("eval-fid", *words, "--stats", tmp_path / "mine.npz", "--json"))
    new = {path.name for path in kept.glob("*")} - before
    assert new == {
        "fid-inception-2015-clean.json",
        "fid-inception-2015-clean-64.json",
        "fid-inception-2015-legacy-tensorflow.json",
        "fid-inception-2015-clean-train.json",
        "fid-inception-2015-clean-against-mine.json",
    }
    for name in new:
        (kept / name).unlink()


def test_real_images_are_extracted_once_for_all_evaluations_and_score_alike(score, published, monkeypatch):
    first, folder = score("--json", features="inception-2015"), cache_folder() / "real-images"
    asked = []
    plain = feature_extractors.load

    def counted(choice, dataset, *, note):
        extractor = plain(choice, dataset, note=note)

        def extract(pixels):
            asked.append(len(pixels))
            return extractor.extract(pixels)

        return FeatureExtractor(extractor.name, extract, extractor.recipe, "", extractor.published)

    monkeypatch.setattr(feature_extractors, "load", counted)
    again = score("--json", features="inception-2015")
    assert scores(again) == scores(first)
    assert asked == [30]  # the samples
    for path in folder.glob("[!.]*"):
        path.write_bytes(path.read_bytes()[:-1] + b"?")  # damaged: computed anew
    assert scores(score("--json", features="inception-2015")) == scores(first)
    assert asked == [30, 30, 30, 30]


def test_few_samples_are_warned_of_with_the_count_that_is_enough(score):
    assert "30 samples are too few for 64 features" in score().err
    assert "take at least 65, and 50,000 as papers do" in score().err
    assert "too few for" not in score("--reference", "train").err  # 70 samples


def test_the_distance_at_infinity_is_printed_with_its_error(score):
    answer = score("--fid-infinity", "--reference", "train")
    assert "at infinity" in answer.out
    assert "line through 15 distances of 35 to 70 samples" in answer.out
    found = scores(score("--fid-infinity", "--reference", "train", "--json"))
    assert found["frechet_infinity"] < found["frechet"]
    assert found["frechet_infinity_error"] > 0
    assert found["frechet_by_count"]["70"] == pytest.approx(found["frechet"])


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--resize", "clean"], "--resize applies to --features inception-2015 alone"),
        (["--dims", "64"], "--dims applies to --features inception-2015 alone"),
        (["--dims", "100"], "'100' is not one of"),
        (["--weights-file", "a.pth"], "--weights-file applies to --features inception-2015 alone"),
        (["--stats", "good.npz", "--reference", "train"], "--stats replaces these: give one"),
        (["--stats", "good.npz", "--save-stats", "b.npz"], "--stats replaces these: give one"),
        (["--stats", "good.npz"], "has no recipe and counts as of inception-2015"),
        (["--save-stats", "good.npz", "--weights-file", "good.npz"], "is an input of this command"),
    ],
)
def test_options_that_do_not_go_together_are_one_sentence(score, tmp_path, words, sentence):
    np.savez(tmp_path / "good.npz", mu=np.zeros(64), sigma=np.eye(64))
    answer = score(*words)
    assert (answer.code, answer.out) == (2, "")
    assert sentence in answer.err


def zipped(**texts):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, content in texts.items():
            archive.writestr(f"{name}.npy", content)
    return stream.getvalue()


def saved(**arrays):
    stream = io.BytesIO()
    np.savez(stream, **arrays)
    return stream.getvalue()


SQUARE = np.eye(4)
BAD = {
    "no mu: expected mu and sigma": saved(sigma=SQUARE),
    "no sigma: expected mu and sigma": saved(mu=np.zeros(4), feats=np.zeros((9, 4))),
    "mu has shape (2, 2)": saved(mu=np.zeros((2, 2)), sigma=SQUARE),
    "sigma has shape (4, 3); expected (4, 4)": saved(mu=np.zeros(4), sigma=SQUARE[:, :3]),
    "sigma has shape (3, 3); expected (4, 4), since mu has 4": saved(mu=np.zeros(4), sigma=SQUARE[:3, :3]),
    "mu has numbers that are not finite": saved(mu=np.array([0, np.nan, 0, 0]), sigma=SQUARE),
    "sigma has numbers that are not finite": saved(mu=np.zeros(4), sigma=np.full((4, 4), np.inf)),
    "sigma is no covariance": saved(mu=np.zeros(4), sigma=SQUARE + np.eye(4, k=1)),
    "sigma is no covariance, which is symmetric": saved(mu=np.zeros(4), sigma=-SQUARE),
    "sigma holds <U1, not numbers": saved(mu=np.zeros(4), sigma=np.full((4, 4), "x")),
    "holds Python objects": saved(mu=np.array([{}, 2], object), sigma=SQUARE),
    "is not a readable .npz file": saved(mu=np.zeros(4), sigma=SQUARE)[:-30],
    "not an array of numbers": zipped(mu=b"nothing", sigma=b"at all"),
}


@pytest.mark.parametrize("sentence", BAD)
def test_files_without_statistics_are_one_sentence(score, published, tmp_path, sentence):
    (tmp_path / "bad.npz").write_bytes(BAD[sentence])
    answer = score("--stats", tmp_path / "bad.npz", features="inception-2015")
    assert (answer.code, answer.out) == (3, "")
    assert sentence in answer.err
    assert len(answer.err.strip().splitlines()) == 1


def test_statistics_of_another_size_are_refused_before_samples_are_compared(score, published, tmp_path):
    np.savez(tmp_path / "b.npz", mu=np.zeros(7), sigma=np.eye(7))
    answer = score("--stats", tmp_path / "b.npz", features="inception-2015")
    assert answer.code == 2
    assert "has statistics of 7 features, the samples have 4" in answer.err


def test_float32_statistics_are_a_little_asymmetric_and_accepted(tmp_path):
    rows = np.random.default_rng(0).normal(size=(50, 4)).astype(np.float32)
    covariance = np.cov(rows, rowvar=False).astype(np.float32)
    covariance[0, 1] += np.float32(1e-6)
    np.savez(tmp_path / "a.npz", mu=rows.mean(axis=0), sigma=covariance)
    found = reference_statistics.read(tmp_path / "a.npz").moments
    assert frechet.between(found, frechet.moments(rows)) == pytest.approx(0, abs=1e-4)
