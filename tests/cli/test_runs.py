"""`gancli runs`: the list, one run, two side by side; names, notes and deletion; what selects a run everywhere."""

import json
import re
import shlex
import shutil
import sys
import types
from pathlib import Path

import click
import pytest
from PIL import Image

from gancli import models
from gancli.cli import main, tables
from gancli.cli.commands.runs import _next_commands
from gancli.models import config
from gancli.runs import maintenance
from gancli.runs.run import Run


@pytest.fixture
def second(run_path):
    """A copy of the run with number 1, called "tiny-2"."""
    path = shutil.copytree(run_path, run_path.with_name("00001-dcgan-stripes-tiny-2"))
    record = json.loads((path / "run.json").read_text(encoding="utf-8"))
    record |= {"name": "tiny-2", "options": record["options"] | {"learning_rate": 0.25}}
    (path / "run.json").write_text(json.dumps(record), encoding="utf-8")
    return path


@pytest.fixture
def live(run_path):
    """The lock of the run, held as a training holds it."""
    (run_path / "status.json").write_text('{"state": "running", "step": 0, "total": 40}', encoding="utf-8")
    lock = Run(run_path).lock
    lock.hold()
    yield run_path
    lock.release()


def listed(answer):
    assert answer.code == 0, answer.err
    return [run["name"] for run in json.loads(answer.out)["runs"]]


# --- list


def test_runs_without_a_subcommand_is_the_list(gancli, second):
    answer = gancli("runs")
    assert answer.out == gancli("runs", "list").out
    header = ["number", "name", "model", "data", "step", "state", "loss", "score", "when"]
    assert answer.out.splitlines()[0].split() == header
    assert "20 of 20" in answer.out
    assert gancli("runs", "--outdir", "absent").out == "no runs in absent\n"


def test_the_list_is_sorted_filtered_and_cut_to_columns_in_text_and_json(gancli, second):
    assert listed(gancli("runs", "--json", "--sort", "-number")) == ["tiny-2", "tiny"]
    assert listed(gancli("runs", "--json", "--sort", "-learning-rate")) == ["tiny-2", "tiny"]
    assert listed(gancli("runs", "--json", "--filter", "model=DCGAN", "--filter", "learning-rate=0.25")) == ["tiny-2"]
    assert listed(gancli("runs", "--filter", "name=*-2", "list", "--json")) == ["tiny-2"]
    answer = gancli("runs", "list", "--columns", "name,width,step", "--sort", "name")
    assert [line.split() for line in answer.out.splitlines()][:2] == [
        ["number", "name", "width", "step"],
        ["0", "tiny", "4", "20", "of", "20"],
    ]
    (first, _) = json.loads(gancli("runs", "--columns", "name,width,step", "--json").out)["runs"]
    assert first == {"name": "tiny", "width": 4, "step": 20, "total": 20}
    assert gancli("runs", "--filter", "state=running").out == "no runs in runs match the filters\n"
    assert "path" in gancli("runs", "--columns", "all").out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--sort", "widht"], "did you mean 'width'?"),
        (["--columns", "name,speed"], "'speed' is neither a column (number, name, model"),
        (["--filter", "step"], "expected KEY=VALUE"),
        (["--filter", "nothing=1"], "'nothing' is neither"),
    ],
)
def test_unknown_columns_and_filters_are_usage_errors(gancli, run_path, words, said):
    answer = gancli("runs", *words)
    assert (answer.code, answer.out) == (2, "")
    assert said in answer.err


def test_a_narrow_terminal_loses_columns_by_importance_and_a_pipe_none(gancli, second, monkeypatch):
    gancli("runs", "note", "tiny", "x" * 200)
    assert "x" * 200 in gancli("runs").out
    headers = {}
    for width in (200, 80, 60, 30):
        monkeypatch.setattr(tables, "terminal_width", lambda width=width: width)
        lines = gancli("runs").out.splitlines()
        headers[width] = lines[0].split()
        assert max(map(len, lines[:-1])) <= width
        if width < 80:
            assert lines[-1].startswith("not shown: ")
    assert {"note", "when", "score", "loss"} <= set(headers[200])
    assert headers[60][:2] == headers[30][:2] == ["number", "name"]
    assert len(headers[200]) > len(headers[80]) > len(headers[60]) > len(headers[30])
    assert "state" in headers[60]
    assert "ago" in gancli("runs", "--columns", "name,when").out


# --- show


def test_show_puts_first_what_differs_from_the_model_s_defaults_and_last_how_to_continue(gancli, run_path):
    (run_path / "eval").mkdir()
    saved = {
        "mean": -35.33602,
        "standard_error": 0.1666,
        "samples": 200,
        "classifier": {"test_accuracy": 0.9},
        "step": 20,
    }
    (run_path / "eval" / "parzen.json").write_text(json.dumps(saved), encoding="utf-8")
    answer = gancli("runs", "show")
    lines = answer.out.splitlines()
    at = {line: number for number, line in enumerate(lines)}
    first = at["Options that differ from the defaults of dcgan"]
    assert {line.split()[0] for line in lines[first + 1 : at["Data (defaults)"] - 1]} == {
        "data",
        "steps",
        "batch_size",
        "width",
    }
    assert ["width", "4", "(default", "32)"] in [line.split() for line in lines]
    assert first < at["Data (defaults)"] < at["Model (defaults)"] < at["Scores"] < at["Files"] < at["How to continue"]
    assert "  Parzen -35.34 ± 0.17 (parzen, step 20)" in lines
    assert "      samples 200; classifier test accuracy 0.9" in lines
    assert "  gancli train --resume --run 0 --steps 40" in lines
    assert "  gancli sample --run 0" in lines


def test_the_commands_that_show_prints_are_accepted(gancli, run_path, monkeypatch):
    """Each is a command line of this run; only what it would train or generate is left out."""
    from gancli.cli import opened_run
    from gancli.core.errors import GancliError
    from gancli.training import setup

    class Accepted(GancliError):
        exit_code = 77

    def accept(*_, **__):
        raise Accepted

    monkeypatch.setattr(opened_run, "load", accept)
    monkeypatch.setattr(Run, "dataset", accept)  # of a resume, after its options are checked
    monkeypatch.setattr(setup, "prepare", accept)
    lines = gancli("runs", "show", "0").out.split("How to continue\n")[1].splitlines()
    assert len(lines) == 5
    for line in lines:
        program, *words = shlex.split(line)
        assert program == "gancli"
        assert gancli(*words).code == 77, line


def test_a_diverged_run_is_continued_with_a_smaller_learning_rate_and_a_live_one_is_not(gancli, run_path, live):
    assert "--resume" not in gancli("runs", "show", "0").out
    (run_path / "status.json").write_text('{"state": "diverged", "step": 20}', encoding="utf-8")
    assert "  gancli train --resume --run 0 --learning-rate 0.0002\n" in gancli("runs", "show", "0").out


# --- compare


def test_compare_shows_what_differs_and_draws_the_same_seeds_of_each_run(gancli, second):
    answer = gancli("runs", "compare", "0", "1", "--seeds", "0-2")
    assert answer.code == 0, answer.err
    assert [line.split() for line in answer.out.splitlines() if "learning_rate" in line] == [
        ["learning_rate", "0.0008", "0.25"]
    ]
    assert "generator_loss" in answer.out
    assert "batch_size" not in answer.out
    picture = second.parent / "compare-0-1.png"
    with Image.open(picture) as drawn:
        wide, high = drawn.size
    assert wide > high  # three columns, two rows
    result = json.loads(gancli("runs", "compare", "0", "1", "--seeds", "0-2", "--json").out)
    assert result["out"] == "runs/compare-0-1-(2).png"  # nothing is drawn over
    assert result["options"] == {"learning_rate": [0.0008, 0.25]}
    assert (result["seeds"], result["not_in_picture"]) == ([0, 1, 2], {})


def test_a_run_that_generates_no_images_is_compared_without_a_picture(gancli, run_path, monkeypatch):
    for number, model in enumerate(("espcn", "skip-thoughts"), start=1):
        path = shutil.copytree(run_path, run_path.with_name(f"{number:05}-{model}"))
        record = json.loads((path / "run.json").read_text(encoding="utf-8")) | {"model": model, "name": model}
        record["options"] = {"data": "x"}
        (path / "run.json").write_text(json.dumps(record), encoding="utf-8")
    answer = gancli("runs", "compare", "espcn", "skip-thoughts")
    assert answer.code == 0, answer.err
    assert "not in the picture: 1 espcn, espcn: it does not generate images from latent vectors" in answer.out
    assert answer.out.endswith("no picture: none of these runs generates images from seeds\n")
    assert not list(run_path.parent.glob("*.png"))


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["0"], 2),
        (["0", "tiny"], 2),
        (["0", "7"], 4),
        (["0", "1", "--out", "a.jpg"], 2),
        (["0", "1", "--out", "a.png", "--no-picture"], 2),
        (["0", "1", "--seeds", "0-999"], 2),
    ],
)
def test_what_cannot_be_compared_is_said_before_anything_is_loaded(gancli, second, monkeypatch, words, code):
    monkeypatch.setattr(Run, "model", lambda *_, **__: 1 / 0)
    assert gancli("runs", "compare", *words).code == code


def save_table(run_path, *rows):
    """The table of `gancli eval`: rows of name, value, spread, better and what it may be compared with."""
    keys = ("name", "value", "spread", "better", "comparable")
    scores = [dict(zip(keys, row, strict=True)) for row in rows]
    scores = [
        row | {"title": row["name"].upper(), "real": 0.7, "recipe": {"images": row["comparable"]}} for row in scores
    ]
    (run_path / "eval").mkdir(exist_ok=True)
    table = {"scores": scores, "step": 20, "weights": "raw"}
    (run_path / "eval" / "scores.json").write_text(json.dumps(table), encoding="utf-8")


def test_scores_of_eval_are_compared_with_their_spread(gancli, second, run_path):
    rows = [("fid", 2.0, 0.1), ("kid", 0.3, 0.1), ("recall", 0.5, None), ("ms_ssim", 0.70, 0.01), ("entropy", 2.0, 0.1)]
    better = {"recall": "higher", "entropy": ""}
    for path, more in ((run_path, 0.0), (second, 0.35)):
        many = {"ms_ssim": "500" if more else "2000"}
        save_table(path, *((n, v + more, s, better.get(n, "lower"), many.get(n, "2000")) for n, v, s in rows))
    answer = gancli("runs", "compare", "0", "1", "--no-picture")
    assert answer.code == 0, answer.err
    lines = answer.out.splitlines()
    at = next(number for number, line in enumerate(lines) if line.startswith("Scores of gancli eval"))
    shown = [re.split(r"\s{2,}", line) for line in lines[at:-1]]
    assert shown == [
        ["Scores of gancli eval", "0 tiny", "1 tiny-2", "real images", "difference"],
        ["FID", "2 ± 0.1", "2.35 ± 0.1", "0.7", "0 tiny is better"],
        ["KID", "0.3 ± 0.1", "0.65 ± 0.1, as real images", "0.7", "0 tiny is better"],
        ["RECALL", "0.5", "0.85", "0.7", "better value: 1 tiny-2; spread unknown"],
        ["MS_SSIM", "0.7 ± 0.01, as real images", "1.05 ± 0.01", "0.7", "measured in different ways: images"],
        ["ENTROPY", "2 ± 0.1", "2.35 ± 0.1", "0.7", "0 tiny and 1 tiny-2 differ"],
    ]
    assert lines[-1].startswith("A difference counts if it exceeds twice the root")
    found = json.loads(gancli("runs", "compare", "0", "1", "--no-picture", "--json").out)["eval_scores"]
    assert (found[0]["values"], found[0]["best"], found[0]["exceeds"]) == ([2.0, 2.35], 0, [[0, 1]])
    third = shutil.copytree(run_path, run_path.with_name("00002-dcgan-stripes-tiny-3"))
    save_table(third, ("fid", 2.1, 0.1, "lower", "2000"))
    shown = gancli("runs", "compare", "0", "1", "2", "--no-picture").out
    assert "best value: 0 tiny, better than 1 tiny-2; within the spread of 2 tiny\n" in shown


def test_a_run_shows_its_table_of_eval(gancli, run_path):
    save_table(run_path, ("fid", 2.0, 0.1, "lower", ""), ("recall", None, None, "higher", ""))
    shown = gancli("runs", "show").out
    assert "gancli eval, step 20, raw weights\n    FID     2 ± 0.1  real images 0.7\n    RECALL  -" in shown
    assert "eval/scores.json" in shown
    assert "2 FID" in gancli("runs").out


# --- names and notes


def test_a_renamed_run_has_its_name_in_the_folder_and_run_json_is_as_it_was(gancli, run_path, tmp_path):
    before = (run_path / "run.json").read_bytes()
    answer = gancli("runs", "rename", "tiny", "very wide", "--json")
    assert answer.code == 0, answer.err
    path = tmp_path / json.loads(answer.out)["path"]
    assert path.name == "00000-dcgan-stripes-very_wide"
    assert (path / "run.json").read_bytes() == before
    assert listed(gancli("runs", "--json")) == ["very wide"]
    assert gancli("sample", "--run", "very wide", "--seeds", 1, "--out", "a.png").code == 0
    assert gancli("runs", "show", "tiny").code == 4
    maintenance.check(Run(path))


def test_a_folder_that_was_named_by_hand_keeps_its_name(gancli, run_path):
    mine = run_path.rename(run_path.with_name("mine"))
    assert gancli("runs", "rename", "mine", "wide").code == 0
    assert (mine / "run.json").exists()
    assert gancli("runs", "show", "wide").code == 0


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("tiny", "is taken by runs/00000-dcgan-stripes-tiny; the next free name is tiny-3"),
        ("tiny-2", "is taken by runs/00001-dcgan-stripes-tiny-2; the next free name is tiny-3"),
        ("00000-dcgan-stripes-tiny", "is taken"),
        ("7", "digits alone select a run by its number; choose another, such as run-7"),
        ("last", "always selects the newest run"),
        ("last-2", "always selects the newest run"),
    ],
)
def test_a_name_that_selects_another_run_is_refused_before_anything_is_loaded(gancli, second, monkeypatch, name, said):
    from gancli.training import setup

    monkeypatch.setattr(setup, "prepare", lambda *_, **__: 1 / 0)
    for words in (["train", "--name", name], ["train", "--name", name, "--dry-run"], ["runs", "rename", "1", name]):
        if words[0] == "runs" and name == "tiny-2":  # its own
            continue
        answer = gancli(*words)
        assert (answer.code, answer.out) == (2, "")
        assert said in answer.err
    assert len(list(second.parent.iterdir())) == 2


def test_two_trainings_that_begin_at_once_do_not_get_one_name(gancli, run_path, stripes_file):
    """The second check is made while the folder is locked."""
    from gancli.core.errors import OptionError
    from gancli.training import setup

    values = {"data": str(stripes_file), "steps": 1, "units": "8", "batch_size": 16}
    plan = setup.prepare("vae", values, data_dir=None)
    with pytest.raises(OptionError, match="the next free name is tiny-2"):
        plan.start(run_path.parent, "tiny", [])
    assert len(list(run_path.parent.iterdir())) == 1
    assert plan.start(run_path.parent, "tiny-2", []).run.record["given"] == ["batch_size", "data", "steps", "units"]


def test_a_resume_takes_no_new_name(gancli, run_path):
    answer = gancli("train", "--resume", "--name", "tiny")
    assert answer.code == 2
    assert "--run tiny" in answer.err


def test_a_note_is_shown_and_can_be_changed_during_a_training(gancli, live):
    assert "no note" in gancli("runs", "note", "0").out
    assert gancli("runs", "note", "0", "half the rate").code == 0
    assert json.loads(gancli("runs", "note", "0", "--json").out)["note"] == "half the rate"
    for words in (["runs"], ["runs", "show", "0"], ["runs", "compare", "--help"]):
        assert ("half the rate" in gancli(*words).out) == ("--help" not in words)
    assert gancli("runs", "note", "0", "--clear").code == 0
    assert "half" not in gancli("runs").out
    assert gancli("runs", "note", "0", "a", "--clear").code == 2
    (live / "about.json").write_text('{"name": 3}', encoding="utf-8")
    assert listed(gancli("runs", "--json")) == ["tiny"]


# --- selection


@pytest.mark.parametrize(
    ("selector", "number"),
    [
        ("0", 0),
        ("tiny", 0),  # a whole name counts more than the beginning of another
        ("tiny-", 1),
        ("00001", None),
        ("00001-", 1),
        ("00001-dcgan-stripes-tiny-2", 1),
        ("last", 1),
        ("last-1", 0),
        ("last-2", None),
        ("ti", None),
        ("nothing", None),
        ("", None),
    ],
)
def test_a_run_is_selected_by_number_name_beginning_path_or_last(gancli, second, selector, number):
    answer = gancli("runs", "show", selector, "--json")
    if selector == "00001":  # all digits: a number
        number = 1
    assert answer.code == (0 if number is not None else 2 if selector == "" else 4)
    if number is not None:
        assert json.loads(answer.out)["number"] == number


def test_a_beginning_of_several_names_is_refused_with_the_names(gancli, second):
    for words in (["runs", "show", "ti"], ["sample", "--run", "ti"], ["train", "--resume", "--run", "ti"]):
        answer = gancli(*words)
        assert answer.code == 4
        assert "'ti' may be several runs in runs: 00000-dcgan-stripes-tiny, 00001-dcgan-stripes-tiny-2" in answer.err
    assert "did you mean 'tiny'?" in gancli("sample", "--run", "tniy").err
    assert "'last-5' is no run: runs has 2" in gancli("sample", "--run", "last-5").err


# --- rm


def test_rm_deletes_the_named_runs_alone_and_says_how_many_bytes(gancli, second, run_path):
    size = sum(path.stat().st_size for path in second.rglob("*") if path.is_file())
    answer = gancli("runs", "rm", "1", "--yes", "--json")
    assert answer.code == 0, answer.err
    assert json.loads(answer.out)["bytes"] == size
    assert not second.exists()
    assert Run(run_path).checkpoints()


def test_rm_asks_and_deletes_nothing_without_a_yes(gancli, second, monkeypatch):
    assert gancli("runs", "rm", "0").code == 2  # no terminal
    answers = []
    monkeypatch.setattr(sys, "stdin", types.SimpleNamespace(isatty=lambda: True))
    monkeypatch.setattr("click.confirm", lambda text, **_: answers.append(text) or False)
    answer = gancli("runs", "rm", "0", "last")
    assert answer.out == "nothing is deleted\n"
    assert "00000-dcgan-stripes-tiny: finished at step 20, " in answer.err
    assert answers[0].startswith("Delete 2 runs, ")
    assert answers[0].endswith(" MB?")
    assert second.exists()


def test_a_run_in_training_is_neither_deleted_nor_renamed(gancli, second, live):
    for words in (["rm", "1", "0", "--yes"], ["rename", "0", "other"]):
        assert gancli("runs", *words).code == 7
    assert second.exists()
    assert live.exists()


def test_links_in_a_run_are_deleted_and_not_what_they_lead_to(gancli, run_path, tmp_path):
    kept = tmp_path / "kept"
    kept.mkdir()
    (kept / "a.txt").write_text("a", encoding="utf-8")
    (run_path / "link").symlink_to(kept)
    (run_path / "file").symlink_to(kept / "a.txt")
    moved = run_path.rename(tmp_path / "elsewhere")
    run_path.symlink_to(moved)
    assert gancli("runs", "rm", "0", "--yes").code == 0
    assert (kept / "a.txt").exists()
    assert not moved.exists()
    assert not run_path.is_symlink()


def test_a_deletion_that_is_cut_short_leaves_a_run_that_can_be_deleted_again(gancli, run_path, monkeypatch):
    def fail(path):
        raise PermissionError(13, "Permission denied", str(path))

    plain = shutil.rmtree
    monkeypatch.setattr(shutil, "rmtree", lambda path: fail(path) if path.name == "samples" else plain(path))
    answer = gancli("runs", "rm", "0", "--yes")
    assert answer.code == 6
    assert "samples" in answer.err
    monkeypatch.undo()
    monkeypatch.chdir(run_path.parents[1])
    assert gancli("runs", "rm", "0", "--yes").code == 0
    assert not run_path.exists()


def test_the_trash_is_that_of_the_system_and_its_package_is_named_where_it_is_absent(gancli, run_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "send2trash", None)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    answer = gancli("runs", "rm", "0", "--trash", "--yes")
    assert answer.code == 2
    assert "pip install 'gancli[trash]'" in answer.err
    moved = []
    monkeypatch.setattr("importlib.util.find_spec", lambda name: object())
    monkeypatch.setitem(sys.modules, "send2trash", types.SimpleNamespace(send2trash=moved.append))
    assert gancli("runs", "rm", "0", "--trash", "--yes").code == 0
    assert moved == [run_path]
    assert run_path.exists()  # nothing but the trash has taken it


@pytest.mark.parametrize("model", models.names())
def test_the_next_commands_of_every_model_can_be_typed(model):
    """Each parses as a command line, and the model can do what it asks for."""
    model_class = models.get(model)
    settings = config.from_mapping(model_class, {})
    facts = types.SimpleNamespace(classes=("a b", "c d"))
    place = Path("runs/00003-x")
    run = types.SimpleNamespace(
        model_class=model_class,
        facts=facts,
        path=place,
        number=3,
        options=lambda: settings[1],
        is_published=False,
        RECORD="run.json",
    )
    run.is_loaded, run.can = True, lambda ability: issubclass(model_class, ability)
    details = types.SimpleNamespace(state="finished", checkpoints=[0, 20], step=20, options=settings.to_mapping())
    lines = _next_commands.lines(run, details)
    assert len(lines) >= 3
    for line in lines:
        program, name, *words = shlex.split(line)
        command = main.cli.get_command(click.Context(main.cli), name)
        assert program == "gancli"
        if name == "train":
            assert {"--resume", "--config"} & {*words}
        else:
            command.make_context(name, words, parent=click.Context(main.cli))
    assert ("gancli interpolate --seeds 3,11 --class 'c d' --run 3" in lines) == (
        model in ("acgan", "cgan", "matching")
    )
