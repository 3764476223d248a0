"""What a run has learned, by every command that looks: on a DCGAN of walls with and without a window, trained here."""

import json
import sys

import numpy as np
import pytest
from PIL import Image

from gancli.cli import main
from gancli.evaluation import classifier_kinds
from gancli.inference.ablation import latent_editor
from gancli.inference.trained_model import TrainedModel
from gancli.runs.run import Run

LEFT, TOP, RIGHT, BOTTOM = 6, 3, 12, 8  # of the window


def walls(count, seed):
    """Gray walls of 16 x 16 over a darker floor, and which of them, every second one, have a white window."""
    random = np.random.default_rng(seed)
    images, has = np.zeros((count, 16, 16, 1)) + random.uniform(40, 90, (count, 1, 1, 1)), np.arange(count) % 2
    images[:, 12:] -= 30
    images[has == 1, TOP:BOTTOM, LEFT:RIGHT] = 235
    return np.clip(images + random.normal(0, 3, images.shape), 0, 255).astype(np.uint8), has


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The folder of the run; the data have a test split, labels, and an attribute that says the same."""
    folder = tmp_path_factory.mktemp("walls")
    (images, has), (others, truth) = walls(256, 0), walls(100, 1)
    named = {"attributes": has[:, None], "attribute_names": ["window"], "classes": ["bare", "pierced"]}
    np.savez(folder / "walls.npz", x_train=images, y_train=has, x_test=others, y_test=truth, **named)
    run(folder, "--width", 8, "--steps", 400, "--batch-size", 32, "--ema", 0.98, "--name", "walls")
    return folder


def run(folder, *options):
    """Train in this process, before any test's own folder is there."""
    before, sys.argv = sys.argv, ["gancli", "train", "--data", f"{folder}/walls.npz", "--outdir", str(folder), "-q"]
    sys.argv += [str(option) for option in options]
    try:
        assert main._run() == 0
    finally:
        sys.argv = before


@pytest.fixture(autouse=True)
def _short(monkeypatch):
    """Walls are easily told apart."""
    monkeypatch.setattr(classifier_kinds, "MAX_EPOCHS", 25)


@pytest.fixture
def ask(gancli, folder):
    """A command on the run, its JSON read."""

    def asked(*words):
        answer = gancli(*words, "--outdir", folder, "--json")
        assert answer.code == 0, answer.err
        return json.loads(answer.out)

    return asked


def bright(pixels):
    """Which images are bright where the window is, bool (count,)."""
    return pixels[:, TOP + 1 : BOTTOM - 1, LEFT + 1 : RIGHT - 1].mean(axis=(1, 2, 3)) > 150


def pixels_of(folder, seeds):
    return TrainedModel(Run(next(folder.glob("*-walls"))), "last", None).sampler.seeds(seeds)


def test_samples_are_asked_for_in_words(ask, folder, tmp_path):
    for words, there in (("window", True), ("no window", False), ("pierced", True)):
        found = ask("sample", "--class", words, "--num-samples", 16, "--out", tmp_path / f"{there}.npz")
        assert found["kept"] == 16
        assert np.mean(bright(np.load(tmp_path / f"{there}.npz")["images"]) == there) > 0.95
    assert 0.2 < np.mean(bright(pixels_of(folder, list(range(64))))) < 0.8


def test_a_choice_tells_its_threshold_its_share_and_its_error_and_is_the_same_again(ask, gancli, folder, tmp_path):
    words = ["sample", "--class", "pierced", "--num-samples", 16]
    found, again = (ask(*words, "--out", tmp_path / f"{number}.npz") for number in range(2))
    assert found["seeds"] == again["seeds"]
    assert found["threshold"] == again["threshold"]
    assert found["share"] == found["kept"] / found["drawn"] < 0.9
    assert (0.5 <= found["threshold"] <= 1, found["max_error"]) == (True, 0.02)
    assert 0 <= found["estimated_error"] <= found["error_bound"]
    assert found["reached"] is (found["estimated_error"] <= 0.02)
    assert found["audited"] > 100
    assert [judge["test_accuracy"] > 0.9 for judge in (found["classifier"], *found["judges"])] == [True] * 3
    text = gancli(*words, "--outdir", folder, "--out", tmp_path / "text.npz")
    assert f"{found['drawn']} images generated, 16 kept" in text.out
    assert "estimated error" in text.out
    refused = gancli(*words, "--outdir", folder, "--max-error", "1e-4")
    assert (refused.code, "no threshold keeps the error" in refused.err) == (4, True)
    assert gancli("sample", "--max-error", 0.1, "--outdir", folder).code == 2


def test_sums_of_words_are_judged_over_many_repetitions(ask, gancli, folder):
    found = ask("zvector-arith", "window - not window + not window", "--repeat", 40)
    assert [term["means"] for term in found["terms"]] == ["window", "not window", "not window"]
    assert found["wanted"] == "window"
    assert set(found["selection"]) == {"window", "not window"}
    assert found["selection"]["window"]["estimated_error"] < 0.1
    assert found["latent"]["share"] > 0.7
    assert found["latent"]["low"] < found["latent"]["share"] < found["latent"]["high"]
    assert 0 <= found["pixel"]["share"] <= 1
    assert Image.open(found["out"]).width > 300
    classes = ask("zvector-arith", "pierced - bare + bare", "--repeat", 20)
    assert classes["latent"]["pierced"] > 0.6
    assert len(classes["read_as"]) == 9
    refused = gancli("zvector-arith", "window - [3]", "--repeat", 2, "--outdir", folder)
    assert (refused.code, "give words for all terms" in refused.err) == (2, True)


def test_a_direction_in_words_changes_what_it_says(ask):
    found = ask("interpolate", "--seeds", "0-7", "--along", "window - not window", "--steps", 5)
    assert found["sought"] == "window"
    assert found["shown"][0] < found["shown"][2] < found["shown"][-1]
    assert found["images"] == 40


def test_windows_are_forgotten_by_their_maps_and_not_by_others(ask):
    found = ask("ablate", "window", "--num-samples", 300)
    assert 0.2 < found["before"] < 0.8
    assert found["after"] < 0.05
    assert found["fall"] > 3 * found["random_fall"]
    assert 0 < len(found["dropped"]) < found["maps"] == 8
    assert Image.open(found["out"]).width > 800


def test_windows_are_forgotten_by_boxes_that_somebody_drew(ask, gancli, folder, tmp_path):
    seeds = np.flatnonzero(bright(pixels_of(folder, list(range(100)))))
    lines = [f"{seed},{LEFT},{TOP},{RIGHT},{BOTTOM}" for seed in seeds]
    (tmp_path / "boxes.csv").write_text("\n".join(lines), encoding="utf-8")
    found = ask(
        *("ablate", "window", "--boxes", tmp_path / "boxes.csv", "--layer", 8),
        *("--regularization", "l2", "--num-samples", 100),
    )
    assert found["after"] < 0.1 < found["before"]
    assert found["images"] == len(seeds)
    unknown = ask("ablate", "hole", "--boxes", tmp_path / "boxes.csv")  # nobody can count what no classifier reads
    assert unknown["dropped"]
    assert "before" not in unknown
    (tmp_path / "one.csv").write_text(lines[0], encoding="utf-8")
    refused = gancli("ablate", "window", "--boxes", tmp_path / "one.csv", "--outdir", folder)
    assert refused.code == 2
    assert "cells of the feature maps lie inside" in refused.err


def test_windows_are_forgotten_by_a_map_of_z(ask, monkeypatch):
    monkeypatch.setattr(latent_editor, "STEPS", 150)
    found = ask("ablate", "window", "--method", "latent", "--num-samples", 200)
    assert found["after"] < 0.1 < found["before"]
    assert 0 < found["moved"] < found["apart"]


def test_features_are_drawn_and_measured_beside_untrained_ones(ask):
    found = ask("visualize-features", "--maps", "0,3", "--top", 4, "--num-images", 60, "--guided-only")
    assert found["trained"]["structure"] > found["untrained"]["structure"]
    assert np.shape(found["trained"]["shown"]) == (2, 4)
    assert Image.open(found["out"]).width > 800


def test_the_probe_sets_the_discriminator_beside_pixels_and_an_untrained_one(ask, folder):
    found = ask("eval-probe", "--num-labels", 20, "--draws", 2)
    assert {"discriminator", "untrained", "pixels"} <= found["svm"].keys()
    assert all(0 <= found["svm"][name]["error"] <= 0.2 for name in ("discriminator", "pixels"))
    assert "nearest" not in found  # it takes no labels
    kept = json.loads((next(folder.glob("*-walls")) / "eval" / "probe.json").read_text(encoding="utf-8"))
    assert kept["svm"] == found["svm"]
    run(folder, "--model", "cgan", "--steps", 5, "--batch-size", 16, "--name", "told")
    told = ask("eval-probe", "--num-samples", 100, "--run", "told")
    assert "svm" not in told  # its networks are dense
    assert told["nearest"]["real"] < 0.05
    assert 0 <= told["nearest"]["error"] <= 1


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["ablate", "door"], 2, "has no attribute 'door': its attributes: window"),
        (["ablate", "window", "--layer", 5], 2, "the generator has feature maps of sides 8"),
        (["ablate", "window", "--method", "latent", "--layer", 8], 2, "are for --method maps"),
        (["ablate", "window", "--boxes", "none.csv"], 3, "cannot read the boxes"),
        (["visualize-features", "--maps", "99"], 2, "the last convolution has the maps 0 to 15"),
        (["visualize-features", "--run", "plain"], 2, "gan cannot do this: its networks have no convolutions"),
        (["eval-probe", "--run", "plain"], 2, "no convolutions to probe, and the model is not class-conditional"),
        (["ablate", "window", "--run", "plain"], 2, "gan cannot do this: its networks have no convolutions"),
    ],
)
def test_what_cannot_be_done_is_refused_in_a_sentence(gancli, folder, words, code, said):
    if "plain" in words and not list(folder.glob("*-plain")):
        run(folder, "--model", "gan", "--steps", 2, "--batch-size", 16, "--name", "plain")
    answer = gancli(*words, "--outdir", folder)
    assert (answer.code, answer.out) == (code, "")
    assert said in answer.err
