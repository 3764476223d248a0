"""Models that take labels, from the command line: they draw what they are told, and say no in one sentence."""

import json
import shutil

import numpy as np
import pytest
from helpers import forkserver
from PIL import Image


@pytest.fixture(scope="module")
def told(tmp_path_factory, stripes_file):
    """A folder with a short training of a conditional model on the two kinds of stripes."""
    outdir = tmp_path_factory.mktemp("conditional")
    words = ["train", "--model", "acgan", "--data", stripes_file, "--outdir", outdir, "-q"]
    words += ["--steps", 1000, "--batch-size", 16, "--width", 8, "--ema", 0.9, "--aux-weight", 3]
    forkserver.run(*words).check_returncode()
    return outdir


def ask(gancli, *words, code=0):
    answer = gancli(*words, "--json")
    assert answer.code == code, answer.err
    return json.loads(answer.out) if code == 0 else answer.err


def test_without_a_class_sample_draws_a_row_for_each_with_one_z_in_each_column(gancli, told, tmp_path):
    found = ask(gancli, "sample", "--outdir", told, "--out", tmp_path / "a.png")
    assert found["images"] == 16
    assert found["classes"] == 2
    assert found["seeds"] == [*range(8), *range(8)]
    width, height = Image.open(tmp_path / "a.png").size
    assert width > 3 * height
    found = ask(gancli, "sample", "--outdir", told, "--grid", "4x3", "--out", tmp_path / "b.png")
    assert found["seeds"] == [0, 1, 2, 0, 1, 2, 3, 4, 5, 3, 4, 5]  # beyond the classes the rows begin again


def test_a_folder_gets_a_picture_of_each_class_and_seed(gancli, told, tmp_path):
    found = ask(gancli, "sample", "--outdir", told, "--per-class", 3, "--out", tmp_path / "all")
    names = sorted(path.relative_to(tmp_path / "all").as_posix() for path in (tmp_path / "all").rglob("*.png"))
    assert found["images"] == 6
    assert names == [f"{name}/seed-{seed:08}.png" for name in ("lying", "standing") for seed in (0, 1, 2)]


def test_per_class_gives_images_with_labels(gancli, told, tmp_path):
    ask(gancli, "sample", "--outdir", told, "--per-class", 30, "--out", tmp_path / "set.npz")
    ask(gancli, "sample", "--outdir", told, "--class", "standing", "--seeds", "0-2", "--out", tmp_path / "one.npz")
    with np.load(tmp_path / "set.npz") as whole, np.load(tmp_path / "one.npz") as one:
        assert whole["labels"].tolist() == [0] * 30 + [1] * 30
        assert whole["classes"].tolist() == one["classes"].tolist() == ["lying", "standing"]
        assert np.array_equal(whole["images"][30:33], one["images"])  # one seed and one class, one image
        assert one["labels"].tolist() == [1, 1, 1]
        lying, standing = whole["images"][:30, ..., 0].astype(float), whole["images"][30:, ..., 0].astype(float)
    assert lying.std(axis=2).mean() < lying.std(axis=1).mean()  # a lying stripe hardly changes along its row
    assert standing.std(axis=2).mean() > standing.std(axis=1).mean()


def test_the_class_that_is_drawn_is_said_by_name_and_number(gancli, told, tmp_path):
    answer = gancli("sample", "--outdir", told, "--digit", "1", "--num-samples", 2, "--out", tmp_path / "a.npz")
    assert "class 'standing', number 1 of 0 to 1" in answer.out


def test_seeds_without_a_class_give_every_class_in_turn(gancli, told, tmp_path):
    ask(gancli, "sample", "--outdir", told, "--seeds", "4,7", "--out", tmp_path / "a.npz")
    with np.load(tmp_path / "a.npz") as found:
        assert found["labels"].tolist() == [0, 1]


def test_eval_labels_sets_what_was_asked_beside_what_is_read(gancli, told):
    found = ask(gancli, "eval-labels", "--outdir", told, "--num-samples", 200)
    assert np.array(found["confusion"]).sum(axis=1).tolist() == [100, 100]
    assert found["share"] > 0.65  # by chance half, give or take 0.035


def test_interpolate_holds_the_class_or_moves_it(gancli, told, tmp_path):
    found = ask(gancli, "interpolate", "--outdir", told, "--seeds", "3,5", "--class", 1, "--out", tmp_path / "a.png")
    assert found["classes"] == ["standing"]
    words = ["interpolate", "--outdir", told, "--seeds", "3", "--from-class", "lying", "--to-class", "standing"]
    found = ask(gancli, *words, "--steps", 5, "--out", tmp_path / "b.png")
    assert found["images"] == 5
    ask(gancli, "sample", "--outdir", told, "--class", "lying", "--seeds", 3, "--out", tmp_path / "start.png")
    ask(gancli, "sample", "--outdir", told, "--class", "standing", "--seeds", 3, "--out", tmp_path / "end.png")
    strip, start, end = (np.asarray(Image.open(tmp_path / f"{name}.png")) for name in ("b", "start", "end"))
    assert np.array_equal(strip[:, : start.shape[1]], start)
    assert np.array_equal(strip[:, -end.shape[1] :], end)
    assert gancli(*words, "--out", tmp_path / "c.gif").code == 0


def test_vector_arithmetic_takes_the_newest_run_whose_z_holds_the_class(gancli, told, trained, tmp_path):
    (plain,), (conditional,) = (list(folder.glob("*/")) for folder in (trained, told))
    shutil.copytree(plain, tmp_path / "00000-plain")
    shutil.copytree(conditional, tmp_path / "00001-told")
    found = ask(gancli, "zvector-arith", "[1,2] - [3]", "--outdir", tmp_path, "--out", tmp_path / "a.png")
    assert found["run"] == str(tmp_path / "00000-plain")


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        (["sample", "--per-class", 3], "dcgan takes no labels"),
        (["interpolate", "--seeds", "3,4", "--class", "lying"], "dcgan takes no labels"),
        (["interpolate", "--seeds", "3", "--from-class", "lying", "--to-class", "standing"], "dcgan takes no labels"),
        (["interpolate", "--seeds", "3", "--from-class", "lying"], "belong together"),
    ],
)
def test_labels_asked_of_a_model_without_them_are_refused_in_a_sentence(gancli, trained, words, answer):
    error = ask(gancli, *words, "--outdir", trained, code=2)
    assert answer in error
    assert error.count("\n") == 1


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        (["sample", "--class", "sitting"], "no class 'sitting'; its classes: lying, standing"),
        (["interpolate", "--seeds", "3,4", "--class", "7"], "no class '7'"),
        (["interpolate", "--seeds", "3,4"], "give --class, for example --class standing"),
        (["interpolate", "--seeds", "3,4", "--class", "lying", "--from-class", "0", "--to-class", "1"], "give one"),
        (["sample", "--per-class", 3, "--class", "lying"], "leave out --seeds, --num-samples and --class"),
        (["sample", "--per-class", 3, "--grid", "2x2"], "fewer cells than there are images"),
        (["zvector-arith", "lying - standing + lying"], "so z does not encode it"),
    ],
)
def test_what_a_conditional_model_cannot_do_is_refused_in_a_sentence(gancli, told, words, answer):
    error = ask(gancli, *words, "--outdir", told, code=2)
    assert answer in error
    assert error.count("\n") == 1


def test_labels_asked_of_data_without_them_are_refused_before_anything_is_made(gancli, tmp_path, stripes):
    np.savez(tmp_path / "plain.npz", images=stripes)
    for model in (["cgan"], ["acgan"], ["matching"], ["dcgan", "--conditional"]):
        answer = gancli("train", "--model", *model, "--data", tmp_path / "plain.npz")
        assert answer.code == 3
        assert "needs label" in answer.err
    assert not (tmp_path / "runs").exists()
