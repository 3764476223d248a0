"""gancli.evaluate: the numbers of the eval commands, their recipes, and one sentence for what cannot be scored."""

import inspect
import json
import math

import numpy as np
import pytest
from helpers import trainings

import gancli
from gancli.evaluation.metric_table import METRICS, find, measurements
from gancli.evaluation.metric_table.scoring import CHOICES, FLAGS, LIMITS, PATHS, check_option, options_of

COMMANDS = {  # of the commands that score samples: words, metrics with their places in --json, and options
    "eval-fid": ({"fid": "frechet", "kid": "kid", "recall": "recall", "label_score": "label_score"}, {"repeats": 3}),
    "eval-parzen": ({"parzen": "mean"}, {"folds": 3, "sigmas": [0.2, 0.1]}),
    "eval-diversity": ({"near-duplicates": "near_duplicates"}, {"pairs": 7}),
    "eval-spectrum": ({"spectrum": "mean_distance"}, {}),
    "eval-labels": ({"class_entropy": "entropy"}, {}),
    "eval-modes": ({"modes": "covered"}, {}),
}


def words_of(options):
    """Options as flags."""
    texts = {name: ",".join(map(str, value)) if isinstance(value, list) else value for name, value in options.items()}
    return [word for name, text in texts.items() for word in (f"--{name.replace('_', '-')}", text)]


@pytest.fixture(scope="module")
def run(trained):
    return gancli.load_run(next(trained.glob("*-tiny")))


@pytest.fixture(scope="module")
def able(tmp_path_factory):
    """One trained run each of models that do not generate from z alone."""
    outdir = tmp_path_factory.mktemp("able")
    started = {model: trainings.start(outdir, "digits", model, steps=2) for model in ("vae", "segmentation", "espcn")}
    for one in started.values():
        trainings.finish(one)
    return {model: gancli.load_run(one.run.path) for model, one in started.items()}


@pytest.mark.parametrize("command", COMMANDS)
def test_the_numbers_and_recipes_are_those_of_the_command(gancli_command, run, command):
    places, options = COMMANDS[command]
    answer = gancli_command(command, "--run", run.path, "--num-samples", 60, *words_of(options), "--json")
    printed = json.loads(answer.out)
    scores = gancli.evaluate(run, list(places), num_samples=60, progress=False, **options)
    assert {name: printed[place] for name, place in places.items()} == dict(scores)
    for name in places:
        assert json.loads(json.dumps(scores.recipe[name])) == printed
    if command == "eval-fid":
        assert scores.real["fid"] == printed["real"]["frechet"]
        assert scores.spread["fid"] == printed["frechet_deviation"]


def test_scores_of_models_of_other_kinds_are_those_of_their_commands(gancli_command, able, photos):
    printed = json.loads(gancli_command("eval-elbo", "--run", able["vae"].path, "--importance", 3, "--json").out)
    scores = gancli.evaluate(able["vae"], ["elbo", "importance_bound"], importance=3, progress=False)
    assert dict(scores) == {"elbo": printed["mean"], "importance_bound": printed["importance_weighted"]}

    printed = json.loads(gancli_command("eval-psnr", "--run", able["espcn"].path, "--data", photos, "--json").out)
    scores = gancli.evaluate(able["espcn"], ["psnr", "ssim"], data=photos, progress=False)
    (methods,) = printed["sets"].values()
    assert dict(scores) == {name: methods["espcn"][name] for name in ("psnr", "ssim")}

    printed = json.loads(gancli_command("eval-segmentation", "--run", able["segmentation"].path, "--json").out)
    scores = gancli.evaluate(able["segmentation"], ["miou", "pixel_accuracy"], progress=False)
    assert dict(scores) == {"miou": printed["mean_iou"], "pixel_accuracy": printed["pixel_accuracy"]}


def test_originals_may_be_a_data_set_that_is_loaded(able):
    loaded = gancli.evaluate(able["espcn"], ["psnr"], data=gancli.load_dataset("digits"), num_images=30, progress=False)
    named = gancli.evaluate(able["espcn"], ["psnr"], data="digits", num_images=30, progress=False)
    assert dict(loaded) == dict(named)
    assert loaded.recipe["psnr"]["rows"] == named.recipe["psnr"]["rows"]


def test_images_from_elsewhere_are_scored_alike_as_an_array_and_as_a_file(gancli_command, stripes_file, tmp_path):
    values = np.random.default_rng(3).random((50, 8, 8)).astype(np.float32)
    np.savez(tmp_path / "fakes.npz", images=values)
    how = {"data": stripes_file, "progress": False}
    scores = gancli.evaluate(values, "fid", **how)
    assert dict(scores) == dict(gancli.evaluate(tmp_path / "fakes.npz", "fid", **how))
    answer = gancli_command("eval-fid", "--images", tmp_path / "fakes.npz", "--data", stripes_file, "--json")
    assert scores["fid"] == json.loads(answer.out)["frechet"]
    assert scores.recipe["fid"]["images"] == "an array"
    as_bytes = np.round(255 * values).astype(np.uint8)
    assert dict(gancli.evaluate(as_bytes[..., None], "fid", **how)) == dict(scores)
    assert gancli.evaluate(values, "fid", pixel_range="0:2", **how)["fid"] != scores["fid"]


def test_one_set_of_samples_and_one_pass_over_the_features_serve_all_metrics(run, monkeypatch):
    calls = []
    for name in ("distances", "diversity"):
        plain = getattr(measurements, name)

        def counted(subject, *, name=name, plain=plain, **options):
            calls.append((name, id(subject.evaluated.pixels)))
            return plain(subject, **options)

        counted.__signature__ = inspect.signature(plain)
        monkeypatch.setattr(measurements, name, counted)
    asked = ["fid", "kid", "precision", "recall", "density", "coverage", "FID", "ms-ssim", "near_duplicates"]
    scores = gancli.evaluate(run, asked, num_samples=50, progress=False)
    assert list(scores) == asked
    assert [name for name, _ in calls] == ["distances", "diversity"]
    assert len({pixels for _, pixels in calls}) == 1
    assert scores["FID"] == scores["fid"]


def test_a_result_is_a_mapping_a_table_and_json(run):
    scores = gancli.evaluate(run, ["fid", "neighbors"], num_samples=50, features="pixels", progress=False)
    assert math.isnan(scores["neighbors"])  # there are no unseen images
    assert "neighbors" not in scores.real
    table = json.loads(json.dumps(scores.to_dict(), allow_nan=False))
    assert table["neighbors"]["value"] is None
    assert table["fid"]["real"] == scores.real["fid"]
    assert table["fid"]["recipe"]["features"]["name"] == "pixels"
    lines = repr(scores).splitlines()
    assert lines[0].split() == ["metric", "score", "spread", "real", "images"]
    assert lines[1].split()[:2] == ["fid", f"{scores['fid']:.5g}"]
    assert "not defined" in lines[2]
    assert scores._repr_html_().count("<tr>") == 3


def test_a_run_is_written_to_only_if_asked(run_path):
    run = gancli.load_run(run_path)
    scores = gancli.evaluate(run, "parzen", num_samples=50, progress=False)
    assert not (run_path / "eval").exists()
    gancli.evaluate(run.load(weights="raw"), ["parzen"], num_samples=50, progress=False, save=True)
    saved = json.loads((run_path / "eval" / "parzen.json").read_text(encoding="utf-8"))
    assert saved["weights"] == "raw"
    assert saved.keys() == scores.recipe["parzen"].keys()
    first = gancli.evaluate(run, "parzen", num_samples=50, progress=False, checkpoint=16)
    assert first.recipe["parzen"]["step"] == 16


REFUSED = {
    "unknown metric 'fidd'; the metrics are": ({"metrics": ["fidd"]}, "did you mean 'fid'?"),
    "unknown option 'feature'; the options of these metrics are dims, features,": ({"feature": "pixels"}, "features"),
    "num_samples = 1: expected a whole number from 2 to 1,000,000": ({"num_samples": 1}, ""),
    "repeats = True: expected a whole number from 1 to 100": ({"repeats": True}, ""),
    "metrics is empty": ({"metrics": []}, "fid"),
    "dcgan cannot do this: it has no bound on the likelihood of images": ({"metrics": ["fid", "elbo"]}, "vae has"),
    "labels: no class was requested": ({"metrics": "labels", "num_samples": 30}, "class_entropy"),
    "label_score: class probabilities need": ({"metrics": ["label_score"], "features": "pixels"}, "labels"),
    "inception_score: give features=": ({"metrics": ["is"], "features": "pixels"}, "label_score has"),
    "fid_infinity: give fid_infinity=True": ({"metrics": ["fid_infinity"], "features": "pixels"}, ""),
    "fid_infinity = 'yes': expected True or False": ({"fid_infinity": "yes"}, ""),
    "stats = 3: expected a path": ({"stats": 3}, ""),
    "reference = 'all': expected test, train": ({"reference": "all"}, ""),
    "--dims applies to --features inception-2015 alone": ({"dims": 64, "features": "pixels"}, "give both"),
    "pixel_range applies to images": ({"pixel_range": "0:1"}, ""),
    "checkpoint 3": ({"checkpoint": 3}, "it has 16, 18, 20"),
    "sigmas = [0]: expected numbers from 0.0001": ({"metrics": "parzen", "sigmas": [0]}, ""),
}


@pytest.mark.parametrize("sentence", REFUSED)
def test_what_cannot_be_scored_is_said_in_one_sentence(run, sentence):
    arguments, hint = REFUSED[sentence]
    arguments = {"metrics": ["fid"], "num_samples": 40} | arguments
    with pytest.raises(gancli.GancliError) as caught:
        gancli.evaluate(run, progress=False, **arguments)
    assert sentence in str(caught.value)
    assert hint in str(caught.value)


BAD_IMAGES = {
    "shape (8, 8) is one image": np.zeros((8, 8)),
    "the images are of 8x4, the data to score against have 8x8": np.zeros((30, 4, 8)),
    "the pixels hold NaN or infinity": np.full((30, 8, 8), np.nan),
    "not empty": np.zeros((0, 8, 8)),
    "all 30 images are of uniform color": np.zeros((30, 8, 8), np.uint8),
    "expected a file of images, or a folder of pictures": "nothing.npz",
    "model_or_images is int: expected a TrainedModel, a Run, a path or an array of images": 3,
}


@pytest.mark.parametrize("sentence", BAD_IMAGES)
def test_images_that_are_none_are_refused_in_one_sentence(stripes_file, sentence):
    with pytest.raises(gancli.GancliError) as caught:
        gancli.evaluate(BAD_IMAGES[sentence], data=stripes_file, progress=False)
    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value)


def test_images_need_data_and_have_no_model(stripes, stripes_file):
    with pytest.raises(gancli.OptionError, match="against real data: give them by data"):
        gancli.evaluate(stripes)
    for metric in ("psnr", "elbo", "modes", "captions"):
        with pytest.raises(gancli.OptionError, match="images alone have no model"):
            gancli.evaluate(stripes, metric, data=stripes_file, progress=False)


def test_every_metric_has_a_measurement_a_summary_and_options_with_limits():
    for name, metric in METRICS.items():
        assert find(name.upper().replace("_", "-")) == name
        assert callable(getattr(measurements, metric.measurement))
        assert metric.summary and metric.needs and metric.better in ("higher", "lower", "")
        for option, default in options_of(name).items():
            if default is not None:
                check_option(option, default)
            free = ("features", "patches", "rgb", "sigmas", "false_positive_rate")
            assert option in (*LIMITS, *CHOICES, *FLAGS, *PATHS, *free), option
    assert gancli.list_metrics() == sorted(METRICS)


@pytest.fixture
def gancli_command(gancli):
    """The fixture `gancli`, a command line, under a name that the package does not have."""
    return gancli
