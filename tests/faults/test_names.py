"""Names from strangers' files and command lines, printed: none steers the terminal, passes for a line, or vanishes."""

import io
import json
import shutil
import sys
import unicodedata
import warnings
import zipfile
from types import SimpleNamespace

import h5py
import numpy as np
import pytest
from PIL import Image

from gancli.api.progress import counting
from gancli.api.progress.terminal import LiveLine
from gancli.api.progress.training import TrainingLine
from gancli.cli import output, tables
from gancli.core import strict_json
from gancli.core.streams import escaped
from gancli.imaging import plots
from gancli.training.loop import StepReport

NASTY = {
    "a tag": "[/b]",
    "markup and emoji codes": "[v2] :smile: [red]baseline[/red]",
    "colours": "\x1b[31mred\x1b[0m",
    "a title": "\x1b]0;owned\x07",
    "a line": "a\nError: b",
    "a carriage return": "good\rbad",
    "one byte of C1": "a\x9b31mb",
    "right to left": "a\u202egnp.exe",
    "isolates": "\u2066a\u2069",
    "a separator of lines": "a\u2028b",
    "a byte that is no UTF-8": "a\udcffb",
    "deleted": "a\x7f\x7fb",
    "hidden tags": "a\U000e0041\U000e007fb",
    "private": "a\ue000b",
}
FINE = "é 猫 😀 👩\u200d👧 שלום می\u200cخواهم　x"
names = pytest.mark.parametrize("name", [*NASTY.values(), FINE], ids=[*NASTY, "fine"])


def steers(text):
    """The characters of an output that a terminal obeys or does not show, but for the ends of lines."""
    joiners = "\u200c\u200d"
    return {
        one
        for one in text
        if unicodedata.category(one) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp") and one != "\n" and one not in joiners
    }


def printed(gancli, *words, name, code=0, shown=True):
    """What a command prints that meets a name, after the checks of the whole kind."""
    answer = gancli(*words)
    assert answer.code == code, answer.err
    assert not steers(answer.out + answer.err)
    if shown:
        assert any(one in answer.out + answer.err for one in (escaped(name), repr(name)[1:-1]))  # Click's
    return answer


def lines(answer):
    return answer.out.count("\n"), answer.err.count("\n")


def test_escapes_are_visible_and_letters_stay():
    assert escaped(FINE) == FINE
    assert escaped("a\n\x1b\x9b\u202e\U000e0041\udcff") == r"a\n\x1b\x9b\u202e\U000e0041\udcff"


@names
def test_a_run_s_name_data_and_model_are_listed_and_shown(gancli, run_path, name):
    def answers(held):
        record = json.loads((run_path / "run.json").read_text(encoding="utf-8"))
        record["name"] = record["data"]["name"] = held
        (run_path / "run.json").write_text(json.dumps(record), encoding="utf-8")
        return [printed(gancli, "runs", *words, name=held) for words in ([], ["show", "0"])]

    assert list(map(lines, answers("plain"))) == list(map(lines, answers(name)))
    assert json.loads(printed(gancli, "runs", "--json", name="").out)["runs"][0]["name"] == name
    shutil.copytree(run_path, twin := run_path.with_name("00001-twin"))
    printed(gancli, "runs", "show", name, name=name, code=4)  # two runs of one name, refused
    record = json.loads((twin / "run.json").read_text(encoding="utf-8")) | {"model": name}
    (twin / "run.json").write_text(json.dumps(record), encoding="utf-8")
    assert lines(printed(gancli, "runs", name=name)) == (2, 1)


def write_npz(path, name):
    held = {"images": np.arange(64 * 8, dtype=np.uint8).reshape(8, 8, 8), "labels": np.arange(8) % 2}
    np.savez(path, **held, classes=np.array([name, "other"]))


def write_attributes(path, name):
    held = {"images": np.arange(64 * 8, dtype=np.uint8).reshape(8, 8, 8), "attributes": np.arange(16).reshape(8, 2) % 2}
    np.savez(path, **held, attribute_names=np.array([name, "other"]))


def write_h5(path, name):
    with h5py.File(path, "w") as file:
        file["images"] = np.arange(64 * 8, dtype=np.uint8).reshape(8, 8, 8, 1)
        file["labels"] = np.arange(8) % 2
        file.attrs["classes"] = json.dumps([name, "other"])


def picture():
    buffer = io.BytesIO()
    Image.fromarray(np.eye(8, dtype=np.uint8) * 200).save(buffer, "PNG")
    return buffer.getvalue()


def write_folder(path, name):
    """Classes as folders, a bad picture and a file of another kind of that name too."""
    for folder in (name, "other"):
        (path / folder).mkdir(parents=True)
        for number in range(4):
            (path / folder / f"{number}.png").write_bytes(picture())
    (path / "other" / f"{name}.png").write_bytes(b"none")


def write_zip(path, name):
    with zipfile.ZipFile(path, "w") as file:
        for folder in (name, "other"):
            for number in range(4):
                file.writestr(f"{folder}/{number}.png", picture())
        file.writestr(f"other/{name}.png", b"none")


SOURCES = {
    "classes.npz": (write_npz, 0),
    "attributes.npz": (write_attributes, 0),
    "classes.h5": (write_h5, 0),
    "folder": (write_folder, 3),
    "pictures.zip": (write_zip, 3),
}


@names
def test_names_in_data_are_checked_packed_and_refused(gancli, tmp_path, name):
    for file, (write, code) in SOURCES.items():
        held = name.replace("/", "")  # no part of a file's name
        if "\udcff" in name and write in (write_zip,):
            continue  # which Python's zipfile does not write
        (tmp_path / "a").mkdir()
        (tmp_path / "b").mkdir()
        write(tmp_path / "a" / file, "plain")
        write(tmp_path / "b" / file, held)
        answer = printed(gancli, "data", "check", tmp_path / "b" / file, name=held, code=code)
        assert lines(answer) == lines(gancli("data", "check", tmp_path / "a" / file)), file
        told = json.loads(printed(gancli, "data", "--json", "check", tmp_path / "b" / file, name="", code=code).out)
        assert held in told["attributes" if write == write_attributes else "classes"]
        if code:
            answer = printed(gancli, "data", "pack", tmp_path / "b" / file, tmp_path / "x.h5", name=held, code=code)
            assert lines(answer) == (0, 1)
        shutil.rmtree(tmp_path / "a")
        shutil.rmtree(tmp_path / "b")


@names
def test_names_that_are_typed_are_told_in_one_line(gancli, tmp_path, run_path, name):
    usage = 4  # lines, with Click's three
    for words, code, count in (
        (["train", "--data", name], 3, 1),
        (["data", "check", name], 3, 1),
        (["runs", "show", name], 4, 1),
        (["sample", "--run", name], 4, 1),
        (["sample", "--class", name], 2, 1),
        (["sample", "--num-samples", name], 2, usage),
        (["sample", f"--{name}"], 2, usage),
        (["train", "--set", f"{name}=1"], 2, 1),
        (["train", "--model", name], 2, 1),
        ([f"x{name}"], 2, usage),
        (["runs", f"x{name}"], 2, usage),
    ):
        answer = printed(gancli, *words, name=name, code=code)
        assert lines(answer) == (0, count), words


def test_names_of_files_and_classes_are_told_by_commands_that_build_a_model(gancli, tmp_path, run_path):
    name = "".join(NASTY.values()).replace("/", "")
    write_npz(tmp_path / f"{name}.npz", name)
    small = ("--units", "8", "--batch-size", "8")
    answer = printed(
        gancli, "train", "--model", "vae", *small, "--data", tmp_path / f"{name}.npz", "--dry-run", name=name
    )
    assert lines(answer) == lines(gancli("train", "--model", "vae", *small, "--data", "digits", "--dry-run"))
    record = json.loads((run_path / "run.json").read_text(encoding="utf-8"))
    record["data"]["classes"] = [name, "other"]
    (run_path / "run.json").write_text(json.dumps(record), encoding="utf-8")
    assert lines(printed(gancli, "sample", "--class", "no such", name=name, code=2)) == (0, 1)


@names
def test_results_are_json_of_the_same_names_without_a_control_character(name, capsys):
    assert json.loads(strict_json.dumps({name: [name]})) == {name: [name]}
    output.report({name: name}, [], as_json=True)
    assert not steers(capsys.readouterr().out)
    output.report({}, [f"a {name}", "b"], as_json=False)
    assert capsys.readouterr().out == f"a {escaped(name)}\nb\n"


class Terminal(io.StringIO):
    def isatty(self):
        return True


@names
def test_bars_show_names_as_they_are(monkeypatch, name):
    monkeypatch.setattr(sys, "stderr", screen := Terminal())
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(counting, "DELAY_SECONDS", 0)
    monkeypatch.setattr(counting, "REDRAW_SECONDS", 0)
    with counting.show(name, 2) as advance:
        advance(1)
    assert escaped(name) in screen.getvalue()
    screen.truncate(0)
    with LiveLine(transient=False) as live:
        live.print(f"note: {name}")
        model = SimpleNamespace(metrics={}, stages=list)
        TrainingLine(live, model).update(StepReport("[/x]", 1, 1, 1.0, {"[/y]": 1.0}, 1.0, True))
    assert f"note: {escaped(name)}\n" in screen.getvalue()
    assert "[/x] step 1/1" in screen.getvalue()
    assert "[/y] 1.000" in screen.getvalue()


def test_tables_are_cut_nowhere_but_folded_on_a_terminal(monkeypatch):
    rows = [["1", "a" * 300], ["2", "b c"]]
    assert tables.fitted(["n", "name"], rows, right=["n"]) == ["n  name", f"1  {'a' * 300}", "2  b c"]
    monkeypatch.setattr(sys, "stdout", Terminal())
    monkeypatch.setenv("COLUMNS", "40")
    found = tables.fitted(["n", "name"], rows)
    assert max(map(len, found)) <= 40
    assert "".join(found).count("a") == 301  # and that of "name"


FORMULAS = [r"$\frac$", "$x$", r"\frac", "^{", "$", "_hidden", "%s", *NASTY.values()]


def test_names_in_plots_are_no_formulas(monkeypatch):
    drawn = []
    keep = plots._figure
    monkeypatch.setattr(plots, "_figure", lambda *size: drawn.append(keep(*size)) or drawn[-1])
    pixels, z = np.zeros((4, 4, 3), np.uint8), np.random.default_rng(0).random((len(FORMULAS), 2))
    with warnings.catch_warnings():
        warnings.filterwarnings("error", message="(?!Glyph)")
        plots.codes(z, np.arange(len(FORMULAS)), FORMULAS)
        plots.with_legend([(name, pixels) for name in FORMULAS[:3]], [(name, (9, 9, 9)) for name in FORMULAS])
        plots.rows_of_images([(name, [(name, pixels)]) for name in FORMULAS[:8]])
        plots.spectra({name: np.arange(1, 9) / 9 for name in FORMULAS if name[0] != "_"})
    legends = [legend for figure in drawn for legend in (figure.legends or [figure.axes[0].get_legend()]) if legend]
    assert len(legends) == 3
    shown = [[text.get_text() for text in legend.get_texts()] for legend in legends]
    as_lines = ["\n".join(map(escaped, name.split("\n"))) for name in FORMULAS]
    assert shown == [as_lines, as_lines, [name for name in as_lines if name[0] != "_"]]
    assert not any(text.get_parse_math() for legend in legends for text in legend.get_texts())
