"""Nobody waits for ever: a pipe, a device, or a file without an end where one is meant is refused in one sentence."""

import contextlib
import gzip
import os
import signal

import click
import numpy as np
import pytest
from helpers.command_lines import COMMANDS, CONTEXT, EXIT_CODES
from PIL import Image

from gancli import data
from gancli.cli import image_files
from gancli.cli.commands.train._option_flags import FieldType
from gancli.cli.flags import SeedList
from gancli.cli.value_lists import Names, Sigmas
from gancli.core import files, options
from gancli.core.errors import DataError, GancliError, OptionError
from gancli.data import inspection
from gancli.data.containers import source_files
from gancli.data.texts import word_vectors
from gancli.evaluation import classifier
from gancli.inference.ablation import boxes
from gancli.runs import metadata

SECONDS = 20
PASSED_OVER = ("--outdir", "--data-dir", "--out", "--comparison", "--pack")  # folders, and what is written
TEXTS = ("data", "features", "run_name", "source", "expression")  # that may be paths


class WaitedError(BaseException):
    """So long that nothing will come."""


@contextlib.contextmanager
def in_time():
    """Raise WaitedError for what does not end."""

    def give_up(*_):
        raise WaitedError

    before = signal.signal(signal.SIGALRM, give_up)
    signal.setitimer(signal.ITIMER_REAL, SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def odd_thing(path, kind):
    """Something that is no plain file, or has no end."""
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "device":
        path.symlink_to("/dev/zero")
    elif kind == "folder":
        path.mkdir()
    else:
        with path.open("wb") as file:
            file.truncate(10**12)  # a hole of zeros
    return path


KINDS = ("pipe", "device", "endless")
LOADERS = {
    "config.json": options.read_config,
    "config.toml": options.read_config,
    "run.json": metadata.read_json,
    "boxes.csv": lambda path: boxes.read_boxes(path, (8, 8, 1)),
    "glove.txt": word_vectors.read,
    "glove.txt.gz": word_vectors.read,
    "picture.png": lambda path: source_files.image_file(path).read(),
    "album.png": lambda path: image_files.opened(path).entries[0].read(),
    "images": lambda path: data.load_images(path, (8, 8, 1)),
    "images.npz": lambda path: data.load_images(path, (8, 8, 1)),
    "images.h5": lambda path: data.load_images(path, (8, 8, 1)),
    "open.npz": lambda path: data.open_images([path], (8, 8, 1)),
    "open.png": lambda path: data.open_images([path], (8, 8, 1)),
    "set.zip": lambda path: data.load(str(path)),
    "set.h5": lambda path: data.load(str(path)),
    "set.txt.gz": lambda path: data.load(str(path)),
    "check.zip": lambda path: inspection.inspect(str(path)),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", LOADERS)
def test_a_loader_refuses_what_is_no_plain_file_or_has_no_end(tmp_path, name, kind):
    path = odd_thing(tmp_path / name, kind)
    with in_time(), pytest.raises(GancliError) as refused:
        LOADERS[name](path)
    assert refused.value.exit_code in (2, 3, 4)
    assert path.name in str(refused.value) or "/dev/zero" in str(refused.value)
    assert len(str(refused.value)) < 1000


def test_a_configuration_from_a_pipe_is_refused_with_what_to_do(tmp_path):
    with pytest.raises(OptionError, match="it is a pipe, not a file: write its output to a file first"):
        options.read_config(odd_thing(tmp_path / "a.json", "pipe"))
    with pytest.raises(OptionError, match="it is a folder, not a file"):
        options.read_config(odd_thing(tmp_path / "b.json", "folder"))


def test_a_small_text_is_read_up_to_its_bound(tmp_path):
    path = tmp_path / "a"
    path.write_bytes(b"12345678")
    assert files.read_regular(path) == files.read_regular(path, most=8) == b"12345678"
    with pytest.raises(OSError, match="more than"):
        files.read_regular(path, most=7)


@pytest.mark.parametrize("packed", [False, True])
def test_a_line_of_word_vectors_has_a_bound(tmp_path, packed, monkeypatch):
    monkeypatch.setattr(word_vectors, "LONGEST_LINE", 1000)
    path = tmp_path / ("a.gz" if packed else "a.txt")
    write = gzip.open if packed else open
    for line, is_whole in (("word" + " 0.5" * 200, True), ("word" + " 0.5" * 300, False)):
        with write(path, "wt") as file:
            file.write(f"{line}\n{line.replace('word', 'other')}\n")
        if is_whole:
            assert word_vectors.read(path)[1].shape == (2, 200)
        else:
            with pytest.raises(DataError, match="line 1: more than"):
                word_vectors.read(path)


def test_records_are_read_up_to_a_bound_and_beside_lines_without_an_end(tmp_path, monkeypatch):
    path = tmp_path / "metrics.jsonl"
    good = '{"step": %d, "seconds": 1.0}\n'
    path.write_text(good % 1 + "x" * 3_000_000 + "\n" + good % 2, encoding="utf-8")
    assert [record["step"] for record in metadata.read_lines(path)] == [1, 2]
    monkeypatch.setattr(metadata, "LARGEST_LINES", 5_000_000)
    with path.open("ab") as file:
        file.truncate(10**12)
    with in_time():
        assert [record["step"] for record in metadata.read_lines(path)] == [1, 2]
    path.unlink()
    with in_time():
        assert metadata.read_lines(odd_thing(path, "pipe")) == []


def test_pipes_beside_pictures_are_told_and_passed_over(tmp_path):
    folder = tmp_path / "set"
    folder.mkdir()
    for number in range(3):
        Image.fromarray(np.full((8, 8), 50 * number, np.uint8)).save(folder / f"{number}.png")
    for name in ("classes.txt", "list_attr_celeba.txt", "0.txt", "testclasses.txt", "dataset.json", "3.png"):
        odd_thing(folder / name, "pipe")
    with in_time():
        assert len(data.load(str(folder))) == 3
        assert any("neither files nor folders" in remark.text for remark in inspection.inspect(str(folder)).remarks)


def test_a_picture_that_becomes_a_pipe_is_not_waited_for(tmp_path):
    (tmp_path / "a.png").write_bytes(b"x")
    entry = source_files.image_file(tmp_path / "a.png")
    (tmp_path / "a.png").unlink()
    odd_thing(tmp_path / "a.png", "pipe")
    with in_time(), pytest.raises(DataError, match=r"a\.png: it is a pipe"):
        entry.read()


def lines_with_a_path():
    """Each option and argument that may be a path, of every command: those of no other type, and some texts."""
    others = (click.types.IntParamType, click.types.FloatParamType, click.Choice, SeedList, FieldType, Names, Sigmas)
    for path, command in COMMANDS.items():
        for param in command.get_params(click.Context(command, parent=CONTEXT)) if path else ():
            is_text = isinstance(param.type, click.types.StringParamType) and param.name not in TEXTS
            if is_text or isinstance(param.type, others) or getattr(param, "is_flag", False):
                continue
            if isinstance(param, click.Argument):
                yield path, []
            elif param.opts[0] not in PASSED_OVER:
                yield path, [param.opts[0]]


def _refuse(*_, **__):
    raise DataError("no classifier is trained here")


def test_no_option_of_any_command_waits_for_a_pipe(gancli, tmp_path, trained, monkeypatch):
    monkeypatch.setattr(classifier, "for_dataset", _refuse)  # which takes a minute
    run = next(trained.glob("*-tiny"))
    for number, (path, flag) in enumerate(lines_with_a_path()):
        thing = odd_thing(tmp_path / f"{number}.{'json' if flag == ['--config'] else 'png'}", "pipe")
        line = [*path, *flag, thing]
        if path == ("train",):
            line += [] if flag == ["--data"] else ["--data=nowhere"]
            line += ["--dry-run"]
        elif flag != ["--run"] and any("--run" in param.opts for param in COMMANDS[path].params):
            line += ["--run", run, "--outdir", tmp_path / "runs"]
        with in_time():
            answer = gancli(*line)
        assert answer.code in EXIT_CODES, (line, answer)
        assert "Traceback" not in answer.err
