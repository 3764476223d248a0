"""No command writes over what it reads, nor over the files that make a run a run, whatever they are called."""

import os
import shutil

import click
import numpy as np
import pytest
from PIL import Image

from gancli import data
from gancli.cli import main, path_types
from gancli.core import files, input_files
from gancli.core.errors import OptionError

OUTPUTS = {"--out", "--comparison", "--pack", "--save-stats", "out"}
READ_FIRST = {  # a place where what is read goes, before the output
    "interpolate": ["--from-images", "{}", "other.png"],
    "project": ["{}"],
    "reconstruct": ["{}"],
    "encode": ["{}"],
    "sample": ["--from-image", "{}"],
    "upscale": ["{}"],
    "translate": ["{}"],
    "segment": ["{}"],
    "ablate": ["7", "--boxes", "{}"],
    "eval-spectrum": ["--images", "{}"],
    "eval-neighbors": ["--images", "{}"],
}


def commands():
    """Every command with its name, those of groups too."""
    context = click.Context(main.cli)
    for name in main.cli.list_commands(context):
        command = main.cli.get_command(context, name)
        yield name, command
        for inner, sub in getattr(command, "commands", {}).items():
            yield f"{name} {inner}", sub


def test_every_path_of_every_command_is_an_input_or_an_output():
    for name, command in commands():
        for parameter in command.params:
            if isinstance(parameter.type, click.Path) and parameter.name != "outdir":
                is_output = bool(OUTPUTS & {*parameter.opts})
                assert isinstance(parameter.type, path_types.Output if is_output else path_types.Input), (
                    name,
                    parameter.opts,
                )


@pytest.fixture
def picture(tmp_path):
    """A picture with other names: a link, a hard link, a way around."""
    path = tmp_path / "a.png"
    Image.fromarray(np.arange(64, dtype=np.uint8).reshape(8, 8)).save(path)
    Image.fromarray(np.arange(64, dtype=np.uint8).reshape(8, 8)[::-1].copy()).save(tmp_path / "other.png")
    (tmp_path / "link.png").symlink_to(path)
    os.link(path, tmp_path / "hard.png")
    (tmp_path / "below").mkdir()
    return path


NAMES = ["a.png", "./a.png", "below/../a.png", "link.png", "hard.png"]


@pytest.mark.parametrize("command", READ_FIRST)
@pytest.mark.parametrize("name", NAMES)
def test_a_picture_that_is_read_is_not_written_over(gancli, picture, command, name):
    before = picture.read_bytes()
    read = [part.format("a.png") for part in READ_FIRST[command]]
    for words in ([*read, "--out", name], ["--out", name, *read]):
        answer = gancli(command, *words)
        assert (answer.code, answer.out) == (2, "")
        assert f"{os.path.normpath(name) if name[0] == '.' else name} is an input of this command" in answer.err
    assert picture.read_bytes() == before


@pytest.mark.parametrize(
    "words",
    [
        ["upscale", "a.png", "--comparison", "a.png"],
        ["upscale", "other.png", "--comparison", "a.png", "--original", "a.png"],
        ["translate", "a.png", "--comparison", "hard.png"],
        ["sample", "--text", "x", "--style-of", "other.png", "--style-of", "a.png", "--out", "link.png"],
        ["data", "duplicates", "set.h5", "--pack", "set.h5"],
        ["data", "duplicates", "set.h5", "--pack", "twin.h5"],
        ["data", "pack", "set.zip", "zip.h5"],
        ["eval-fid", "--images", "set.npz", "--data", "set.npz", "--save-stats", "npz.npz"],
    ],
)
def test_other_outputs_spare_what_is_read_too(gancli, picture, words):
    np.savez("set.npz", images=np.zeros((4, 8, 8), np.uint8))
    shutil.copy("set.npz", "set.h5")
    shutil.copy("set.npz", "set.zip")
    os.link("set.h5", "twin.h5")
    os.link("set.zip", "zip.h5")
    os.link("set.npz", "npz.npz")
    before = {name: (picture.parent / name).read_bytes() for name in ("a.png", "other.png", "set.h5", "set.zip")}
    answer = gancli(*words)
    assert (answer.code, answer.out) == (2, "")
    assert "is an input of this command: choose another output path" in answer.err
    assert before == {name: (picture.parent / name).read_bytes() for name in before}


def test_what_is_found_in_a_folder_or_a_text_is_spared_when_it_is_written(tmp_path, picture):
    with input_files.guard():
        data.load(str(tmp_path))
        for place in (tmp_path / "other.png", tmp_path / "link.png"):
            with pytest.raises(OptionError, match="is an input of this command"):
                files.atomic_write(place, b"1")
        files.atomic_write(tmp_path / "new.png", b"1")
    with input_files.guard():  # the next command in this process
        files.atomic_write(tmp_path / "new.png", b"2")


@pytest.mark.parametrize(
    "place",
    [
        "checkpoints/x.png",
        "checkpoints",
        "checkpoints/below/x.png",
        "run.json",
        "status.json",
        "resumes.jsonl",
        "metrics.jsonl",
        ".lock",
    ],
)
@pytest.mark.parametrize("is_linked", [False, True])
def test_an_output_that_would_spoil_a_run_is_refused_before_anything_is_drawn(gancli, run_path, place, is_linked):
    if is_linked:
        run_path.parent.joinpath("link").symlink_to(run_path)
    where = (run_path.parent / "link" if is_linked else run_path) / place
    held = {path: path.read_bytes() for path in run_path.rglob("*") if path.is_file()}
    answer = gancli("sample", "--run", run_path, "--seeds", "0", "--out", where)
    assert (answer.code, answer.out) == (2, "")
    assert "belongs to the run" in answer.err
    assert held == {path: path.read_bytes() for path in run_path.rglob("*") if path.is_file()}


@pytest.mark.parametrize("kind", ["pipe", "device"])
def test_an_output_that_is_no_file_is_refused(tmp_path, kind):
    place = tmp_path / "x.png"
    os.mkfifo(place) if kind == "pipe" else place.symlink_to("/dev/null")
    with pytest.raises(OptionError, match="is not a regular file: choose another output path"):
        files.atomic_write(place, b"1")


@pytest.mark.parametrize("empty", ["", " ", "\t"])
@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["runs", "prune", "{}"], "an argument"),
        (["runs", "show", "{}"], "an argument"),
        (["runs", "--outdir", "{}"], "--outdir"),
        (["train", "--model", "{}"], "--model"),
        (["train", "--model={}", "--dry-run"], "--model"),
        (["train", "--name", "{}"], "--name"),
        (["sample", "--out", "{}"], "--out"),
        (["sample", "--run", "{}"], "--run"),
        (["data", "check", "{}"], "an argument"),
        (["zvector-arith", "{}"], "an argument"),
        (["eval-fid", "--images={}"], "--images"),
    ],
)
def test_an_empty_argument_is_a_usage_error_that_names_it(gancli, tmp_path, empty, words, named):
    answer = gancli(*[word.format(empty) for word in words])
    assert (answer.code, answer.out) == (2, "")
    assert f"Error: {named} is empty" in answer.err
    assert not list(tmp_path.iterdir())


def test_a_variable_of_spaces_is_a_usage_error_and_an_empty_one_is_not_set(gancli, monkeypatch):
    monkeypatch.setenv("GANCLI_OUTDIR", " ")
    answer = gancli("runs")
    assert (answer.code, answer.out) == (2, "")
    assert "GANCLI_OUTDIR holds only spaces" in answer.err
    monkeypatch.setenv("GANCLI_OUTDIR", "")
    assert gancli("runs").out == "no runs in runs\n"


def test_an_empty_model_in_a_configuration_is_no_dcgan(gancli, tmp_path):
    (tmp_path / "c.json").write_text('{"model": ""}', encoding="utf-8")
    assert gancli("train", "--config", "c.json", "--dry-run").code == 2


def test_checkpoints_that_lie_elsewhere_are_spared_too(gancli, run_path, tmp_path):
    """The folder is a link to another disk; a checkpoint is one, and so is run.json."""
    (run_path / "checkpoints").rename(tmp_path / "disk")
    (run_path / "checkpoints").symlink_to(tmp_path / "disk")
    (tmp_path / "disk" / "step-00000020.h5").rename(tmp_path / "best.h5")
    (tmp_path / "disk" / "step-00000020.h5").symlink_to(tmp_path / "best.h5")
    (run_path / "run.json").rename(tmp_path / "record.png")
    (run_path / "run.json").symlink_to(tmp_path / "record.png")
    held = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    places = [run_path / "checkpoints" / "step-00000020.h5", "disk/step-00000018.h5", "best.h5", "record.png"]
    for place in places:
        answer = gancli("sample", "--run", run_path, "--seeds", "0", "--out", place)
        assert (answer.code, answer.out) == (2, ""), place
    assert held == {path: path.read_bytes() for path in held}


def test_a_named_data_set_is_spared(tmp_path, stripes):
    labels = np.arange(96) % 10
    np.savez(tmp_path / "mnist.npz", x_train=stripes, y_train=labels, x_test=stripes, y_test=labels)
    with input_files.guard():
        data.load("mnist", data.Request(data_dir=str(tmp_path)))
        with pytest.raises(OptionError, match="is an input of this command"):
            files.atomic_write(tmp_path / "mnist.npz", b"1")


def test_a_damaged_cache_is_written_over_although_it_was_read(tmp_path, picture, monkeypatch):
    monkeypatch.setenv("GANCLI_CACHE", str(tmp_path / "cache"))
    (tmp_path / "pictures").mkdir()
    shutil.copy(picture, tmp_path / "pictures")
    with input_files.guard():
        data.load(str(tmp_path / "pictures"))
        (cached,) = (tmp_path / "cache" / "decoded").glob("*.h5")
        cached.write_bytes(b"damaged")
        assert len(data.load(str(tmp_path / "pictures"))) == 1


def test_runs_among_the_pictures_are_no_pictures(tmp_path, run_path, stripes):
    folder = tmp_path / "pictures"
    folder.mkdir()
    for number in range(4):
        Image.fromarray(stripes[number]).save(folder / f"{number}.png")
    before = data.load(str(folder))
    shutil.copytree(run_path, folder / "runs" / run_path.name)
    after = data.load(str(folder))
    assert after.fingerprints == before.fingerprints
    assert (len(after), after.classes) == (4, ())
