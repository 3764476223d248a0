"""The command line: help without TensorFlow, exit codes, precedence, and every command on a small run."""

import json
import os
import subprocess
import sys
from pathlib import Path

import h5py
import numpy as np
import pytest
from PIL import Image

from gancli import cli, models, options

COMMANDS = cli.Commands().list_commands(None)
PAGES = [[], *([name] for name in COMMANDS), ["data", "check"], ["data", "pack"], ["runs", "show"]]
PAGES += [["train", "--model", name] for name in models.names()]
SMALL = ["--batch-size", 16, "--width", 4, "--log-every", 5]


@pytest.fixture(scope="module")
def trained(tmp_path_factory, stripes_file):
    """A folder with one trained run, for commands that read it."""
    outdir = tmp_path_factory.mktemp("runs")
    args = ["train", "--data", stripes_file, "--outdir", outdir, "--name", "tiny", "--steps", 20, "-q", *SMALL]
    subprocess.run([sys.executable, "-m", "gancli", *map(str, args)], check=True, capture_output=True)
    return outdir


# --- without TensorFlow


@pytest.mark.parametrize(
    ("args", "code"),
    [
        (["--help"], 0),
        (["train", "--help"], 0),
        (["train", "--model", "gan", "--help"], 0),
        (["sample", "--help"], 0),
        (["--version"], 0),
        (["models"], 0),
        (["runs"], 0),
        (["completion", "bash"], 0),
        (["trian"], 2),
        (["train", "--batch-size", "0"], 2),
        (["train", "--bach-size", "8"], 2),
        (["sample", "--seeds", "x"], 2),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_help_version_and_usage_errors_do_not_import_tensorflow(args, code, tmp_path):
    program = (
        "import sys; from gancli import cli; sys.argv[0] = 'gancli'; code = cli._run(); "
        "print('tensorflow' in sys.modules or 'keras' in sys.modules, file=sys.stderr); sys.exit(code)"
    )
    done = subprocess.run([sys.executable, "-c", program, *args], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == code
    assert done.stderr.splitlines()[-1] == "False"


def test_completion_does_not_import_tensorflow(tmp_path):
    environment = os.environ | {"_GANCLI_COMPLETE": "bash_complete", "COMP_WORDS": "gancli tr", "COMP_CWORD": "1"}
    program = (
        "import sys, atexit; atexit.register(lambda: print('tensorflow' in sys.modules)); "
        "from gancli.cli import main; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, cwd=tmp_path
    )
    assert done.stdout.split() == ["plain,train", "False"]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: " ".join(page) or "gancli")
def test_every_help_page_has_a_sentence_and_examples(gancli, page):
    answer = gancli(*page, "--help")
    assert answer.code == 0
    assert answer.err == ""
    assert len(answer.out.splitlines()) > 8
    examples = answer.out.split("\n", 1)[1]  # without the line of usage
    assert " ".join(["gancli", *(page[:1] if "--model" in page else page or ["train"])]) in examples


def test_train_lists_the_named_model_s_options_and_no_others(gancli):
    assert "--width N" in gancli("train", "--model", "dcgan", "--help").out
    assert "--width N" not in gancli("train", "--model", "gan", "--help").out
    for field in options.fields(models.get("gan").Options):
        assert f"--{field.name.replace('_', '-')}" in gancli("train", "--model", "gan", "--help").out


# --- exit codes, one sentence each


@pytest.mark.parametrize(
    ("args", "code", "words"),
    [
        (["trian"], 2, "did you mean 'train'"),
        (["train", "--model", "dcgna"], 2, "did you mean 'dcgan'"),
        (["train", "--learning-rate", "nan"], 2, "learning_rate = nan"),
        (["train", "--learning-rate", "-1"], 2, "above 0"),
        (["train", "--beta1", "inf"], 2, "beta1"),
        (["train", "--steps", "0"], 2, "at least 1"),
        (["train", "--seed", "99999999999"], 2, "at most"),
        (["train", "--precision", "bfloat61"], 2, "did you mean 'bfloat16'"),
        (["train", "--steps", "5", "--epochs", "5"], 2, "give one"),
        (["train", "--set", "widht=3"], 2, "did you mean 'width'"),
        (["train", "--config", "absent.json"], 2, "cannot read the configuration"),
        (["train", "--run", "3"], 2, "--resume"),
        (["train", "--data", "minst"], 3, "did you mean 'mnist'"),
        (["train", "--data", "digits", "--batch-size", "2000"], 3, "fewer than a batch"),
        (["train", "--data", "digits", "--image-size", "6"], 3, "try --image-size 8"),
        (["train", "--resume"], 4, "no run in runs"),
        (["sample"], 4, "no run in runs"),
        (["sample", "--run", "7"], 4, "no run is called '7'"),
        (["sample", "--seeds", "3-1"], 2, "0-15,20"),
        (["sample", "--grid", "4by8"], 2, "rows x columns"),
        (["sample", "--seeds", "1", "--count", "2"], 2, "give one"),
        (["sample", "--out", "a.jpg"], 2, ".png, .npz or .h5"),
        (["interpolate", "--seeds", "3"], 2, "two seeds"),
        (["interpolate", "--seeds", "3,4", "--out", "a.mp4"], 2, ".png or .gif"),
        (["zvector-arith", "7 -"], 2, "7 - 1 + 4"),
        (["models", "dcgna"], 2, "did you mean 'dcgan'"),
        (["data", "check", "nowhere"], 3, "expected a folder"),
        (["data", "pack", "nowhere", "a.h5"], 3, "expected a folder"),
        (["runs", "show", "9"], 4, "no run is called '9'"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_wrong_use_gets_one_sentence_and_its_exit_code(gancli, args, code, words):
    answer = gancli(*args)
    assert (answer.code, answer.out) == (code, "")
    assert words in answer.err
    assert "Traceback" not in answer.err
    assert len([line for line in answer.err.splitlines() if line.startswith("Error:")]) == 1
    assert not Path("runs").exists()


def test_a_place_that_cannot_be_written_is_exit_6(gancli, tmp_path, stripes_file):
    (tmp_path / "file").write_text("x", encoding="utf-8")
    answer = gancli("train", "--data", stripes_file, "--outdir", tmp_path / "file" / "runs", "--steps", 1, *SMALL)
    assert answer.code == 6
    assert "choose another folder" in answer.err


def test_an_unexpected_error_is_exit_1_without_a_traceback(gancli, monkeypatch):
    from gancli import models as module

    monkeypatch.setattr(module, "names", lambda: 1 / 0)
    answer = gancli("models")
    assert answer.code == 1
    assert "ZeroDivisionError" in answer.err
    assert "Traceback" not in answer.err


# --- precedence


def resolved(gancli, *args):
    answer = gancli("train", "--dry-run", "--json", *args)
    assert answer.code == 0, answer.err
    return json.loads(answer.out)["options"]


def test_command_line_beats_environment_beats_file_beats_default(gancli, tmp_path, monkeypatch, stripes_file):
    config = tmp_path / "config.toml"
    config.write_text(f'data = "{stripes_file}"\nbatch_size = 8\nsteps = 7\nwidth = 3\n', encoding="utf-8")
    monkeypatch.setenv("GANCLI_TRAIN_STEPS", "8")
    monkeypatch.setenv("GANCLI_TRAIN_WIDTH", "4")
    found = resolved(gancli, "--config", config, "--width", 5)
    assert (found["batch_size"], found["steps"], found["width"], found["kernel"]) == (8, 8, 5, 5)


def test_set_is_the_same_as_the_flag(gancli, stripes_file):
    found = resolved(
        gancli, "--data", stripes_file, "--set", "batch_size=8", "--set=tensorboard=false", "--set", "width=6"
    )
    assert (found["batch_size"], found["tensorboard"], found["width"]) == (8, False, 6)


@pytest.mark.parametrize(
    "text", ['{"widht": 3}', '{"width": "3"}', '{"width": NaN}', '{"width": true}', '{"model": "gan", "width": 3}']
)
def test_a_wrong_configuration_is_refused(gancli, tmp_path, text):
    (tmp_path / "c.json").write_text(text, encoding="utf-8")
    answer = gancli("train", "--config", tmp_path / "c.json", "--dry-run")
    assert answer.code == 2
    assert "wid" in answer.err


def test_a_run_json_is_a_configuration(gancli, trained):
    record = json.loads(next(trained.glob("*/run.json")).read_text(encoding="utf-8"))
    assert resolved(gancli, "--config", next(trained.glob("*/run.json"))) == record["options"]


def test_a_dry_run_tells_and_leaves_nothing(gancli, tmp_path, stripes_file):
    answer = gancli("train", "--data", stripes_file, "--dry-run", *SMALL)
    assert answer.code == 0
    assert "parameters" in answer.out
    assert "disk" in answer.out
    assert not (tmp_path / "runs").exists()


# --- a small run


def test_off_a_terminal_training_speaks_in_plain_lines(gancli, stripes_file):
    answer = gancli("train", "--data", stripes_file, "--steps", 10, "-v", *SMALL)
    assert answer.code == 0
    assert "\r" not in answer.err + answer.out
    assert "\x1b" not in answer.err + answer.out
    lines = [line for line in answer.err.splitlines() if line.startswith("train step")]
    assert len(lines) == 2
    assert all(word in lines[-1] for word in ("10/10", "D loss", "G loss", "D(x)", "D(G(z))", "images/s", "left"))


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


def test_settings_in_the_home_folder_change_nothing(trained, tmp_path):
    (tmp_path / "keras.json").write_text(
        '{"backend": "jax", "floatx": "float16", "image_data_format": "channels_first"}'
    )
    environment = os.environ | {"KERAS_HOME": str(tmp_path), "KERAS_BACKEND": "jax"}
    outs = [tmp_path / "plain.png", tmp_path / "hostile.png"]
    for out, env in zip(outs, (os.environ, environment), strict=True):
        command = [sys.executable, "-m", "gancli", "sample", "--outdir", str(trained), "--out", str(out)]
        subprocess.run(command, env=env, check=True, capture_output=True)
    assert outs[0].read_bytes() == outs[1].read_bytes()


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
    assert answer.code == 3
    assert "lying, standing" in answer.err


def test_a_class_of_data_without_labels_is_refused(gancli, tmp_path, stripes):
    np.savez(tmp_path / "plain.npz", images=stripes)
    gancli("train", "--data", tmp_path / "plain.npz", "--steps", 1, *SMALL)
    answer = gancli("sample", "--digit", 7)
    assert answer.code == 3
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


def test_a_file_with_an_early_end_of_pipe_is_no_error(trained):
    done = subprocess.run(
        f"{sys.executable} -m gancli runs --outdir {trained} --json | true", shell=True, capture_output=True, text=True
    )
    assert done.stderr == ""


def test_data_check_names_every_bad_file_and_counts_the_good(gancli, tmp_path):
    Image.new("L", (8, 8)).save(tmp_path / "good.png")
    for index in range(7):
        (tmp_path / f"bad{index}.png").write_bytes(b"text")
    answer = gancli("data", "check", tmp_path)
    assert answer.code == 3
    assert answer.out.count("not an image") == 7
    assert "1 pictures, grey" in answer.out
    assert gancli("train", "--data", tmp_path).code == 3


def test_data_check_of_arrays(gancli, stripes_file):
    answer = gancli("data", "check", stripes_file)
    assert (answer.code, answer.err) == (0, "")
    assert "96 images of shape (8, 8, 1), classes: lying, standing" in answer.out


def test_models_prints_layers_counts_and_paper(gancli):
    answer = gancli("models", "gan", "--image-size", 28)
    assert "1,493,520" in answer.out
    assert "533,505" in answer.out
    assert "1406.2661" in answer.out
    found = json.loads(
        gancli("models", "dcgan", "--image-size", 64, "--color", "rgb", "--set", "width=128", "--json").out
    )
    assert found["networks"]["generator"]["trainable"] == 18_885_760


def test_doctor_says_whether_a_gpu_is_used_and_why_not(gancli):
    found = json.loads(gancli("doctor", "--json").out)
    assert {"versions", "device", "gpu", "runs in", "cache in"} <= found.keys()
    if not found["device"]["gpus"]:
        assert found["gpu"].startswith("not used: ")
        assert len(found["gpu"]) > 25  # a reason


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_under_the_output_is_exit_6():
    done = subprocess.run(f"{sys.executable} -m gancli models > /dev/full", shell=True, capture_output=True, text=True)
    assert done.returncode == 6
    assert done.stderr == "Error: No space left on device\n"


def test_training_goes_on_when_the_reader_of_its_lines_leaves(trained, tmp_path, stripes_file):
    command = f"{sys.executable} -m gancli train --data {stripes_file} --steps 30 -v {' '.join(map(str, SMALL))}"
    subprocess.run(f"{command} 2>&1 | head -1", shell=True, capture_output=True, cwd=tmp_path, check=True)
    assert json.loads((tmp_path / "runs/00000-dcgan-stripes/status.json").read_text())["state"] == "finished"


def test_a_length_on_the_command_line_beats_the_other_length_of_a_file(gancli, trained):
    config = next(trained.glob("*/run.json"))  # holds steps
    found = resolved(gancli, "--config", config, "--epochs", 2)
    assert (found["steps"], found["epochs"]) == (None, 2)


def test_resume_without_a_run_takes_the_newest_unfinished_one(gancli, tmp_path, stripes_file):
    for name in ("first", "second"):
        gancli("train", "--data", stripes_file, "--steps", 10, "--name", name, "-q", *SMALL)
    status = tmp_path / "runs" / "00000-dcgan-stripes-first" / "status.json"
    status.write_text(status.read_text().replace("finished", "interrupted"))
    answer = gancli("train", "--resume", "--steps", 15, "-q", "--json")
    assert json.loads(answer.out)["run"].endswith("first")
    assert "larger total" in gancli("train", "--resume").err


@pytest.mark.parametrize(
    "line", ["gancli train --model ", "gancli train --config ", "gancli train --set ", "gancli train --model x -"]
)
def test_completion_of_half_a_line_is_quiet(line, tmp_path):
    environment = os.environ | {
        "_GANCLI_COMPLETE": "bash_complete",
        "COMP_WORDS": line,
        "COMP_CWORD": str(len(line.split())),
    }
    done = subprocess.run(
        [sys.executable, "-m", "gancli"], env=environment, capture_output=True, text=True, cwd=tmp_path
    )
    assert done.stderr == ""
    assert done.returncode == 0


def test_a_grid_too_small_for_the_images_is_refused(gancli):
    assert "places" in gancli("sample", "--seeds", "0-63", "--grid", "4x8").err


def test_a_cached_keras_set_is_read_without_noise(tmp_path, stripes):
    """Where the data folder has no file, Keras' own loader runs, under our start of TensorFlow."""
    labels = np.repeat([0, 1], 48)
    (tmp_path / "datasets").mkdir()
    np.savez(tmp_path / "datasets" / "mnist.npz", x_train=stripes, y_train=labels, x_test=stripes, y_test=labels)
    program = (
        "import importlib; from gancli import backend; backend.start(); "
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
