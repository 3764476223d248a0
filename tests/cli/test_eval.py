"""gancli eval: each score equals that of its command, from one set of samples, and what has none says why."""

import csv
import json
import shutil
from types import SimpleNamespace

import numpy as np
import pytest
from helpers import trainings
from helpers.programs import TESTS

import gancli as library
from gancli import models
from gancli.data.formats import hdf5
from gancli.evaluation import classifier, classifier_kinds, evaluation_set, image_text_matcher, remembered
from gancli.evaluation.metric_table import METRICS, applicability, comparability, wording
from gancli.inference.sampling import Sampler
from gancli.runs.checkpoints import Position

DISTANCES = "fid fid_infinity kid precision recall density coverage inception_score label_score"
IMAGES = f"{DISTANCES} parzen ms_ssim near_duplicates spectrum neighbors"
PLAIN = f"{IMAGES} class_entropy modes reverse_kl"
LABELED = f"{IMAGES} labels modes reverse_kl"
CODES = "reconstruction_error reconstruction_psnr"
DOMAINS, UPSCALED = "domain_accuracy domain_fid cycle_error", "psnr ssim ssim_daala"
PYRAMID = PLAIN.replace("parzen ", "parzen parzen_by_level ")
APPLY = {  # to the models, with their default options
    "acgan": f"{LABELED} svm_error nearest_error",
    "alpha-gan": f"{PLAIN} {CODES} svm_error",
    "autoencoder": f"{PLAIN} {CODES}",
    "bgan": f"{PLAIN} svm_error",
    "cgan": f"{LABELED} nearest_error",
    "cyclegan": DOMAINS,
    "dcgan": f"{PLAIN} svm_error",
    "ebgan": PLAIN,
    "espcn": UPSCALED,
    "f-gan": PLAIN,
    "gan": PLAIN,
    "gan-cls": f"{PLAIN} captions",
    "gogan": f"{PLAIN} svm_error",
    "goodfellow": PLAIN,
    "infogan": f"{PLAIN} svm_error",
    "lapgan": PYRAMID,
    "lsgan": f"{PLAIN} svm_error",
    "matching": f"{LABELED} svm_error nearest_error",
    "pix2pix": DOMAINS,
    "progan": PLAIN,
    "r3gan": PLAIN,
    "segmentation": "miou pixel_accuracy class_accuracy",
    "skip-thoughts": "next_sentence",
    "sngan": PLAIN,
    "srgan": UPSCALED,
    "srresnet": UPSCALED,
    "stylegan": PLAIN,
    "stylegan2": PLAIN,
    "toy": "modes reverse_kl high_quality",
    "vae": f"{PLAIN} elbo importance_bound bits_per_number {CODES}",
    "vaegan": f"{PLAIN} {CODES} svm_error",
    "wgan": f"{PLAIN} svm_error",
    "wgan-gp": f"{PLAIN} svm_error",
}
KINDS = {  # of runs: the scores to compute, and the commands whose results are saved too, with the file of each
    "acgan": ("labels,probe", {"eval-labels": "labels", "eval-probe": "probe"}),
    "vae": ("bounds,reconstruction", {"eval-elbo": "elbo", "reconstruct": "reconstruct"}),
    "cyclegan": ("translation", {"eval-translation": "translation-test"}),
    "segmentation": ("segmentation", {"eval-segmentation": "segmentation-test"}),
    "gan-cls": ("captions", {"eval-captions": "captions"}),
    "skip-thoughts": ("sentences", {"eval-sentences --num-samples 100": "sentences"}),
    "toy": ("modes", {"eval-modes": "modes"}),
    "lapgan": ("parzen_by_level", {"eval-parzen --multi-scale": "parzen-multi-scale"}),
}
COUNTED = {"acgan": 60, "lapgan": 60, "gan-cls": 60, "skip-thoughts": 100}  # numbers of samples
ON_REQUEST = {"fid_infinity", "inception_score", "importance_bound"}
UNDEFINED = ON_REQUEST | {"bits_per_number", "reverse_kl"}  # of these runs


@pytest.fixture(autouse=True)
def _quick_classifiers(monkeypatch):
    monkeypatch.setattr(classifier_kinds, "MAX_EPOCHS", 1)
    monkeypatch.setattr(image_text_matcher, "STEPS", 1)
    monkeypatch.setattr(classifier_kinds, "DOMAIN_STEPS", (1, 1))
    monkeypatch.setattr(classifier, "MAX_IMAGES", 200)


@pytest.fixture(scope="module")
def data(tmp_path_factory, stripes):
    """Stripes with labels and a test split."""
    path = tmp_path_factory.mktemp("data") / "stripes.npz"
    labels = np.repeat([0, 1], 48)
    np.savez(path, x_train=stripes[::2], y_train=labels[::2], x_test=stripes[1::2], y_test=labels[1::2])
    return path


@pytest.fixture(scope="module")
def made(tmp_path_factory, data):
    """A function: an untrained run of a model."""
    folder, found = tmp_path_factory.mktemp("kinds"), {}

    def make(model, **chosen):
        key = model, *chosen.items()
        if key not in found:
            started = trainings.start(folder, data, model, **chosen)
            started.run.save(started.model, Position())
            found[key] = started.run.path
        return found[key]

    return make


@pytest.fixture
def scored(gancli):
    """A function: what `gancli eval` prints as JSON."""

    def score(*words):
        answer = gancli("eval", *words, "--json")
        assert answer.code == 0, answer.err
        return json.loads(answer.out)

    return score


def test_every_model_has_the_scores_of_its_kind():
    found = {}
    for name in models.names():
        model = models.get(name)
        columns = model.data_requirements(model.Options()).columns
        found[name] = applicability.of_model(lambda ability, model=model: issubclass(model, ability), columns)
    assert found == {name: sorted(text.split(), key=[*METRICS].index) for name, text in APPLY.items()}
    assert {name for names in found.values() for name in names} == {*METRICS}


@pytest.fixture(scope="module")
def sources(tmp_path_factory):
    """Few pictures, by the model that they are for: of two domains, with label maps, with captions."""
    folder, pixels = (
        tmp_path_factory.mktemp("few"),
        np.random.default_rng(0).integers(0, 256, (120, 16, 16, 3), np.uint8),
    )
    kinds = {"labels": np.arange(80) % 2, "tests": (np.arange(80) >= 40).astype(np.uint8)}
    named = {"classes": ("sky", "road"), "palette": ((0, 0, 0), (9, 9, 9))}
    maps = {
        "maps": (pixels[:40, ..., 0] > 99).astype(np.uint8),
        "tests": np.repeat(np.arange(2, dtype=np.uint8), (34, 6)),
    }
    captions = np.array([[f"red {chr(97 + at % 26)}{at // 26}"] for at in range(120)], object)
    files = {
        "cyclegan": (pixels[:80], {"columns": kinds, "description": hdf5.Description(("A", "B"))}),
        "segmentation": (pixels[:40], {"columns": maps, "description": hdf5.Description(**named)}),
        "gan-cls": (np.ascontiguousarray(pixels[:, :8, :8]), {"columns": {"captions": captions}}),
    }
    for name, (images, held) in files.items():
        hdf5.write(folder / f"{name}.h5", images, images.shape, **held)
    return {name: {"data": str(folder / f"{name}.h5")} for name in files}


def test_the_page_lists_the_scores_of_every_model():
    text = (TESTS.parent / "docs" / "eval.md").read_text(encoding="utf-8")
    rows = [line.replace("`", "").strip("| ").split(" | ") for line in text.splitlines() if line.startswith("| `")]
    assert {name: names.split(", ") for name, names in rows} == {
        name: sorted(text.split(), key=[*METRICS].index) for name, text in APPLY.items()
    }


@pytest.mark.parametrize("kind", KINDS)
def test_every_score_is_that_of_its_command(gancli, scored, made, sources, monkeypatch, kind):
    monkeypatch.setattr(evaluation_set, "MAX_CAPTIONS", 60)  # so that these samples are of the captions
    path, (asked, commands) = made(kind, **sources.get(kind, {})), KINDS[kind]
    words = ["--run", path, *(["--num-samples", COUNTED[kind]] if kind in COUNTED else [])]
    table = scored(*words, "--metrics", asked)
    found, measured = {score["name"] for score in table["scores"]}, asked.split(",")
    assert found and {*table["left_out"]} <= UNDEFINED
    assert found | UNDEFINED >= {name for name in APPLY[kind].split() if METRICS[name].measurement in measured}
    saved = {file: json.loads((path / "eval" / f"{file}.json").read_text()) for file in commands.values()}
    for command, file in commands.items():
        name, *more = command.split()
        printed = json.loads(gancli(name, *words, *more, "--json").out)
        printed.pop("out", None)
        assert saved[file] == printed, command


def test_samples_are_drawn_once_and_classified_once(scored, made, monkeypatch):
    drawn, classified = [], []
    draw, classify = Sampler.sample_all_classes, classifier.Classifier._compute_outputs

    def sample(self, seeds, **how):
        drawn.extend(seeds)
        return draw(self, seeds, **how)

    def compute(self, pixels):
        classified.append(pixels.tobytes())
        return classify(self, pixels)

    monkeypatch.setattr(Sampler, "sample_all_classes", sample)
    monkeypatch.setattr(classifier.Classifier, "_compute_outputs", compute)
    scored("--run", made("acgan"), "--num-samples", 48, "--except", "svm_error")
    assert drawn[:48] == list(range(48))
    assert {*drawn[48:]} == {*range(48, 96)}  # for the deviation of the Fréchet distance
    assert len(drawn) <= 97  # one image tells the size of all
    assert len(classified) == len(set(classified))


def test_the_table_names_scores_spreads_and_recipes(gancli, run_path):
    answer = gancli("eval", "--run", run_path, "--num-samples", 96, "--except", "parzen,svm_error")
    assert answer.code == 0, answer.err
    lines = answer.out.splitlines()
    assert lines[0].split() == ["metric", "score", "±", "compare", "with", "better", "what", "it", "is"]
    assert lines[1].startswith("fid ") and lines[1].endswith("Fréchet distance, stripes-classifier features")
    assert "± of fid: standard deviation over 2 sets of samples" in lines
    assert any(line.startswith("distances: stripes-classifier features, sha256 ") for line in lines)
    assert "left out: neighbors: there is no test split and no held-out part" in answer.out
    assert lines[-1] == f"scored: 96 samples (seeds 0-95) of step 20 of {run_path}, ema 0.999 weights"
    assert "1 of 6: distances" in answer.err
    assert "parzen" not in {line.split(" ")[0] for line in lines}


@pytest.mark.parametrize(
    "words", ["--reference train", "--repeats 1", "--fid-infinity", "--features pixels --stats s.npz"]
)
def test_options_of_distances_give_the_numbers_of_the_command(gancli, run_path, words):
    """96 samples of 96 images without a test split: with --reference train no real images are left to compare with."""
    common = ["--run", run_path, "--num-samples", 96]
    assert gancli("eval-fid", *common, "--features", "pixels", "--save-stats", "s.npz").code == 0
    command = gancli("eval-fid", *common, *words.split(), "--json")
    table = gancli("eval", *common, *words.split(), "--metrics", "distances", "--json")
    assert (command.code, table.code) == (0, 0), table.err
    expected = json.loads(command.out)
    (fid,) = (score for score in json.loads(table.out)["scores"] if score["name"] == "fid")
    found = fid["value"], fid["spread"], fid["real"]
    assert found == (expected["frechet"], expected["frechet_deviation"], expected.get("real", {}).get("frechet"))
    answer = gancli("eval", *common, *words.split(), "--metrics", "distances")
    assert answer.code == 0 and f"reference: {expected['reference']}" in answer.out


def test_json_and_csv_hold_the_same_scores(scored, run_path, tmp_path):
    table = scored("--run", run_path, "--num-samples", 60, "--metrics", "fid,class-entropy,ms_ssim")
    assert [score["name"] for score in table["scores"]] == ["fid", "ms_ssim", "class_entropy"]
    assert json.loads((run_path / "eval" / "scores.json").read_text()) == table
    with (run_path / "eval" / "scores.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for row, score in zip(rows, table["scores"], strict=True):
        assert row["name"] == score["name"] and row["title"] == score["title"]
        assert float(row["value"]) == score["value"]
        assert (row["samples"], row["step"], row["data"]) == ("60", "20", "stripes")
    assert rows[0]["features"].startswith("stripes-classifier ")
    assert {"samples", "distances", "diversity", "labels"} == {*table["recipe"]["seconds"]}
    assert table["scores"][2]["unit"] == "nats"
    scores = library.evaluate(library.load_run(run_path), "all", num_samples=60, progress=False)
    assert {score["name"]: score["value"] for score in table["scores"]}.items() <= dict(scores).items()
    assert "no test split" in scores.left_out["svm_error"]


def test_scores_that_may_be_compared_have_the_same_text(stripes):
    subject = SimpleNamespace(data=None, dataset=library.Dataset.from_arrays(stripes))
    other = SimpleNamespace(data=None, dataset=library.Dataset.from_arrays(stripes[:, ::-1].copy()))
    plain = {"metric": "Fréchet distance, pixels features", "features": {"name": "pixels"}, "images_of_each_set": 48}
    plain |= {"reference": "test split", "rows": {"reference": "all 48"}, "samples": 48, "frechet": 3.0, "step": 20}
    pairs = {"levels": 1, "pairs": 1000, "near_duplicate_images": 48, "reference": "test split"}

    def text(name, result, subject=subject):
        return comparability.digest(comparability.basis(name, subject, result))

    assert text("fid", plain) == text("fid", plain | {"frechet": 5.0, "step": 16, "samples": 60})
    assert text("fid", plain) != text("kid", plain)
    assert text("fid", plain) != text("fid", plain | {"images_of_each_set": 30})
    assert text("fid", plain) != text("fid", plain | {"features": {"name": "pixels", "sha256": "1a2b"}})
    assert text("fid", plain) != text("fid", plain | {"rows": {"reference": "a fixed draw of 48 of 60"}})
    assert text("fid", plain) != text("fid", plain, other)
    assert text("ms_ssim", pairs | {"samples": 48}) == text("ms_ssim", pairs | {"samples": 60})
    assert text("near_duplicates", pairs | {"samples": 48}) != text("near_duplicates", pairs | {"samples": 60})
    assert comparability.PARTS.keys() == {metric.measurement for metric in METRICS.values()} == wording.LINES.keys()


def test_images_of_anybody_are_scored(gancli, scored, data, made, tmp_path):
    fakes = np.random.default_rng(3).integers(0, 256, (60, 8, 8), np.uint8)
    np.savez(tmp_path / "fakes.npz", images=fakes)
    table = scored("--images", tmp_path / "fakes.npz", "--data", data, "--out", tmp_path / "new" / "scores")
    assert {score["name"] for score in table["scores"]} == {*IMAGES.split(), "class_entropy"} - ON_REQUEST
    printed = json.loads(gancli("eval-fid", "--images", "fakes.npz", "--data", data, "--json").out)
    assert table["scores"][0]["value"] == printed["frechet"]
    assert table["scores"][0]["spread"] is None
    assert json.loads((tmp_path / "new" / "scores" / "scores.json").read_text()) == table
    assert (tmp_path / "new" / "scores" / "scores.csv").read_text().startswith("name,title,value,spread,real,better,")
    path = made("vae")
    before = sorted(path.rglob("*"))
    of_run = scored("--images", tmp_path / "fakes.npz", "--run", path, "--metrics", "fid")
    assert of_run["scores"][0]["value"] == printed["frechet"]
    assert sorted(path.rglob("*")) == before
    with_model = gancli("eval", "--images", "fakes.npz", "--data", data, "--metrics", "elbo")
    assert (with_model.code, with_model.out) == (2, "")
    assert "elbo needs a vae; the metrics of images alone: fid," in with_model.err


def test_upscaling_is_scored_on_the_data_of_the_run_or_others(gancli, scored, made, photos):
    path = made("espcn", data="digits")
    table = scored("--run", path, "--except", "ssim_daala")
    assert [score["name"] for score in table["scores"]] == ["psnr", "ssim"]
    assert "of" in table["scores"][0]["recipe"] and "of 'digits', test images" in table["measurements"]["upscaling"]
    printed = json.loads(gancli("eval-psnr", "--run", path, "--data", "digits", "--json").out)
    assert table["scores"][0]["value"] == printed["sets"]["digits"]["espcn"]["psnr"]
    assert table["scores"][0]["real"] == printed["sets"]["digits"]["bicubic"]["psnr"]
    assert table["scores"][0]["real_is"] == "bicubic"
    others = scored("--run", path, "--data", photos, "--metrics", "psnr")
    assert others["scores"][0]["comparable"] != table["scores"][0]["comparable"]


REFUSED = {
    "unknown metric 'fidd'; those that apply are fid, fid_infinity, kid,": (2, ["--metrics", "fidd"]),
    "did you mean 'parzen'?": (2, ["--except", "parzn"]),
    "elbo needs a vae; the metrics of dcgan: fid,": (2, ["--metrics", "fid,elbo"]),
    "no metric is left to compute": (2, ["--metrics", "fid", "--except", "distances"]),
    "expected names between commas": (2, ["--metrics", "fid,,kid"]),
    "unknown option 'repeats'; these metrics have no options": (2, ["--metrics", "spectrum", "--repeats", "3"]),
    "features.txt": (4, ["--features", "features.txt"]),
    "has no test split with labels": (2, ["--metrics", "probe"]),
    "is a file: give a folder for scores.json and scores.csv": (2, ["--out", "features.txt"]),
    "--num-samples counts samples of a run": (2, ["--images", "x.npz", "--num-samples", "5"]),
}


@pytest.mark.parametrize("sentence", REFUSED)
def test_what_cannot_be_scored_is_said_in_one_sentence(gancli, run_path, tmp_path, sentence):
    (tmp_path / "features.txt").write_text("no weights", encoding="utf-8")
    code, words = REFUSED[sentence]
    answer = gancli("eval", "--run", run_path, *words)
    assert (answer.code, answer.out) == (code, ""), answer.err
    assert sentence in answer.err
    assert not (run_path / "eval" / "scores.json").exists()


def test_pairs_have_no_score_and_say_so(gancli, made):
    answer = gancli("eval", "--run", made("pix2pix", image_size=16))
    assert (answer.code, answer.out) == (3, "")
    assert "contains pairs, and no two domains" in answer.err


def test_data_without_labels_leave_out_what_needs_them(scored, tmp_path, stripes, made):
    np.savez(tmp_path / "plain.npz", images=stripes)
    path = shutil.copytree(made("dcgan", data=str(tmp_path / "plain.npz")), tmp_path / "run")
    table = scored("--run", path, "--num-samples", 48, "--metrics", "fid,class_entropy,modes,svm_error,label_score")
    assert table["left_out"] == {
        "label_score": METRICS["label_score"].missing,
        **dict.fromkeys(("class_entropy", "modes", "reverse_kl", "svm_error"), "'plain' has no labels"),
    }
    assert [score["title"] for score in table["scores"]] == ["Fréchet distance, pixels features"]


def test_titles_follow_the_name_of_the_distance():
    published = {"metric": "FID (inception-2015, clean, 50,000)"}
    assert wording.title("fid", published) == published["metric"]
    assert wording.title("kid", published) == "KID (inception-2015, clean, 50,000)"
    assert wording.title("inception_score", published) == "Inception score (inception-2015, clean, 50,000)"
    own = {"metric": "Fréchet distance, digits-classifier features"}
    assert wording.title("recall", own) == "recall, digits-classifier features"
    assert wording.title("label_score", own) == "label score, digits-classifier features"
    assert wording.title("elbo", {}) == "ELBO of test images"


def test_what_is_remembered_is_that_of_the_same_array_and_ends():
    calls = []

    def compute():
        calls.append(len(calls))
        return calls[-1]

    array = np.arange(12)
    assert [remembered.of_array("sum", array, compute) for _ in range(2)] == [0, 1]
    with remembered.remembering():
        assert [remembered.of_array("sum", part, compute) for part in (array, array[:6], array[:6], array)] == [
            2,
            3,
            3,
            2,
        ]
        assert remembered.of_array("mean", array, compute) == 4
        assert remembered.of_array("sum", array.copy(), compute) == 5
        assert [remembered.once("name", compute) for _ in range(2)] == [6, 6]
    with remembered.remembering():
        assert remembered.once("name", compute) == 7
