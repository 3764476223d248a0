"""README and docs: their commands work, their numbers are those of the results, their tables are complete."""

import ast
import contextlib
import functools
import json
import re
import shlex
import sys
from collections import Counter
from pathlib import Path

import click
import numpy as np
import pytest
from PIL import Image

from experiments import readmes, results
from gancli import models
from gancli.cli import main as entry
from gancli.evaluation import classifier_kinds

ROOT, FAULTS = readmes.ROOT, readmes.FAULTS
TEXTS = {str(path.relative_to(ROOT)): path.read_text(encoding="utf-8") for path in readmes.paths()}
README = TEXTS["README.md"]


@pytest.fixture(scope="module")
def evening(tmp_path_factory):
    """An empty folder in which the first commands are run one after another."""
    return tmp_path_factory.mktemp("evening")


def quick_start(text):
    """The commands of the section, each a list of words without `gancli`."""
    section = re.search(r"## Quick start.*?```sh\n(.*?)```", text, re.DOTALL)[1]
    return [shlex.split(line, comments=True)[1:] for line in section.splitlines() if line.startswith("gancli")]


def test_the_first_evening_s_commands_work_on_the_bundled_digits(gancli, evening, monkeypatch):
    """The commands of the sections "Quick start", with a shorter training."""
    lines, short = (quick_start(TEXTS[name]) for name in ("docs/getting-started.md", "README.md"))
    assert short == [line for line in lines if line in short]
    assert len(short) == 5
    assert [line[0] for line in lines] == ["train", "sample", "sample", "interpolate", "zvector-arith", "eval-parzen"]
    monkeypatch.chdir(evening)
    monkeypatch.setenv("GANCLI_CACHE", str(evening / "cache"))  # other tests train worse classifiers of the same digits
    monkeypatch.setattr(classifier_kinds, "MIN_STEPS", 300)  # in each of three trainings
    for line in lines:
        if line[0] == "train":
            line = [word if word != "mnist" else "digits" for word in line] + ["--steps", "1000"]
        answer = gancli(*line, "--json")
        assert answer.code == 0, answer.err
        result = json.loads(answer.out)
        if line[0] == "train":
            assert result["state"] == "finished"
        elif "--digit" in line:
            assert result["class"] == "7"
            assert result["kept"] == result["images"] <= result["drawn"]
            assert result["classifier"]["test_accuracy"] > 0.9
            assert result["estimated_error"] is None or result["estimated_error"] <= result["error_bound"]
        elif line[0] == "interpolate":
            assert Image.open(result["out"]).width > 5 * Image.open(result["out"]).height
        elif line[0] == "zvector-arith":
            assert [term["term"] for term in result["terms"]] == ["7", "1", "4"]
            assert [len(term["seeds"]) for term in result["terms"]] == [3, 3, 3]
            assert set(result["read_as"]) <= set("0123456789")
        elif line[0] == "eval-parzen":
            assert np.isfinite(result["mean"])
            assert result["test_images"] == 297


def test_the_table_of_commands_is_fresh():
    assert readmes.command_table() in TEXTS["docs/commands/index.md"], "make readme updates it"


def test_the_table_of_packages_names_all_in_order():
    table = TEXTS["docs/architecture.md"].partition("## Packages")[2].partition("\n## ")[0]
    named = re.findall(r"^\| `(\w+)/` \|", table, re.MULTILINE)
    order = (ROOT / "setup.cfg").read_text().partition("layers =")[2].split("\n\n")[0].split()
    assert [f"gancli.{name}" for name in named] == order
    there = {path.parent.name for path in (ROOT / "gancli").glob("*/__init__.py")}
    assert {*named} == there


def test_the_table_of_promises_names_every_file_of_faults():
    section = TEXTS["docs/reliability.md"]
    for path in sorted((ROOT / "tests" / "faults").glob("test_*.py")):
        assert f"`{path.name}`" in section, path.name


@pytest.mark.parametrize("name", TEXTS)
def test_every_number_is_filled_in(name):
    assert not re.search("@[A-Z_]+@", TEXTS[name])


def test_the_index_names_every_experiment():
    folders = {path.parent.name for path in (ROOT / "experiments").glob("*/README.md")}
    assert {*re.findall(r"\]\((\w+)/README\.md\)", TEXTS["experiments/README.md"])} == folders
    assert folders >= {path.parent.name for path in (ROOT / "experiments").glob("*/*.py")}


def test_commands_of_experiments_are_those_of_scripts():
    texts = [*TEXTS.values(), *((ROOT / "experiments" / f"{name}.md").read_text() for name in results.names())]
    for text in texts:
        assert not re.search(r"python experiments/(?!benchmarks/digests)", text)
        for module in re.findall(r"python -m (experiments\.[\w.]+)", text):
            assert (ROOT / f"{module.replace('.', '/')}.py").exists(), module


# --- commands


def known_options():
    """The option names of each command, by its words."""
    found = {}

    def visit(command, words):
        found[words] = {name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)}
        if isinstance(command, click.Group):
            context = click.Context(command)
            for name in command.list_commands(context):
                visit(command.get_command(context, name), (*words, name))

    visit(entry.cli, ())
    return found


@pytest.fixture
def options_of(gancli):
    """A function that gives the flags of train for a model, as its help lists them."""

    @functools.cache
    def flags(model):
        if model.endswith(".py") and not Path(model).exists():
            assert gancli("models", "new", model).code == 0
        answer = gancli("train", "--model", model, "--help")
        assert answer.code == 0, answer.err
        return {*re.findall(r"--[a-z][a-z0-9-]*", answer.out)}

    return flags


def quoted_commands(text):
    """The gancli commands in a Markdown text, each a list of words without `gancli`."""
    blocks = re.findall(r"```sh\n(.*?)```", text, re.DOTALL)
    lines = [line for block in blocks for line in block.replace("\\\n", "").splitlines()]
    spans = re.findall(r"`(gancli [^`]+)`", re.sub(r"```.*?```", "", text, flags=re.DOTALL))
    for line in (*lines, *spans):
        for part in re.findall(r"(?:^|[\s'|])gancli (.*)", " ".join(line.split())):
            lexer = shlex.shlex(part.replace("$(", "(").rstrip("'"), posix=True, punctuation_chars=False)
            lexer.whitespace_split, lexer.commenters, lexer.quotes = True, "#", "\"'"
            with contextlib.suppress(ValueError):  # a quotation mark of the sentence around it
                yield list(lexer)


MARKDOWN = TEXTS | {f"{name}.md": (results.HERE / f"{name}.md").read_text(encoding="utf-8") for name in results.names()}


@pytest.mark.parametrize("name", MARKDOWN)
def test_quoted_commands_exist_with_their_options(name, options_of):
    known = known_options()
    for words in quoted_commands(MARKDOWN[name]):
        if words[0] == "models" and words[1:] and tuple(words[:2]) not in known:
            words.insert(1, "show")  # its default command
        at = max((len(path) for path in known if tuple(words[: len(path)]) == path), default=0)
        assert at or words[0].startswith("-") or words[0] in ("NAME", "TAB", "trian"), words
        there = known[tuple(words[:at])] | {"--TAB", "--nothing", "--help"}  # the second is a mistake that is timed
        if words[0] == "train":
            there |= options_of(words[words.index("--model") + 1] if "--model" in words else "dcgan")
        for word in words[at:]:
            option = word.partition("=")[0]
            assert not re.fullmatch("--[a-z][a-z0-9-]*", option) or option in there, (option, words)


def test_options_in_scripts_of_experiments_exist(options_of):
    everything = set().union({"--help"}, *known_options().values(), *map(options_of, models.names()))
    for path in sorted(results.HERE.glob("*/*.py")):
        text = path.read_text(encoding="utf-8")
        own = {*re.findall(r'@click\.option\(\s*"(--[\w-]+)"', text)}
        for option in re.findall(r'"(--[a-z][\w-]*)"', text):
            assert option in everything | own, (path.parent.name, option)


def test_calls_of_gancli_in_scripts_use_options_of_their_command():
    known = known_options()
    for path in sorted(results.HERE.glob("*/run.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "gancli" and node.args:
                words = [getattr(word, "value", None) for word in node.args]
                there = known.get(tuple(words[:2])) or known.get(tuple(words[:1]))
                for word in words[1:] if there else ():
                    assert not str(word).startswith("--") or word in there, (path.parent.name, words[0], word)


def test_the_example_of_a_model_is_lsgan():
    source = (ROOT / "gancli" / "models" / "lsgan.py").read_text(encoding="utf-8")
    example = TEXTS["docs/adding-a-model.md"].split("```python\n")[1].split("```")[0]
    for line in example.splitlines():
        assert line.partition("  #")[0].strip() in source, line


# --- numbers


@pytest.mark.parametrize("name", TEXTS)
def test_numbers_are_those_of_the_results(name):
    assert readmes.filled(TEXTS[name], readmes.counts(TEXTS[name])) == TEXTS[name], "make readme copies them"


def test_the_numbers_of_faults_are_counted(request):
    found = Counter(item.path for item in request.session.items if FAULTS in item.path.parents)
    if set(found) != set(FAULTS.glob("test_*.py")):
        pytest.skip("the tests of faults are not all in this session")
    text = TEXTS["docs/reliability.md"]
    fresh = readmes.counts(text, faults={path.stem: number for path, number in found.items()})
    assert readmes.filled(text, fresh) == text, "make readme counts them"


def test_both_files_of_a_result_agree():
    for name in results.names():
        written = (ROOT / "experiments" / f"{name}.md").read_text(encoding="utf-8")
        assert written == results.render(results.read(name)), f"python -m experiments.readmes --adopt {name}"
        for made in results.read(name)["made"]:
            assert {"command", "date", "machine", "versions", "beside_other_work"} <= made.keys()
            assert re.fullmatch(r"20\d\d-\d\d(-\d\d)?", made["date"])
    assert results.pages() == results.names()


def test_every_result_is_copied_or_linked_somewhere():
    for name in results.names():
        folder, _, page = name.partition("/")
        marked = any(re.search(rf"<!-- (table: )?{name}[ ;]", text) for text in TEXTS.values())
        assert marked or f"({page}.md)" in TEXTS[f"experiments/{folder}/README.md"], name


@pytest.mark.parametrize("name", ["README.md", "docs/results.md"])
def test_every_row_under_results_comes_from_a_result(name):
    section = TEXTS[name].split("\n## Results")[-1] if name == "README.md" else TEXTS[name]
    rest = readmes.TABLE.sub("", section.split("\n## Documentation")[0])
    for row in (line for line in rest.splitlines() if line.startswith("|")):
        ours = row.strip().strip("|").rpartition("|")[2]
        assert "<!-- " in ours or not re.search(r"\d", ours), row


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_marks_do_not_show(text):
    """A line of text that began with a comment would be taken for HTML; and two dashes may not stand in one."""
    for line in re.sub(r"```.*?```", "", text, flags=re.DOTALL).splitlines():
        shown = line.lstrip().startswith("<!--")  # also in a list
        assert not shown or re.fullmatch(r"<!-- (table: [\w/-]+( \d+)?|end|not run: .+) -->", line), line
        assert not any("--" in inside for inside in re.findall(r"<!--(.*?)-->", line)), line


@pytest.fixture
def saved(tmp_path, monkeypatch):
    """A function that saves a table as a result in an empty folder, and returns the result."""
    monkeypatch.setattr(results, "HERE", tmp_path)
    monkeypatch.setattr(sys, "argv", ["/elsewhere/some.py", "--faces", "/a/b/faces.zip"])

    def save(rows, **more):
        head = ["model", "Fréchet distance, features", "share"]
        results.save("some", "table", f"What it is.\n\n{results.table(head, rows)}", **more)
        return results.read("some/table")

    return save


def test_a_result_is_kept_with_the_command_the_date_the_machine_and_its_rows(saved, tmp_path, monkeypatch):
    first = saved([["`cgan`", "1.25 ± 0.50", "97.3%"], ["`wgan --k 5`", "2.00", ""]])
    (record,) = first["made"]
    assert record["command"].endswith("some.py --faces faces.zip")
    assert record["beside_other_work"] is False
    assert record["machine"]["cores"] >= 1
    assert record["versions"].keys() == {"python", "tensorflow", "keras", "gancli"}
    assert first["parts"][0] == "What it is."
    assert first["parts"][1]["rows"][0] == {"cells": ["`cgan`", "1.25 ± 0.50", "97.3%"], "made": 0}
    monkeypatch.setenv(results.BUSY, "1")
    both = saved([["`wgan --k 5`", "1.50", ""], ["new", "9", "1%"]], update=True)
    assert [row["cells"][:2] for row in both["parts"][1]["rows"]] == [
        ["`cgan`", "1.25 ± 0.50"],
        ["`wgan --k 5`", "1.50"],
        ["new", "9"],
    ]
    assert [row["made"] for row in both["parts"][1]["rows"]] == [0, 1, 1]
    assert [record["beside_other_work"] for record in both["made"]] == [False, True]
    assert "other jobs running: `wgan --k 5`, new" in (tmp_path / "some" / "table.md").read_text(encoding="utf-8")
    assert len(saved([["`cgan`", "3", ""]])["parts"][1]["rows"]) == 1  # without update all rows are anew


def test_what_is_marked_is_copied_and_a_number_that_differs_is_found(saved):
    saved([["`cgan`", "1.25 ± 0.50", "97.3% of 10"], ["`wgan --k 5`", "2.00", ""]])
    text = "a <!-- some/table; cgan; Fréchet -->0<!-- end -->, <!-- some/table; wgan k 5; Fréchet; 0 -->0<!-- end -->"
    text += " <!-- some/table; cgan; share; 1 -->0<!-- end --> <!-- count: things -->0<!-- end -->\n"
    text += "<!-- table: some/table -->\nold\n<!-- end -->\n"
    found = readmes.filled(text, {"things": 1234})
    assert [line for line in re.sub(r"<!-- .*? -->", "", found).splitlines() if line] == [
        "a 1.25 ± 0.50, 2.00 10 1,234",
        "| model | Fréchet distance, features | share |",
        "| --- | --- | --- |",
        "| `cgan` | 1.25 ± 0.50 | 97.3 % of 10 |",
        "| `wgan --k 5` | 2.00 |  |",
    ]
    assert readmes.filled(found, {"things": 1234}) == found
    changed = found.replace("97.3 %", "97.4 %")
    assert readmes.filled(changed, {"things": 1234}) == found
    for bad in ("cgan; nothing", "gan; Fréchet", "cgan; share; 2"):
        with pytest.raises(LookupError):
            readmes.filled(f"<!-- some/table; {bad} -->0<!-- end -->", {})


def test_a_table_that_was_changed_by_hand_is_adopted(saved, tmp_path):
    saved([["`cgan`", "1", ""], ["`wgan`", "2", ""]])
    path = tmp_path / "some" / "table.md"
    path.write_text(path.read_text(encoding="utf-8").replace("| 2 |", "| 3 |"), encoding="utf-8")
    assert path.read_text(encoding="utf-8") != results.render(results.read("some/table"))
    result = results.adopt("some/table", note="by hand")
    assert [(row["cells"][1], row["made"]) for row in result["parts"][1]["rows"]] == [("1", 0), ("3", 1)]
    assert [record.get("note") for record in result["made"]] == [None, "by hand"]
