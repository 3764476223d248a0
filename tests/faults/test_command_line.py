"""Whatever is typed: a documented exit code, one sentence of error, no traceback, and no success on failure."""

import os

import click
import pytest
from helpers.command_lines import COMMANDS, CONTEXT, EXIT_CODES
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gancli.cli import main
from gancli.data.labels.class_names import natural_key
from gancli.runs import registry
from gancli.runs.run import Run

LINES, WORDY = int(os.environ.get("EXAMPLES", 400)), 100
OTHERS = ["--nonsense", "--batch_size", "--model", "-q", "-j"]  # options of some, or of no command
NUMBERS = [
    "0",
    "1",
    "-1",
    "-0",
    "00",
    "1.5",
    "nan",
    "inf",
    "-inf",
    "1e400",
    "-1e-400",
    str(2**31),
    str(2**63),
    "9" * 400,
    "1" * 5000,  # more digits than Python makes a number of
    "٣",
    "²",
]
WORDS = ["", " ", "true", "None", "null", "x", "X" * 300, "best", "last", "raw", "a=b", "=", "width=", "=3"]
SCRIPTS = ["ü", "数字", "🎲", "\u202e", os.fsdecode(b"\xff\xfe"), "a\nb", "a\tb", "\x1b[31m"]
PLACES = [".", "nowhere", "/dev/null", "/proc/self/mem", "~", "~nobody", "a/b"]
SIGNS = ["-", "--", "---", "-x", "-h", "--help", "@x", "%s", "{0}", "$(id)", "`id`", "';--", "*", "["]
KINDS = ["0-15,20", "3-1", "1-", ",", "1,,2", "0-99999999999", "4x8", "0x0", "-1x-1"]
KINDS += ["7 - 1 + 4", "7 -", "--7", "minimax:5", "minimax:-5", ":"]
ODD = NUMBERS + WORDS + SCRIPTS + PLACES + SIGNS + KINDS


def flags_of(path):
    """The options of a command as they are written, but --debug, which shows tracebacks."""
    command = COMMANDS[path]
    params = command.get_params(click.Context(command, parent=CONTEXT))
    names = {name for one in params if isinstance(one, click.Option) for name in (*one.opts, *one.secondary_opts)}
    return sorted(names - {"--debug"})


FLAGS = {path: flags_of(path) for path in COMMANDS}


def told_with_a_value(path):
    """A line for each option and argument of a command that takes a value, without the value."""
    command = COMMANDS[path]
    for param in command.get_params(click.Context(command, parent=CONTEXT)):
        if isinstance(param, click.Argument):
            yield [*path]
        elif not (param.is_flag or param.count):
            yield [*path, param.opts[0]]


@st.composite
def lines(draw):
    """A line of a real command, mostly its own options, and mostly odd values."""
    path = draw(st.sampled_from(sorted(COMMANDS)))
    line = list(path)
    for _ in range(draw(st.integers(0, 4))):
        odd = draw(st.sampled_from(ODD) | st.text(st.characters(exclude_characters="\0"), max_size=12))
        flag = draw(
            st.sampled_from(FLAGS[path]) | st.sampled_from(["--nonsense", "--batch_size", "--model", "-q", "-j"])
        )
        line += draw(st.sampled_from([[flag, odd], [f"{flag}={odd}"], [flag], [odd]]))
    return [*line, "--data=nowhere", "--dry-run"] if path == ("train",) and draw(st.integers(0, 9)) else line


def is_harmless(line):
    """Whether no training, no download and no look at a whole disk can come of it."""
    return len(line) > 0 and (line[0] != "train" or line[-1] == "--dry-run")


@settings(max_examples=LINES, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.filter_too_much])
@given(line=lines().filter(is_harmless))
def test_whatever_is_typed_gets_a_documented_code_and_one_sentence(gancli, line):
    answer = gancli(*line)
    assert answer.code in EXIT_CODES, (line, answer)
    assert "Traceback" not in answer.err + answer.out
    errors = [said for said in answer.err.splitlines() if said.startswith("Error:")]
    assert len(errors) == (answer.code != 0), (line, answer)


@settings(max_examples=WORDY, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(words=st.lists(st.sampled_from(ODD) | st.text(st.characters(exclude_characters="\0"), max_size=9), max_size=3))
def test_words_of_no_command_are_usage_errors(gancli, words):
    answer = gancli(*words)
    assert answer.code in (0, 2), (words, answer)
    assert "Traceback" not in answer.err + answer.out
    if answer.code == 0:
        assert answer.out.startswith(("Usage:", "gancli"))


def test_every_command_is_known_to_the_fuzz():
    assert {path[0] for path in COMMANDS if path} == set(main.cli.list_commands(None))
    assert ("runs", "prune") in COMMANDS
    assert all(len(flags) > 0 for flags in FLAGS.values())


def test_an_argument_of_a_hundred_thousand_signs_is_answered(gancli):
    for line in (
        ["x" * 100_000],
        ["train", f"--name={'x' * 100_000}", "--data=nowhere"],
        ["sample", "--seeds", "1," * 50_000],
    ):
        answer = gancli(*line)
        assert answer.code in (2, 3, 4)
        assert "Traceback" not in answer.err


def test_debug_shows_the_traceback_and_nothing_else_does(gancli, monkeypatch):
    monkeypatch.setattr(registry, "list_runs", lambda *_, **__: 1 / 0)
    plain, debug = gancli("runs"), gancli("--debug", "runs")
    assert (plain.code, debug.code) == (1, 1)
    assert "Traceback" not in plain.err
    assert "--debug shows a traceback" in plain.err
    assert "Traceback" in debug.err


@pytest.mark.parametrize("number", ["1" * 5000, "٣", "0" * 5000 + "3"], ids=["5000 digits", "an Arabic digit", "zeros"])
def test_odd_numbers_of_any_option_are_refused_in_a_short_sentence_or_taken(gancli, number):
    for path in filter(None, COMMANDS):
        for line in told_with_a_value(path):
            more = ["--data=nowhere", "--dry-run"] if path == ("train",) else []
            answer = gancli(*line, number, *more)
            assert answer.code in EXIT_CODES, (line, answer)
            assert len(answer.err) < 5000, line


@pytest.mark.parametrize(
    "line",
    [
        ["zvector-arith", "[{}]"],
        ["zvector-arith", "7 - {}"],
        ["train", "--data", "glyphs:{}"],
        ["train", "--data", "nowhere", "--warmup-loss", "minimax:{}"],
        ["train", "--model", "lapgan", "--data", "digits", "--sizes", "4,{}", "--dry-run"],
        ["train", "--model", "lapgan", "--data", "digits", "--level-steps", "4,{}", "--dry-run"],
        ["train", "--model", "vae", "--data", "digits", "--units", "4,{}", "--dry-run"],
        ["train", "--data", "digits", "--snapshots", "4,{}", "--dry-run"],
        ["train", "--data", "digits", "--set", "keep={}", "--dry-run"],
    ],
    ids=lambda line: " ".join(line[-3:]),
)
def test_numbers_inside_of_texts_are_bounded_too(gancli, line):
    answer = gancli(*[word.replace("{}", "1" * 5000) for word in line])
    assert answer.code in (2, 3, 4), answer
    assert "1" * 61 not in answer.err


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.json", '{"keep": %s}' % ("1" * 5000)),
        ("a.json", '{"keep": %s}' % ("1" * 4000)),
        ("a.json", '{"keep": [%s]}' % ("1" * 4000)),
        ("a.toml", f"keep = {'1' * 5000}"),
        ("a.toml", f"keep = 0x{'f' * 5000}"),
        ("a.toml", f"learning_rate = 0x{'f' * 5000}"),
        ("a.toml", f"data = [0x{'f' * 5000}]"),
    ],
)
def test_numbers_in_configurations_are_bounded(gancli, tmp_path, name, text):
    (tmp_path / name).write_text(text, encoding="utf-8")
    answer = gancli("train", "--config", name, "--data", "digits", "--dry-run")
    assert answer.code == 2, answer
    assert len(answer.err) < 500


def test_names_of_files_with_thousands_of_digits_or_foreign_ones_are_no_steps(run_path):
    run = Run(run_path)
    held = run.checkpoints()
    for name in ("step-٠٠٠٠٠٠٢١.h5", f"step-{'1' * 200}.h5", "step-²².h5", "step-.h5", "step--1.h5"):
        (run_path / "checkpoints" / name).write_bytes(b"")
    assert run.checkpoints() == held
    nines, thousands = f"a{'9' * 5000}", f"a1{'0' * 5000}"
    assert sorted([thousands, "a10", nines, "a010", "a2"], key=natural_key) == ["a2", "a010", "a10", nines, thousands]
