"""Names and places: of other languages, of no language, too long, with newlines and signs; links that lead nowhere."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from gancli import data
from gancli.core import files
from gancli.core.errors import DataError
from gancli.runs.run import Run

NAMES = {
    "spaces": "my  photos ",
    "newline": "a\nb",
    "escape": "a\x1b[31mb",
    "dash": "-rf",
    "glob": "[a-z]*?",
    "quote": 'it\'s "so" $HOME `id`',
    "unicode": "größe 数字 🎲",
    "decomposed": "gro\u0308sse",
    "right to left": "שלום",
    "no utf-8": os.fsdecode(b"f\xff\xfeo"),
    "percent": "%s %(x)s {0} {name}",
    "uri": "gs:",
    "reserved": "con.aux",
    "long": "x" * 250,
    "longest": "数" * 83,
}


def pictures_in(folder):
    for kind in ("one", "two"):
        (folder / kind).mkdir(parents=True)
        for index in range(3):
            Image.new("L", (8, 8), 40 * index).save(folder / kind / f"{index}.png")
    return folder


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_data_are_found_whatever_their_folder_is_called(tmp_path, monkeypatch, name):
    pictures_in(tmp_path / name)
    monkeypatch.chdir(tmp_path)
    there, here = data.load(str(tmp_path / name)), data.load(f"./{name}")
    assert (len(there), there.classes) == (6, ("one", "two"))
    assert there.facts() == here.facts()
    assert data.DataFacts(**json.loads(json.dumps(vars(there.facts())))).source == str(tmp_path / name)


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_a_picture_is_found_and_named_whatever_it_is_called(gancli, tmp_path, name):
    folder = pictures_in(tmp_path / "set")
    (folder / "one" / f"{name[:80]}.png").write_bytes(b"no picture")
    answer = gancli("data", "check", folder)
    assert answer.code == 3
    assert "bad: one/" in answer.out
    (folder / "one" / f"{name[:80]}.png").unlink()
    Image.new("L", (8, 8)).save(folder / "one" / f"{name[:80]}.png")
    answer = gancli("data", "check", folder, "--json")
    assert json.loads(answer.out)["pictures"] == 7


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_a_run_has_a_folder_whatever_it_and_its_data_are_called(gancli, tmp_path, name):
    """From the flags to the folder and back by name; no network is built."""
    from gancli import models
    from gancli.core.distributed.strategy import Devices
    from gancli.models.base import outline

    model = models.get("gan")
    facts = data.DataFacts(name, (8, 8, 1), 10, classes=(name,), fingerprint="f", source=f"/{name}")
    outdir = tmp_path / name
    unbuilt = outline(model, model.Config(data=name, steps=3), model.Options(), facts)
    unbuilt.devices = Devices()
    run = Run.create(outdir, unbuilt, name, ["train", name])
    assert run.path.parent == outdir
    assert len(os.fsencode(run.path.name)) < 200
    again = Run(run.path)
    assert (again.record["name"], again.facts, again.config().data) == (name, facts, name)
    answer = gancli("runs", "--outdir", outdir, "show", f"--json={name}"[:6], "--", name)
    assert answer.code == 0, answer.err
    assert json.loads(answer.out)["name"] == name
    assert gancli("runs", "--outdir", outdir).code == 0


@pytest.mark.parametrize("name", ["spaces", "newline", "unicode", "no utf-8", "dash"])
def test_pictures_are_drawn_to_a_file_whatever_it_is_called(gancli, run_path, tmp_path, name):
    out = tmp_path / f"{NAMES[name]}.png"
    answer = gancli("sample", "--run", run_path, "--seeds", "0-3", f"--out={out}", "--json")
    assert answer.code == 0, answer.err
    assert Image.open(out).width > 8


@pytest.mark.parametrize("size", [255, 256, 5000])
def test_a_name_that_is_too_long_is_refused_in_words(gancli, run_path, tmp_path, size):
    long = "x" * size
    answers = [
        (gancli("train", "--data", long, "--dry-run"), 3),
        (gancli("train", "--config", long, "--dry-run"), 2),
        (gancli("sample", "--run", long), 4),
        (gancli("runs", "show", long), 4),
        (gancli("data", "check", long), 3),
        (gancli("sample", "--run", run_path, "--seeds", 1, "--out", f"{long}.png"), 6),
    ]
    for answer, code in answers:
        assert (answer.code, answer.out) == (code, ""), answer
        assert answer.err.count("Error:") == 1


def test_the_name_aside_of_a_file_fits_where_the_file_s_own_does(tmp_path):
    for name in ("数" * 83, "x" * 255, "🎲" * 63):
        files.atomic_write(tmp_path / name, b"1")
        assert (tmp_path / name).read_bytes() == b"1"


def test_a_home_s_sign_is_resolved_once(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    pictures_in(tmp_path / "set")
    assert len(data.load("~/set")) == 6
    (tmp_path / "~").mkdir()
    pictures_in(tmp_path / "~" / "set" / "more")
    assert data.load("./~/set").source == str(tmp_path / "~" / "set")


@pytest.mark.parametrize(
    "name", ["~nobody-of-that-name/x", "x" * 300, "", "\0", "gs://bucket/x", "http://example.org/x"]
)
def test_names_that_are_no_paths_are_no_data_sets(name):
    with pytest.raises(DataError, match=r"no data set|does not exist"):
        data.load(name)


@pytest.mark.parametrize("kind", ["dangling", "loop", "pipe", "device", "socket"])
@pytest.mark.parametrize("what", ["data", "config", "run"])
def test_what_is_no_file_is_refused_and_nobody_waits(gancli, tmp_path, kind, what):
    import socket

    path = tmp_path / f"x{'.json' if what == 'config' else '.npz'}"
    if kind == "pipe":
        if what == "config":
            pytest.skip("a configuration may come from a pipe, as in --config <(…)")
        os.mkfifo(path)
    elif kind == "socket":
        socket.socket(socket.AF_UNIX).bind(str(path))
    else:
        path.symlink_to({"dangling": "nowhere", "loop": path.name, "device": "/dev/null"}[kind])
    args = {"data": ["--data", path], "config": ["--config", path], "run": ["--resume", "--run", path]}[what]
    answer = gancli("train", *args, *([] if what == "run" else ["--dry-run"]))
    assert answer.code == {"data": 3, "config": 2, "run": 4}[what], answer
    assert answer.err.count("Error:") == 1


def test_other_things_in_the_folder_of_runs_are_passed_over(gancli, run_path):
    outdir = run_path.parent
    (outdir / "loop").symlink_to("loop")
    (outdir / "00009-file").write_text("x", encoding="utf-8")
    os.mkfifo(outdir / "00010-pipe")
    (outdir / os.fsdecode(b"00011-\xff")).mkdir()
    (outdir / "run.json").write_text("{}", encoding="utf-8")
    answer = gancli("runs", "--json")
    assert answer.code == 0
    assert [run["number"] for run in json.loads(answer.out)["runs"]] == [0]


def test_a_file_where_the_folder_of_runs_should_be_is_exit_6_or_2(gancli, tmp_path, stripes_file):
    (tmp_path / "file").write_text("x", encoding="utf-8")
    small = ["train", "--model", "gan", "--data", stripes_file, "--steps", 1, "--batch-size", 16]
    assert gancli(*small, "--outdir", tmp_path / "file" / "runs").code == 6
    assert gancli(*small, "--outdir", tmp_path / "file").code == 2
    assert gancli(*small, "--outdir", "/proc/runs").code == 6
    assert gancli("runs", "--outdir", tmp_path / "file" / "runs").code == 0


def test_a_folder_of_another_encoding_is_listed_in_a_plain_c_locale(tmp_path, run_path):
    odd = tmp_path / NAMES["no utf-8"]
    run_path.parent.rename(odd)
    environment = os.environ | {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    done = subprocess.run(
        [sys.executable, "-m", "gancli", "runs", "--outdir", odd, "--json"], capture_output=True, env=environment
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert Path(json.loads(done.stdout)["runs"][0]["path"]).name == run_path.name
