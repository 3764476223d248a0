"""Every command on a small run."""

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path
from shutil import copytree

import click
import h5py
import imageio.v3 as iio
import numpy as np
import pytest
from PIL import Image

from gancli import models
from gancli.cli import tables
from gancli.cli.command_groups import SubcommandFolder
from gancli.cli.commands import visualize_features
from gancli.inference.image_files import sample_files
from gancli.inference.sample_stream import SampleStream

SMALL = ["--batch-size", 16, "--width", 4, "--log-every", 5]


def test_off_a_terminal_training_speaks_in_plain_lines(gancli, stripes_file):
    answer = gancli("train", "--data", stripes_file, "--steps", 10, "--sample-every", 10, "-v", *SMALL)
    assert answer.code == 0
    assert "\r" not in answer.err + answer.out
    assert "\x1b" not in answer.err + answer.out
    lines = [line for line in answer.err.splitlines() if line.startswith("train step")]
    assert len(lines) == 2
    assert all(word in lines[-1] for word in ("10/10", "left, D 0.", "G ", "D(x)", "D(G(z))", "images/s", "left"))


def test_quiet_says_nothing_but_the_result(gancli, stripes_file):
    answer = gancli("train", "--data", stripes_file, "--steps", 5, "-q", "--json", *SMALL)
    assert answer.err == ""
    result = json.loads(answer.out)
    assert (result["state"], result["step"]) == ("finished", 5)


def test_tensorflow_s_own_messages_never_reach_the_user(trained, tmp_path):
    command = [sys.executable, "-m", "gancli", "sample", "--outdir", trained, "--out", tmp_path / "a.png"]
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=True)
    assert done.stderr == ""
    assert done.stdout.startswith(str(tmp_path / "a.png"))


def test_sample_writes_what_the_ending_says(gancli, trained, tmp_path):
    for name in ("a.png", "a.npz", "a.h5", "folder"):
        answer = gancli("sample", "--outdir", trained, "--seeds", "0-2,7", "--out", tmp_path / name, "--json")
        assert json.loads(answer.out)["seeds"] == [0, 1, 2, 7]
    with np.load(tmp_path / "a.npz") as arrays:
        pictures = arrays["images"]
        assert arrays["seeds"].tolist() == [0, 1, 2, 7]
        assert "labels" not in arrays
    assert (pictures.dtype, pictures.shape) == (np.uint8, (4, 8, 8, 1))
    with h5py.File(tmp_path / "a.h5") as file:
        assert np.array_equal(file["images"], pictures)
    files = sorted((tmp_path / "folder").iterdir())
    assert [file.name for file in files] == [f"seed-{seed:08}.png" for seed in (0, 1, 2, 7)]
    assert np.array_equal(np.asarray(Image.open(files[3])), pictures[3, ..., 0])


def test_a_seed_that_is_asked_for_twice_gives_two_files(gancli, trained, tmp_path):
    assert gancli("sample", "--outdir", trained, "--seeds", "3,1,3", "--out", tmp_path / "twice").code == 0
    names = ["seed-00000001.png", "seed-00000003-2.png", "seed-00000003.png"]
    assert sorted(file.name for file in (tmp_path / "twice").iterdir()) == names


def test_a_seed_is_the_same_picture_in_every_command(gancli, trained, tmp_path):
    gancli("sample", "--outdir", trained, "--seeds", "3,11", "--out", tmp_path / "a.npz")
    gancli("interpolate", "--outdir", trained, "--seeds", "3,11", "--steps", 5, "--out", tmp_path / "way.png")
    pictures = np.load(tmp_path / "a.npz")["images"][..., 0]
    strip = np.asarray(Image.open(tmp_path / "way.png"))
    zoom = 7  # 8 pixels drawn as 56
    assert np.array_equal(strip[2 : 2 + 56 : zoom, 2 : 2 + 56 : zoom], pictures[0])
    assert np.array_equal(strip[2 : 2 + 56 : zoom, -58:-2:zoom], pictures[1])
    run = next(trained.glob("*"))
    grid = np.asarray(Image.open(run / "samples" / "train-00000020.png"))  # seeds 0-63, eight a row
    top, left = 2 + 58 * (11 // 8), 2 + 58 * (11 % 8)
    assert np.array_equal(grid[top : top + 56 : zoom, left : left + 56 : zoom], pictures[1])


def test_interpolation_to_a_gif_has_a_frame_for_each_step(gancli, trained, tmp_path):
    answer = gancli(
        "interpolate",
        "--outdir",
        trained,
        "--seeds",
        "1-3",
        "--steps",
        4,
        "--mode",
        "slerp",
        "--out",
        tmp_path / "a.gif",
    )
    assert answer.code == 0
    assert Image.open(tmp_path / "a.gif").n_frames == 7


def test_a_walk_along_a_direction_as_a_film(gancli, trained, tmp_path):
    words = ["interpolate", "--outdir", trained, "--seeds", "1-3", "--steps", 5, "--json"]
    answer = gancli(*words, "--along", "[4,5] - [6]", "--reach", 0.5, "--out", tmp_path / "a.mp4")
    result = json.loads(answer.out)
    assert (result["images"], result["reach"]) == (15, 0.5)
    assert [(term["sign"], term["seeds"]) for term in result["terms"]] == [(1, [4, 5]), (-1, [6])]
    frames = iio.imread(tmp_path / "a.mp4", plugin="pyav")
    assert frames.shape[0] == 5 + 12  # the last one stands for a second and a half
    answer = gancli(*words[:3], "--seeds", "1-4", "--square", "--steps", 3, "--out", tmp_path / "b.png", "--json")
    assert json.loads(answer.out)["images"] == 9
    assert Image.open(tmp_path / "b.png").size == (3 * 58 + 2, 3 * 58 + 2)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--square"], "four seeds or images"),
        (["--square", "--along", "[1] - [2]"], "exclude each other"),
        (["--along", "[1] - "], "cannot parse"),
    ],
)
def test_walks_that_cannot_be(gancli, trained, words, said):
    answer = gancli("interpolate", "--outdir", trained, "--seeds", "1-3", *words)
    assert (answer.code, said in answer.err) == (2, True)


def test_a_film_without_its_packages_says_what_to_install(gancli, trained, tmp_path, monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    answer = gancli("interpolate", "--outdir", trained, "--seeds", "1-3", "--out", tmp_path / "a.mp4")
    assert (answer.code, "pip install 'gancli[mp4]'" in answer.err) == (2, True)


def test_zvector_arith_on_seeds_needs_no_classifier(gancli, trained, tmp_path):
    answer = gancli(
        "zvector-arith", "[3,5,9] - [1] + [4,2]", "--outdir", trained, "--out", tmp_path / "a.png", "--json"
    )
    result = json.loads(answer.out)
    assert [term["seeds"] for term in result["terms"]] == [[3, 5, 9], [1], [4, 2]]
    assert Image.open(tmp_path / "a.png").width > 300


@pytest.mark.parametrize("args", [["sample", "--class", "sneaker"], ["zvector-arith", "sneaker - lying"]])
def test_an_unknown_class_is_answered_with_the_known_ones(gancli, trained, args):
    answer = gancli(*args, "--outdir", trained)
    assert answer.code == 2
    assert "lying, standing" in answer.err


@pytest.mark.parametrize("words", [["sample", "--digit", 7], ["eval-labels"], ["eval-modes"]])
def test_a_class_of_data_without_labels_is_refused(gancli, tmp_path, stripes, words):
    np.savez(tmp_path / "plain.npz", images=stripes)
    gancli("train", "--data", tmp_path / "plain.npz", "--steps", 1, *SMALL)
    answer = gancli(*words)
    assert answer.code == 2
    assert "no labels" in answer.err


def test_runs_are_found_by_number_name_and_path(gancli, trained):
    path = next(trained.glob("*"))
    for selector in ("0", "tiny", path.name, str(path)):
        assert json.loads(gancli("runs", "--outdir", trained, "show", selector, "--json").out)["step"] == 20
    assert "finished" in gancli("runs", "--outdir", trained).out
    assert "no checkpoint 3" in gancli("sample", "--outdir", trained, "--checkpoint", 3).err
    assert gancli("sample", "--outdir", trained, "--checkpoint", 18, "--out", "a.png").code == 0


def test_a_run_that_is_not_one_is_exit_4(gancli, tmp_path):
    (tmp_path / "runs" / "00000-x").mkdir(parents=True)
    for text in (
        "",
        "[]",
        "{}",
        '{"format": 9}',
        '{"format": 1, "model": "dcgan"}',
        '{"format": 1, "model": "os", "data": {}}',
    ):
        (tmp_path / "runs" / "00000-x" / "run.json").write_text(text)
        assert gancli("sample", "--run", "runs/00000-x").code == 4


def test_data_check_names_every_bad_file_and_counts_the_good(gancli, tmp_path):
    Image.new("L", (8, 8)).save(tmp_path / "good.png")
    for index in range(7):
        (tmp_path / f"bad{index}.png").write_bytes(b"text")
    answer = gancli("data", "check", tmp_path)
    assert answer.code == 3
    assert answer.out.count("not an image") == 7
    assert "1 pictures, gray" in answer.out
    assert gancli("train", "--data", tmp_path).code == 3


def test_data_check_of_arrays(gancli, stripes_file):
    answer = gancli("data", "check", stripes_file)
    assert (answer.code, answer.err) == (0, "")
    assert answer.out.splitlines() == [
        f"{stripes_file}: 96 images of shape (8, 8, 1)",
        "layout: a .npz file of arrays",
        "columns: image, label",
        "classes: lying, standing",
    ]


def test_models_prints_layers_counts_and_paper(gancli):
    answer = gancli("models", "gan", "--image-size", 28)
    assert "1,493,520" in answer.out
    assert "533,505" in answer.out
    assert "1406.2661" in answer.out
    found = json.loads(
        gancli("models", "dcgan", "--image-size", 64, "--color", "rgb", "--set", "width=128", "--json").out
    )
    assert found["networks"]["generator"]["trainable"] == 18_885_760
    assert "1411.1784" in gancli("models", "cgan").out
    answer = gancli("models", "skip-thoughts", "--data", "digits")
    assert answer.code == 3
    assert "needs sentence, but 'digits' has only image, label: choose other data with --data" in answer.err
    answer = gancli("models", "srresnet", "--image-size", 64)  # as train refuses it, and not silently left out
    assert (answer.code, answer.out) == (2, "")


@pytest.mark.parametrize("name", models.names())
def test_every_model_is_shown_without_data(gancli, name):
    answer = gancli("models", name, "--json")
    assert (answer.code, answer.err) == (0, "")
    result = json.loads(answer.out)
    assert result["model"] == name
    assert result["precision"] in ("float32", "bfloat16")
    assert "bfloat16" in result["all_models"]
    assert result["networks"]
    assert all(one["parameters"] == one["trainable"] + one["non_trainable"] > 0 for one in result["networks"].values())


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("segmentation", "images of 360x480x3 in 11 classes (an example; choose data with --data)"),
        ("skip-thoughts", "sentences with a vocabulary of 5,000 words (an example; choose data with --data)"),
        ("toy", "points of 2 coordinates in 8 classes (as in 'ring8')"),
    ],
)
def test_the_text_of_a_model_says_what_its_counts_hold_for(gancli, name, shown):
    text = gancli("models", name).out
    assert text.startswith(models.paper(name))
    assert f"The networks below are built for {shown}." in text
    assert "In all models, whatever their papers say: layers compute in bfloat16" in text
    assert "Total params" in text


def test_examples_follow_the_size_and_colors_asked_for(gancli):
    def shown(*args):
        return json.loads(gancli("models", *args, "--json").out)

    found = shown("pix2pix", "--image-size", 100, "--color", "gray", "--set", "width=4")
    assert (found["data"], found["shape"]) == ("example", [64, 64, 1])
    found = shown("segmentation", "--color", "gray", "--set", "width=2")
    assert (found["shape"], found["classes"]) == ([360, 480, 1], 11)
    found = shown("skip-thoughts", "--set", "vocabulary=20", "--set", "units=6", "--set", "word_size=4")
    assert found["networks"]["uni_words"]["trainable"] == (20 + 3) * (6 + 1)


def test_doctor_says_whether_a_gpu_is_used_and_why_not(gancli):
    found = json.loads(gancli("doctor", "--json").out)
    assert {"versions", "device", "gpu", "runs in", "cache in"} <= found.keys()
    if not found["device"]["gpus"]:
        assert found["gpu"].startswith("not used: ")
        assert len(found["gpu"]) > 25  # a reason


def test_resume_without_a_run_takes_the_newest_unfinished_one(gancli, tmp_path, stripes_file):
    for name in ("first", "second"):
        gancli("train", "--data", stripes_file, "--steps", 10, "--name", name, "-q", *SMALL)
    status = tmp_path / "runs" / "00000-dcgan-stripes-first" / "status.json"
    status.write_text(status.read_text().replace("finished", "interrupted"))
    answer = gancli("train", "--resume", "--steps", 15, "-q", "--json")
    assert json.loads(answer.out)["run"].endswith("first")
    assert "is finished at step 10: train longer with --steps N" in gancli("train", "--resume").err


def test_a_cached_keras_set_is_read_without_noise(tmp_path, stripes):
    """Where the data folder has no file, Keras' own loader runs, under our start of TensorFlow."""
    labels = np.repeat([0, 1], 48)
    (tmp_path / "datasets").mkdir()
    np.savez(tmp_path / "datasets" / "mnist.npz", x_train=stripes, y_train=labels, x_test=stripes, y_test=labels)
    program = (
        "import importlib; from gancli.core import backend; backend.own_process(); backend.start(); "
        "m = importlib.import_module('keras.src.datasets.mnist'); "
        f"m.get_file = lambda *a, **k: {str(tmp_path / 'datasets' / 'mnist.npz')!r}"
    )
    program += "; from gancli import data; print(data.load('mnist').shape)"
    environment = os.environ | {"KERAS_BACKEND": "jax", "KERAS_HOME": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("(8, 8, 1)\n", "")
    offline = os.environ | {
        "KERAS_BACKEND": "jax",
        "KERAS_HOME": str(tmp_path / "none"),
        "https_proxy": "http://127.0.0.1:9",
    }
    command = [sys.executable, "-m", "gancli", "train", "--data", "mnist"]
    done = subprocess.run(command, env=offline, capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 3
    assert done.stderr.startswith("Error: 'mnist' cannot be loaded")
    assert len(done.stderr.splitlines()) == 1


def test_a_picture_is_never_drawn_over_another(gancli, trained):
    outs = [json.loads(gancli("sample", "--outdir", trained, "--seeds", seed, "--json").out)["out"] for seed in (1, 2)]
    assert outs[0] != outs[1]
    assert all(Path(out).exists() for out in outs)


def test_a_summary_fits_the_terminal_and_is_cut_nowhere_else(gancli, monkeypatch):
    for width in (80, 20):
        monkeypatch.setattr(tables, "terminal_width", lambda width=width: width)
        answer = gancli("models", "gan", "--image-size", 28)
        assert answer.code == 0
        table = [line for line in answer.out.splitlines() if line[:1] in ("│", "┃", "┏")]
        assert len(table) > 9
        assert max(map(len, table)) <= max(width, 60)
        assert "803,600" in answer.out
    monkeypatch.undo()
    assert "…" not in gancli("models", "cgan").out


def test_options_before_a_subcommand_are_its_own(gancli, trained, tmp_path):
    assert json.loads(gancli("runs", "--json", "--outdir", trained, "show", "tiny").out)["name"] == "tiny"
    assert json.loads(gancli("runs", "--outdir", trained, "show", "tiny", "--json").out)["name"] == "tiny"
    assert json.loads(gancli("runs", "--json", "verify", "--outdir", trained).out)["runs"]
    assert json.loads(gancli("runs", "--outdir", "none", "--json", "verify", "--outdir", trained).out)["runs"]
    Image.new("L", (8, 8)).save(tmp_path / "a.png")
    assert json.loads(gancli("data", "--json", "check", tmp_path).out)["pictures"] == 1

    loud = click.Option(["--loud"], is_flag=True)
    group = SubcommandFolder("group", params=[loud], package="gancli.cli.commands.runs")
    with pytest.raises(click.UsageError, match="'show' has no option --loud"):
        group.main(["--loud", "show"], standalone_mode=False)


def test_runs_of_one_name_are_told_and_none_is_taken(gancli, trained, tmp_path):
    for number in range(8):
        copytree(next(trained.glob("*-tiny")), tmp_path / "runs" / f"{number:05}-dcgan-tiny")
    answer = gancli("runs", "show", "tiny")
    assert (answer.code, answer.out) == (4, "")
    assert answer.err == (
        "Error: 'tiny' may be several runs in runs: "
        + ", ".join(f"{number:05}-dcgan-tiny" for number in range(3, 8))
        + " and 3 older; give one's number\n"
    )
    assert json.loads(gancli("runs", "show", "00003-dcgan-tiny", "--json").out)["number"] == 3


def test_features_shows_as_many_maps_as_there_are(gancli, trained, monkeypatch):
    monkeypatch.setattr(visualize_features, "MAPS", 99)
    answer = gancli("visualize-features", "--outdir", trained, "--num-images", 10, "--top", 2, "--json")
    assert answer.code == 0, answer.err
    assert len(json.loads(answer.out)["maps"]) in range(1, 99)


@pytest.mark.parametrize("labelled", [False, True])
def test_a_picture_in_a_folder_replaces_no_other(tmp_path, labelled):
    def write(shade, seeds):
        pixels = np.full((len(seeds), 8, 8, 1), shade, np.uint8)
        labels = np.zeros(len(seeds), np.int32) if labelled else None
        sample_files.write_samples(tmp_path / "out", SampleStream.from_arrays(pixels, seeds, labels), classes=("a",))
        return sorted(path.name for path in (tmp_path / "out").rglob("*.png"))

    assert write(1, [3, 3]) == ["seed-00000003-2.png", "seed-00000003.png"]
    assert len(write(1, [3, 3])) == 2  # the same again
    assert len(write(2, [3, 4])) == 4
    assert len(write(2, [3, 4])) == 4
    shades = sorted(np.asarray(Image.open(path)).max() for path in (tmp_path / "out").rglob("*.png"))
    assert shades == [1, 1, 2, 2]
