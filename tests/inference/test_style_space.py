"""The style space of style-based models: truncation, mixing, interpolation and projection, in commands and library."""

import json
from pathlib import Path

import numpy as np
import pytest
from helpers import trainings
from PIL import Image

import gancli as library
from gancli import models
from gancli.core.errors import DataError, OptionError
from gancli.imaging import images
from gancli.inference.style_space import mixing, projection, sampler, truncation

MODEL = Path(trainings.__file__).with_name("style_model.py")
LAYERS, SIZE = 6, 3


@pytest.fixture(scope="module")
def styled(tmp_path_factory, stripes_file):
    """The path of a run of a style-based model."""
    models.named_by_user(str(MODEL))
    started = trainings.start(
        tmp_path_factory.mktemp("styled"), stripes_file, str(MODEL), steps=2, sample_every=2, save_every=2
    )
    trainings.finish(started)
    return started.run.path


@pytest.fixture
def model(styled):
    return library.load_run(styled).load(weights="raw")


def saved(path):
    with np.load(path) as found:
        return {name: found[name] for name in found.files}


def test_truncation_moves_styles_toward_their_mean():
    random = np.random.default_rng(0)
    w, mean = random.normal(size=(5, 4, 3)).astype(np.float32), random.normal(size=3).astype(np.float32)
    psi = truncation.Truncation(0.5, 2).factors(4)
    assert psi.tolist() == [0.5, 0.5, 1, 1]
    found = truncation.truncate(w, mean, psi)
    assert np.array_equal(found[:, 2:], w[:, 2:])  # bit by bit
    assert found[:, :2] == pytest.approx(mean + 0.5 * (w - mean)[:, :2], abs=1e-6)
    assert np.array_equal(truncation.truncate(w, mean, np.zeros(4, np.float32)), np.broadcast_to(mean, w.shape))
    opposite = truncation.truncate(w, mean, truncation.Truncation(-1.0).factors(4))
    assert opposite + w == pytest.approx(np.broadcast_to(2 * mean, w.shape), abs=1e-6)


@pytest.mark.parametrize("values", [(True,), ("a",), (float("nan"),), (0.7, 0), (0.7, 1.5), (None, 3), (1000,)])
def test_a_truncation_is_a_number(values):
    with pytest.raises(OptionError, match="truncation"):
        truncation.parse(*values)


def test_style_layers_have_names_and_numbers():
    assert [list(mixing.layers_of(text, "model", 10)) for text in ("coarse", "Middle", "fine", "2", "3-5")] == [
        [0, 1, 2, 3],
        [4, 5, 6, 7],
        [8, 9],
        [2],
        [3, 4, 5],
    ]
    assert mixing.layers_of("middle", "model", 6) == range(4, 6)  # as many as there are
    assert [mixing.layer_words(layers) for layers in (range(2, 3), range(4))] == ["2", "0-3"]
    for text in ("fine", "4-8", "8"):
        with pytest.raises(OptionError, match=f"tiny has no style layers '{text}': it has the layers 0-7"):
            mixing.layers_of(text, "tiny", 8)
    for text in ("", "3-1", "-2", "1-", "all", "9" * 5000):
        with pytest.raises(OptionError, match="expected coarse, middle, fine or a range"):
            mixing.parse_layers(text)


def test_mixed_styles_are_of_the_second_in_its_layers():
    first, second = np.zeros((2, 4, 3), np.float32), np.arange(3, dtype=np.float32)[:, None, None] + np.ones((1, 4, 3))
    mixed = mixing.mix(first, second, range(1, 3))
    assert mixed.shape == (2, 3, 4, 3)
    assert mixed[..., 0].tolist() == [[[0, number, number, 0] for number in (1, 2, 3)]] * 2


def test_the_distance_compares_several_resolutions():
    random = np.random.default_rng(0)
    one, other = random.normal(size=(2, 1, 16, 8, 2)).astype(np.float32)
    difference = (one - other)[0]
    half = difference.reshape(8, 2, 4, 2, 2).mean(axis=(1, 3))  # not halved again: a side of 2 is below 4
    expected = ((difference**2).mean() + (half**2).mean()) / 2
    assert float(projection.distance(one, other)) == pytest.approx(expected, rel=1e-5)


def test_noise_and_learning_rate_follow_the_schedule_of_the_paper():
    shares = np.array([0, 0.025, 0.05, 0.375, 0.75, 0.875, 1.0], np.float32)
    assert [float(projection.noise_scale(share)) for share in shares[[0, 3, 4, 6]]] == pytest.approx(
        [0.05, 0.0125, 0, 0]
    )
    rates = [float(projection.rate_scale(share)) for share in shares]
    assert rates == pytest.approx([0, 0.5, 1, 1, 1, 0.5, 0], abs=1e-6)


def test_truncated_samples(model, styled, gancli, tmp_path):
    plain, z = model.sample(range(5)), model.latents(range(5))
    assert np.array_equal(model.sample(range(5), truncation=1), plain)
    assert (np.ptp(model.sample(range(5), truncation=0), axis=0) == 0).all()
    assert np.array_equal(
        model.sample(range(5), truncation=0.5, truncation_layers=LAYERS), model.sample(range(5), truncation=0.5)
    )
    half = model.sample(range(5), truncation=0.5, truncation_layers=2)
    assert not np.array_equal(half, plain)
    mean = np.asarray(model._trained.model.mean_w())
    w = np.repeat(model.to_w(z)[:, None], LAYERS, axis=1)
    w[:, :2] = mean + 0.5 * (w[:, :2] - mean)
    assert np.abs(half.astype(int) - model.from_w(w)).max() <= 1
    assert np.array_equal(model.from_w(model.to_w(z), truncation=0.5, truncation_layers=2), half)
    assert np.array_equal(model.sample(range(5)), plain)  # it lasts for one call
    use = ("--run", styled, "--weights", "raw", "--seeds", "0-4", "--truncation", 0.5, "--truncation-layers", 2)
    answer = gancli("sample", *use, "--out", tmp_path / "half.npz", "--json")
    assert np.array_equal(saved(tmp_path / "half.npz")["images"], half), answer.err
    assert json.loads(answer.out).items() >= {"truncation": 0.5, "truncation_layers": 2}.items()


def test_styles_have_their_shapes(model):
    assert (model.w_size, model.style_layers, model.to_w(model.latents(3)).shape) == (SIZE, LAYERS, (1, SIZE))
    assert {"to_w", "from_w", "mix"} <= set(model.abilities)
    assert model.from_w(np.zeros(SIZE)).shape == (1, 8, 8, 1)
    for w in (np.zeros((2, LAYERS - 1, SIZE)), np.zeros(SIZE + 1), "abc", np.full((1, LAYERS, SIZE), np.nan)):
        with pytest.raises(DataError, match=r"styles|latent vectors"):
            model.from_w(w)
    for layers in (LAYERS + 1, 0):
        with pytest.raises(OptionError, match="layers"):
            model.sample(1, truncation=0.5, truncation_layers=layers)


def test_a_style_mixing_grid(model, styled, gancli, tmp_path):
    mixed = model.mix([0, 1], range(2, 5), "1-3")
    assert mixed.shape == (2, 3, 8, 8, 1)
    w = np.repeat(model.to_w(model.latents([1, 4]))[:, None], LAYERS, axis=1)
    w[0, 1:4] = w[1, 1:4]
    assert np.array_equal(mixed[1, 2], model.from_w(w)[0])
    assert np.array_equal(model.mix([0, 1], [2], f"0-{LAYERS - 1}")[:, 0], np.repeat(model.sample(2), 2, axis=0))
    out = tmp_path / "mix.png"
    answer = gancli("sample", "--run", styled, "--mix", "0-1", "2-4", "--mix-layers", "middle", "--out", out, "--json")
    result = json.loads(answer.out)
    assert result.items() >= {"first": [0, 1], "second": [2, 3, 4], "layers": [4, 5], "images": 6}.items(), answer
    width, height = Image.open(out).size
    assert width / height == pytest.approx(4 * 1.25 / (3 * 1.5), rel=0.02)  # a row and a column of sources more
    answer = gancli("sample", "--run", styled, "--mix", "0", "1")
    assert "style layers 0-3 of the columns (seeds 1), others of the rows (0)" in answer.out, answer.err


def test_lines_between_styles(model, styled, gancli, tmp_path):
    line = model.interpolate(0, 3, 5, space="w")
    ends = model.to_w(model.latents([0, 3]))
    assert np.array_equal(line[[0, -1]], model.sample([0, 3]))
    assert np.array_equal(line[2], model.from_w(ends.mean(axis=0))[0])
    assert np.array_equal(model.interpolate(ends[0], ends[1], 5, space="w"), line)
    use = ("interpolate", "--run", styled, "--weights", "raw", "--space", "w", "--steps", 5)
    answer = gancli(*use, "--seeds", "0,3", "--out", tmp_path / "line.png", "--json")
    assert (tmp_path / "line.png").read_bytes() == images.png(images.grid(line, shape=(1, 5))), answer.err
    assert json.loads(answer.out)["space"] == "w"
    assert "lerp in w over a square" in gancli(*use, "--seeds", "0-3", "--square", "--truncation", 0.5).out
    for words in (("--mode", "slerp"), ("--along", "[1] - [2]")):
        answer = gancli(*use, "--seeds", "0,3", *words)
        assert (answer.code, answer.err.count("\n")) == (2, 1), answer


def test_projection_finds_the_style_of_an_image(model, styled, gancli, tmp_path, monkeypatch):
    monkeypatch.setattr(sampler, "DEVIATION_SAMPLES", 200)
    wanted = model.sample([1, 2], truncation=0.7)
    for at, image in enumerate(wanted):
        Image.fromarray(image[..., 0]).save(tmp_path / f"{at}.png")
    use = ("project", tmp_path / "0.png", tmp_path / "1.png", "--run", styled, "--weights", "raw", "--steps", 150)
    answer = gancli(*use, "--space", "w", "--out", tmp_path / "w.npz", "--json")
    found = saved(tmp_path / "w.npz")["w"]
    assert found.shape == (2, SIZE), answer.err
    assert np.abs(model.from_w(found).astype(int) - wanted).max() <= 4
    assert np.array_equal(model.project(wanted[1], space="w", steps=150), found[1:])  # whatever the others are
    result = json.loads(answer.out)
    errors = ((model.from_w(found).astype(float) - wanted) ** 2).mean(axis=(1, 2, 3)) / 255**2
    assert [error for _, error in result["errors"]] == pytest.approx(errors, abs=2e-5)
    assert (result["space"], result["steps"]) == ("w", 150)
    answer = gancli(*use[:-1], 3, "--space", "w+", "--json")
    assert Image.open(json.loads(answer.out)["out"]).format == "PNG", answer.err
    monkeypatch.setattr(projection, "STEPS", 3)
    between = gancli(
        "interpolate", "--run", styled, "--space", "w", "--from-images", tmp_path / "0.png", tmp_path / "1.png"
    )
    assert between.code == 0, between.err
    with pytest.raises(OptionError, match="leave out starts"):
        model.project(wanted, space="w", starts=2)


def test_scores_of_truncated_samples_have_a_place_of_their_own(model, styled, gancli):
    use = ("--run", styled, "--num-samples", 40, "--features", "pixels", "--json")
    plain, cut = (json.loads(gancli("eval-fid", *use, *more).out) for more in ((), ("--truncation", 0.5)))
    assert "truncation" not in plain
    assert cut["truncation"] == 0.5
    assert cut["frechet"] != plain["frechet"]
    assert (
        len(list((styled / "eval").glob("fid*.json"))) == len(list((styled / "eval/truncation-0.5").glob("fid*"))) == 1
    )
    answer = gancli("eval", *use, "--metrics", "fid", "--truncation", 0.5, "--truncation-layers", 3)
    assert json.loads(answer.out)["recipe"]["truncation_layers"] == 3, answer.err
    assert (styled / "eval/truncation-0.5-3/scores.csv").exists()
    assert not (styled / "eval/scores.csv").exists()
    run = library.load_run(styled)
    scores = library.evaluate(run, "fid", truncation=0.5, num_samples=40, features="pixels", progress=False)
    assert scores["fid"] == pytest.approx(cut["frechet"], rel=1e-5)
    assert scores.recipe["fid"]["truncation"] == 0.5
    with pytest.raises(OptionError, match="not to images"):
        library.evaluate(np.zeros((9, 8, 8), np.uint8), "fid", truncation=0.5, data="digits")


REFUSED = {
    ("sample", "--truncation", "0.7"): "dcgan cannot do this: it has no style space; stylegan and stylegan2 have",
    ("sample", "--mix", "0-3", "4"): "it has no style space",
    ("interpolate", "--seeds", "1,2", "--space", "w"): "it has no style space",
    ("interpolate", "--seeds", "1,2", "--truncation", "0.7"): "it has no style space",
    ("project", "--space", "w"): "it has no style space",
    ("project", "--space", "w+", "--starts", "3"): "leave out --starts",
    ("eval-fid", "--truncation", "0.7"): "it has no style space",
    ("eval", "--truncation", "0.7"): "it has no style space",
    ("eval", "--truncation", "0.7", "--images", "x"): "give only one",
    ("sample", "--truncation-layers", "3"): "add --truncation",
    ("sample", "--mix-layers", "fine"): "add --mix SEEDS SEEDS",
    ("sample", "--mix", "0", "1", "--seeds", "3"): "leave out --seeds",
    ("sample", "--mix", "0", "1", "--grid", "1x1"): "leave out --grid",
    ("sample", "--mix", "0", "0-99"): "at most 64 seeds",
    ("sample", "--mix", "0", "1", "--mix-layers", "x"): "expected coarse, middle, fine",
    ("sample", "--mix", "0", "1", "--out", "x.npz"): "ends in .png",
    ("sample", "--truncation", "0.7", "--text", "a"): "leave out the options of texts",
}


@pytest.mark.parametrize("words", REFUSED, ids=" ".join)
def test_what_does_not_go_together_is_refused_in_one_sentence(gancli, run_path, words):
    answer = gancli(*words, "--run", run_path)
    assert answer.code != 0, answer
    assert REFUSED[words] in answer.err
    assert answer.err.count("\n") == 1
