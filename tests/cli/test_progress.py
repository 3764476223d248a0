"""What is shown while gancli works: in terminals of any width, in a notebook, without a terminal."""

import functools
import io
import os
import re
import sys
import types

import numpy as np
import pytest
from helpers import forkserver, terminals
from helpers.tiny import ALL

from gancli import models
from gancli.api.progress import counting, line, terminal, training
from gancli.api.progress.line import ProgressLine
from gancli.cli import output
from gancli.core import progress
from gancli.models.metric_names import SHARED
from gancli.training.callbacks import StepReport
from gancli.training.callbacks.progress import MEASURED, ReportTexts, TimeLeft

WIDTHS = (60, 80, 100, 120, 200)
CORE = re.compile(r"12,345/100,000 .*(1:02:03 left)")
SHOW = """
import os, sys
from gancli import models
from gancli.api.progress.line import ProgressLine
from gancli.api.progress.terminal import LiveLine
from gancli.training.callbacks import StepReport
from gancli.training.callbacks.progress import MEASURED, ReportTexts
from helpers import terminals

for name in models.names():
    print(f"model {name}", file=sys.stderr)
    metrics = models.get(name).metrics
    scalars = dict.fromkeys([*metrics, *MEASURED, "code_discriminator_gradient"], -98765.4321)
    texts, report = ReportTexts(metrics), StepReport("adversarial", 12345, 100000, 1234.5, scalars, 123456.0, True)
    facts = texts.facts(report) + texts.gradients(report)
    with LiveLine(transient=False) as live:
        for columns in map(int, sys.argv[1:]):
            terminals.resize(2, columns)
            live.show(ProgressLine("adversarial step", 12345, 100000, 3723.0, facts))
"""


@functools.cache
def lines_of_all_models():
    """By model, the line at each width, in one window that is resized."""
    found = {}
    for row in terminals.rows(terminals.run(SHOW, *WIDTHS)):
        if row.startswith("model "):
            found[row.removeprefix("model ")] = []
        else:
            list(found.values())[-1].append(row)
    return found


@pytest.mark.parametrize("columns", WIDTHS)
def test_step_total_and_time_left_of_every_model_are_never_cut_in_a_window_of_any_width(columns):
    assert lines_of_all_models().keys() == set(ALL)
    for name, rows in lines_of_all_models().items():
        row = rows[WIDTHS.index(columns)]
        assert len(row) <= columns, name
        assert CORE.search(row), (name, row)
        first = next(iter(models.get(name).metrics.values())).short
        assert "━" in row or columns < 80
        assert (f"left {first} -9" in row) == (columns >= 80), (name, row)


@pytest.mark.parametrize("width", range(30, 220, 7))
def test_a_line_keeps_count_and_time_then_a_bar_then_facts_in_their_order(width):
    facts = [f"metric{number} 0.123" for number in range(8)]
    text = line.text(ProgressLine("a rather long label of some work", 12345, 100000, 3723.0, facts), width)
    assert len(text) <= width
    assert "12,345/100,000" in text
    assert "1:02:03 left" in text
    shown = [fact for fact in facts if fact in text]
    assert shown == facts[: len(shown)]
    assert "#" in text or not shown


def test_a_label_of_wide_letters_leaves_room_for_the_numbers():
    start, _, bar, left = ProgressLine("数字" * 20, 3, 10, 5.0).parts(50)
    assert line.columns(start) + bar + len(left) + 2 <= 50
    assert start.endswith(".. 3/10")


def test_metrics_have_the_model_s_order_and_are_explained_once():
    texts = ReportTexts(models.get("acgan").metrics)
    scalars = dict.fromkeys(["D(x)", "class_cost", "discriminator_loss", "generator_loss", "generator_gradient"], 0.5)
    report = StepReport("train", 5, 10, 1.0, scalars, 64.0, False)
    assert texts.facts(report) == ["D 0.500", "G 0.500", "D(x) 0.500", "class 0.500", "epoch 1.0", "64 images/s"]
    assert texts.gradients(report) == ["grad(generator) 0.500"]
    assert texts.explanation(report).startswith("D: discriminator loss; G: generator loss; ")
    assert texts.explanation(report) == ""
    later = StepReport("train", 6, 10, 1.0, scalars | {"diversity": 1.0}, 64.0, True)
    assert texts.explanation(later) == f"diversity: {MEASURED['diversity'].meaning}"


def test_every_short_name_is_short_and_has_a_meaning():
    for name in ALL:
        for metric in (models.get(name).metrics | MEASURED).values():
            assert len(metric.short) <= 10
            assert metric.meaning
    assert next(iter(SHARED)) == "discriminator_loss"


def test_the_time_left_is_that_of_the_present_stage(monkeypatch):
    clock = iter([0.0, 10.0, 20.0, 21.0])
    monkeypatch.setattr("time.monotonic", lambda: next(clock))
    left = TimeLeft()

    def seconds(stage, step):
        return left.seconds(StepReport(stage, step, 100, 1.0, {}, 1.0, False))

    assert seconds("slow", 10) is None
    assert seconds("slow", 20) == 80.0
    assert seconds("fast", 30) is None
    assert seconds("fast", 40) == 6.0
    assert seconds("fast", 100) == 0.0


def test_a_training_in_a_terminal_that_is_resized_shows_its_last_step(tmp_path, stripes_file, monkeypatch):
    monkeypatch.setenv("TERM", "xterm-256color")
    words = ["train", "--data", stripes_file, "--outdir", tmp_path, "--steps", 60, "--width", 4, "--batch-size", 16]
    with terminals.window(100) as (its, ours):
        process = forkserver.Process(words, os.environ, terminal=its)
        shown = b""
        while b"step 1/60" not in shown:
            shown += os.read(ours, 1 << 16)
        terminals.resize(its, 50)
        os.close(its)
        shown = (shown.decode() + terminals.read(ours)).rpartition("step 1/60")
        assert process.wait(timeout=60) == 0
    rows = terminals.rows(shown[2])
    last = [row for row in rows if row.startswith("step ")][-1]
    assert re.match(r"step 60/60 ━+ 0:00 left D ", last)
    assert len(last) <= 50
    first = [" ".join(terminals.rows(shown[0]))]
    assert "pictures: a new" in first[0]
    assert f"{tmp_path}/00000-dcgan-stripes/samples/train-00000000.png" in first[0]


# --- work that takes long


@pytest.fixture
def clock(monkeypatch):
    """A clock that is set by hand."""
    now = types.SimpleNamespace(seconds=0.0)
    monkeypatch.setattr("time.monotonic", lambda: now.seconds)
    return now


def test_without_a_terminal_long_work_prints_a_line_every_ten_seconds(clock, capfd):
    with progress.shown_by(counting.show):
        for item in progress.track(range(60), "counting sheep"):
            clock.seconds = item + 1.0
    assert capfd.readouterr().err.splitlines() == [
        f"counting sheep: {done} of 60 ({done / 60:.0%}), 0:{60 - done:02} left" for done in (10, 20, 30, 40, 50, 60)
    ]


def test_short_work_prints_nothing(clock, capfd):
    with progress.shown_by(counting.show):
        for _ in progress.track(range(60), "counting sheep"):
            clock.seconds += 0.1
    assert capfd.readouterr().err == ""


def test_work_inside_of_work_is_part_of_it(clock, capfd):
    with progress.shown_by(counting.show):
        for _ in progress.track(range(2), "outer"):
            for _ in progress.track(range(2), "inner"):
                clock.seconds += 6
        for _ in progress.track(range(2), "after"):
            clock.seconds += 6
    assert [text.split(":")[0] for text in capfd.readouterr().err.splitlines()] == ["outer", "outer", "after"]


def test_nothing_is_shown_in_a_program_that_asks_for_nothing(clock, capfd):
    for _ in progress.track(range(3), "counting sheep"):
        clock.seconds += 20
    assert capfd.readouterr().err == ""


COUNT = """
import time
from gancli.api.progress import counting
from gancli.core import progress
now = [0.0]
time.monotonic = lambda: now[0]
with progress.shown_by(counting.show):
    for _ in progress.track(range(4), "counting sheep"):
        now[0] += 2.0
"""


def test_in_a_terminal_long_work_has_a_bar_that_disappears():
    shown = terminals.run(COUNT, columns=60)
    rows = terminals.rows(shown)
    assert re.match(r"counting sheep 1/4 ━+─+ 0:06 left", rows[0])
    assert shown.rstrip().endswith(("\x1b[2K", "\x1b[1A\x1b[2K", "\x1b[?25h"))


def test_a_dumb_terminal_gets_lines_and_no_escape_sequences():
    shown = terminals.run(COUNT.replace("2.0", "20.0"), columns=60, TERM="dumb")
    assert "\x1b" not in shown
    assert shown.splitlines()[0] == "counting sheep: 1 of 4 (25%), 1:00 left"


@pytest.fixture
def outputs(monkeypatch):
    """The outputs of a notebook whose kernel is this process, in order: text and HTML as they are now."""
    shown = []

    class Handle:
        def __init__(self, content):
            shown.append(content)
            self._place = len(shown) - 1

        def update(self, content, raw):
            shown[self._place] = content

    def display(content, *, raw, display_id):
        assert raw
        assert display_id
        return Handle(content)

    shell = types.SimpleNamespace(kernel=object())
    for name, part in (("IPython", {"get_ipython": lambda: shell}), ("IPython.display", {"display": display})):
        module = types.ModuleType(name)
        vars(module).update(part)
        monkeypatch.setitem(sys.modules, name, module)
    return shown


def test_a_notebook_shows_line_notes_and_picture_in_outputs_that_are_replaced(outputs, clock):
    assert terminal.can_rewrite()
    with terminal.rewritten_line(transient=False) as panel:
        for step in range(1, 6):
            clock.seconds += 0.09
            panel.show(ProgressLine("step", step, 10, 9.0, ["D 0.693"]))
            panel.picture(np.zeros((4, 6, 1), np.uint8))
        assert outputs[0]["text/plain"].startswith("step 4/10")  # at most five times a second
        panel.print("D: <loss>")
    assert [one["text/plain"].splitlines() for one in outputs] == [
        ["step 5/10 ####################-------------------- 0:09 left D 0.693", "D: <loss>"],
        ["<picture of 6x4 pixels>"],
    ]
    assert '<progress value="5" max="10"></progress>' in outputs[0]["text/html"]
    assert "D: &lt;loss&gt;" in outputs[0]["text/html"]
    assert outputs[1]["text/html"].startswith('<img width="6" src="data:image/png;base64,')


def test_the_line_of_work_inside_a_notebook_disappears(outputs, clock):
    with counting.show("counting sheep", 4) as advance:
        for done in range(5):
            clock.seconds += 1.0
            advance(done)
            assert not done or outputs[0]["text/plain"].startswith(f"counting sheep {done}/4")
    assert [one["text/plain"] for one in outputs] == [""]


def test_ipython_in_a_terminal_is_no_notebook(outputs, monkeypatch):
    monkeypatch.setattr(sys.modules["IPython"], "get_ipython", lambda: types.SimpleNamespace())
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    assert not terminal.can_rewrite()


def test_in_a_notebook_whose_streams_take_text_alone_results_and_notes_are_printed(monkeypatch):
    out, err = io.StringIO(), io.StringIO()
    monkeypatch.setattr(sys, "stdout", out)
    monkeypatch.setattr(sys, "stderr", err)
    output.note("a note")
    output.report({}, ["größe 数字"], as_json=False)
    assert (out.getvalue(), err.getvalue()) == ("größe 数字\n", "a note\n")


def test_new_pictures_are_named_at_most_once_in_ten_seconds(clock, tmp_path):
    named = []
    pictures = training.NewPictures(named.append)
    pictures.on_train_begin(types.SimpleNamespace(run=types.SimpleNamespace(path=tmp_path), step=7))
    for seconds in (0.0, 1.0, 9.0, 10.5, 11.0, 25.0):
        clock.seconds = seconds
        pictures.on_sample_grid(None)
    assert named == [f"picture: {tmp_path / 'samples' / 'train-00000007.png'}"] * 3
