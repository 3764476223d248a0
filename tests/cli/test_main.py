"""The command line: help, exit codes, precedence, and every command on a small run."""

import json
import os
import subprocess
import sys
from pathlib import Path

import click
import pytest

from gancli import models
from gancli.cli import main
from gancli.core import options

COMMANDS = main.cli.list_commands(None)
PAGES = [[], *([name] for name in COMMANDS), ["data", "check"], ["data", "pack"], ["data", "duplicates"]]
PAGES += [["runs", name] for name in ("show", "verify", "prune")]
PAGES += [["train", "--model", name] for name in models.names()]
SMALL = ["--batch-size", 16, "--width", 4, "--log-every", 5]


# --- help


def test_completion_lists_the_commands_that_fit(tmp_path):
    environment = os.environ | {"_GANCLI_COMPLETE": "bash_complete", "COMP_WORDS": "gancli tr", "COMP_CWORD": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "gancli"], env=environment, capture_output=True, text=True, cwd=tmp_path
    )
    assert done.stdout.split() == ["plain,train", "plain,translate", "plain,traverse"]


def test_the_list_of_commands_says_what_each_says_of_itself(gancli):
    context = click.Context(main.cli)
    lines = gancli("--help").out.split("\nCommands:\n")[1].splitlines()[: len(COMMANDS)]
    limit = context.make_formatter().width
    for name, line in zip(COMMANDS, lines, strict=True):
        said = main.cli.get_command(context, name).get_short_help_str(limit)
        assert line.split(maxsplit=1)[0] == name
        assert said.startswith(line.split(maxsplit=1)[1].removesuffix("..."))
    completed = {item.value: item.help for item in main.cli.shell_complete(context, "")}
    assert completed == {name: main.cli.get_command(context, name).get_short_help_str() for name in COMMANDS}


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
        (["train", "--data", "digits", "--worker", "1"], 2, "give both, or neither"),
        (["train", "--beta1", "inf"], 2, "beta1"),
        (["train", "--steps", "0"], 2, "at least 1"),
        (["train", "--seed", "99999999999"], 2, "from 0 to 2,147,483,647"),
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
        (["sample", "--seeds", "1", "--num-samples", "2"], 2, "give one"),
        (["sample", "--out", "a.jpg"], 2, ".png, .npz or .h5"),
        (["interpolate", "--seeds", "3"], 2, "two seeds"),
        (["interpolate", "--seeds", "3,4", "--out", "a.mov"], 2, ".png, .gif or .mp4"),
        (["zvector-arith", "7 -"], 2, "7 - 1 + 4"),
        (["models", "dcgna"], 2, "did you mean 'dcgan'"),
        (["data", "check", "nowhere"], 3, "no data set, file or folder 'nowhere'"),
        (["data", "pack", "nowhere", "a.h5"], 3, "no data set, file or folder 'nowhere'"),
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


def test_a_place_that_cannot_be_written_is_exit_6(gancli, tmp_path):
    (tmp_path / "file").write_text("x", encoding="utf-8")
    for more in ([], ["--dry-run"]):
        line = ["train", "--data", "nowhere", "--outdir", tmp_path / "file" / "runs", "--steps", 1, *SMALL, *more]
        answer = gancli(*line)  # before data are read
        assert answer.code == 6
        assert f"({tmp_path / 'file'} is not a folder): choose another folder with --outdir" in answer.err
        assert "free" not in answer.err


def test_a_folder_that_may_not_be_written_is_not_called_full(gancli, tmp_path, monkeypatch):
    from gancli.core import files

    def refuse(**place):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(files.tempfile, "TemporaryDirectory", refuse)
    answer = gancli("train", "--data", "nowhere", "--outdir", tmp_path / "a" / "runs", "--dry-run")
    assert answer.err.startswith(f"Error: --outdir {tmp_path / 'a' / 'runs'} cannot be written")
    assert f" (Permission denied in {tmp_path}): choose another folder with --outdir" in answer.err


def test_an_unexpected_error_is_exit_1_without_a_traceback(gancli, monkeypatch):
    from gancli import models as module

    monkeypatch.setattr(module, "built_in", lambda: 1 / 0)
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


def test_a_length_on_the_command_line_beats_the_other_length_of_a_file(gancli, trained):
    config = next(trained.glob("*/run.json"))  # holds steps
    found = resolved(gancli, "--config", config, "--epochs", 2)
    assert (found["steps"], found["epochs"]) == (None, 2)


def test_a_grid_too_small_for_the_images_is_refused(gancli):
    assert "cells" in gancli("sample", "--seeds", "0-63", "--grid", "4x8").err
