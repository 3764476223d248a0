"""The README: its commands do what it says, its file map is whole, its table of commands is the tool's own."""

import importlib.util
import json
import re
import shlex
import subprocess
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from gancli.cli import main
from gancli.evaluation import classifier

ROOT = Path(__file__).parents[2]
FAULTS = ROOT / "tests" / "faults"
README = (ROOT / "README.md").read_text(encoding="utf-8")
EXPERIMENTS = (ROOT / "experiments" / "README.md").read_text(encoding="utf-8")


def of_file(path):
    """The module in a file."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


results = of_file(ROOT / "experiments" / "results.py")


@pytest.fixture(scope="module")
def evening(tmp_path_factory):
    """An empty folder in which the README's first commands are run one after another."""
    return tmp_path_factory.mktemp("evening")


def test_the_first_evening_s_commands_work_on_the_bundled_digits(gancli, evening, monkeypatch):
    """The commands of the section "A first evening", with a shorter training."""
    section = re.search(r"## A first evening.*?```sh\n(.*?)```", README, re.DOTALL)[1]
    lines = [shlex.split(line, comments=True)[1:] for line in section.splitlines() if line.startswith("gancli")]
    assert [line[0] for line in lines] == ["train", "sample", "sample", "interpolate", "zvector-arith", "eval-parzen"]
    monkeypatch.chdir(evening)
    monkeypatch.setattr(classifier, "LEAST_STEPS", 300)  # in each of three trainings
    for line in lines:
        if line[0] == "train":
            line = [word if word != "mnist" else "digits" for word in line] + ["--steps", "1500"]
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


def command_table() -> str:
    """The README's table of commands, from the commands themselves."""
    rows = []
    for name in main.cli.list_commands(None):
        rows.append(f"| `gancli {name}` | {main._module(name).command.get_short_help_str(200)} |")
    return "\n".join(["| command | does |", "|---|---|", *rows])


def test_the_table_of_commands_is_fresh():
    assert command_table() in README, "make readme writes it anew"


def test_the_table_of_packages_names_all_in_order():
    table = README.partition("Ten packages")[2].partition("\n\n\n")[0]
    named = re.findall(r"^\| `(\w+)/` \|", table, re.MULTILINE)
    order = (ROOT / "setup.cfg").read_text().partition("layers =")[2].split("\n\n")[0].split()
    assert [f"gancli.{name}" for name in named] == order
    there = {path.parent.name for path in (ROOT / "gancli").glob("*/__init__.py")}
    assert {*named} == there


def test_the_table_of_promises_names_every_file_of_faults():
    section = README.split("## What is promised")[1].split("\n## ")[0]
    for path in sorted((ROOT / "tests" / "faults").glob("test_*.py")):
        assert f"`{path.name}`" in section, path.name


def test_every_picture_exists_and_every_link_leads_somewhere():
    for link in re.findall(r"\]\(([^)#]+)\)", README):
        if not link.startswith("http"):
            assert (ROOT / link).exists(), link
    assert not re.search("@[A-Z_]+@", README)  # a number not yet filled in


# --- numbers


def counts(*, faults=None):
    """What the README counts, by its name there. faults: how many tests each file of faults holds; as the README says
    if not given."""
    values = of_file(FAULTS / "test_values.py")
    bad = 2 * sum(len(list(values.bad_texts(field))) for _, field in values.CASES)  # as a flag, and with --set
    if faults is None:
        said = {name: int(number.replace(",", "")) for name, number in results.COUNT.findall(README)}
    else:
        said = {"faults": sum(faults.values()), **faults}
    return said | {"options": len(values.CASES), "bad values": bad}


@pytest.mark.parametrize("text", [README, EXPERIMENTS], ids=["README.md", "experiments/README.md"])
def test_numbers_are_those_of_the_results(text):
    assert results.filled(text, counts()) == text, "make readme copies them"


def test_the_numbers_of_faults_are_counted(request):
    found = Counter(item.path for item in request.session.items if FAULTS in item.path.parents)
    if set(found) != set(FAULTS.glob("test_*.py")):
        pytest.skip("the tests of faults are not all in this session")
    fresh = counts(faults={path.stem: number for path, number in found.items()})
    assert results.filled(README, fresh) == README, "make readme counts them"


def test_each_file_of_a_result_is_its_other_one_s():
    for name in results.names():
        written = (ROOT / "experiments" / f"{name}.md").read_text(encoding="utf-8")
        assert written == results.rendered(results.read(name)), f"python experiments/results.py --adopt {name}"
        for record in results.read(name)["made"]:
            assert {"command", "date", "machine", "versions", "beside_other_work"} <= record.keys()
            assert re.fullmatch(r"20\d\d-\d\d(-\d\d)?", record["date"])
    pages = {str(path.relative_to(ROOT / "experiments").with_suffix("")) for path in ROOT.glob("experiments/*/*.md")}
    assert pages == set(results.names())


def test_every_result_is_copied_or_named_somewhere():
    for name in results.names():
        marked = re.search(rf"<!-- (table: )?{name}[ ;]", README + EXPERIMENTS)
        assert marked or f"({name}.md)" in EXPERIMENTS or f"(experiments/{name}.md)" in README, name


def test_every_row_under_results_comes_from_a_result():
    section = README.split("\n## Results")[1].split("\n## ")[0]
    rest = results.TABLE.sub("", section)
    for row in (line for line in rest.splitlines() if line.startswith("|")):
        ours = row.strip().strip("|").rpartition("|")[2]
        assert "<!-- " in ours or not re.search(r"\d", ours), row


@pytest.mark.parametrize("text", [README, EXPERIMENTS], ids=["README.md", "experiments/README.md"])
def test_marks_do_not_show(text):
    """A line of text that began with a comment would be taken for HTML; and two dashes may not stand in one."""
    for line in re.sub(r"```.*?```", "", text, flags=re.DOTALL).splitlines():
        assert not line.startswith("<!--") or re.fullmatch(r"<!-- (table: [\w/-]+( \d+)?|end) -->", line), line
        assert not any("--" in inside for inside in re.findall(r"<!--(.*?)-->", line)), line


@pytest.fixture
def kept(tmp_path, monkeypatch):
    """A function that keeps a table as a result in an empty folder, and gives the result."""
    monkeypatch.setattr(results, "HERE", tmp_path)
    monkeypatch.setattr(sys, "argv", ["experiments/some.py", "--faces", "/a/b/faces.zip"])

    def keep(rows, **more):
        head = ["model", "Fréchet distance, features", "share"]
        results.keep("some", "table", f"What it is.\n\n{results.table(head, rows)}", **more)
        return results.read("some/table")

    return keep


def test_a_result_is_kept_with_the_command_the_date_the_machine_and_its_rows(kept, tmp_path, monkeypatch):
    first = kept([["`cgan`", "1.25 ± 0.50", "97.3%"], ["`wgan --k 5`", "2.00", ""]])
    (record,) = first["made"]
    assert record["command"].endswith("some.py --faces faces.zip")
    assert record["beside_other_work"] is False
    assert record["machine"]["cores"] >= 1
    assert record["versions"].keys() == {"python", "tensorflow", "keras", "gancli"}
    assert first["parts"][0] == "What it is."
    assert first["parts"][1]["rows"][0] == {"cells": ["`cgan`", "1.25 ± 0.50", "97.3%"], "made": 0}
    monkeypatch.setenv(results.BESIDE, "1")
    both = kept([["`wgan --k 5`", "1.50", ""], ["new", "9", "1%"]], update=True)
    assert [row["cells"][:2] for row in both["parts"][1]["rows"]] == [
        ["`cgan`", "1.25 ± 0.50"],
        ["`wgan --k 5`", "1.50"],
        ["new", "9"],
    ]
    assert [row["made"] for row in both["parts"][1]["rows"]] == [0, 1, 1]
    assert [record["beside_other_work"] for record in both["made"]] == [False, True]
    assert "beside other work: `wgan --k 5`, new" in (tmp_path / "some" / "table.md").read_text(encoding="utf-8")
    assert len(kept([["`cgan`", "3", ""]])["parts"][1]["rows"]) == 1  # without update all rows are anew


def test_what_is_marked_is_copied_and_a_number_that_differs_is_found(kept):
    kept([["`cgan`", "1.25 ± 0.50", "97.3% of 10"], ["`wgan --k 5`", "2.00", ""]])
    text = "a <!-- some/table; cgan; Fréchet -->0<!-- end -->, <!-- some/table; wgan k 5; Fréchet; 0 -->0<!-- end -->"
    text += " <!-- some/table; cgan; share; 1 -->0<!-- end --> <!-- count: things -->0<!-- end -->\n"
    text += "<!-- table: some/table -->\nold\n<!-- end -->\n"
    found = results.filled(text, {"things": 1234})
    assert [line for line in re.sub(r"<!-- .*? -->", "", found).splitlines() if line] == [
        "a 1.25 ± 0.50, 2.00 10 1,234",
        "| model | Fréchet distance, features | share |",
        "| --- | --- | --- |",
        "| `cgan` | 1.25 ± 0.50 | 97.3 % of 10 |",
        "| `wgan --k 5` | 2.00 |  |",
    ]
    assert results.filled(found, {"things": 1234}) == found
    changed = found.replace("97.3 %", "97.4 %")
    assert results.filled(changed, {"things": 1234}) == found
    for bad in ("cgan; nothing", "gan; Fréchet", "cgan; share; 2"):
        with pytest.raises(LookupError):
            results.filled(f"<!-- some/table; {bad} -->0<!-- end -->", {})


def test_a_table_that_was_changed_by_hand_is_adopted(kept, tmp_path):
    kept([["`cgan`", "1", ""], ["`wgan`", "2", ""]])
    path = tmp_path / "some" / "table.md"
    path.write_text(path.read_text(encoding="utf-8").replace("| 2 |", "| 3 |"), encoding="utf-8")
    assert path.read_text(encoding="utf-8") != results.rendered(results.read("some/table"))
    result = results.adopt("some/table", note="by hand")
    assert [(row["cells"][1], row["made"]) for row in result["parts"][1]["rows"]] == [("1", 0), ("3", 1)]
    assert [record.get("note") for record in result["made"]] == [None, "by hand"]


if __name__ == "__main__":
    collected = subprocess.run(
        [sys.executable, "-m", "pytest", "--collect-only", "-qq", FAULTS], capture_output=True, text=True, check=True
    )
    lines = (line.rpartition(": ") for line in collected.stdout.splitlines() if ".py: " in line)
    faults = {Path(path).stem: int(number) for path, _, number in lines}
    fresh = re.sub(r"\| command \| does \|\n\|---\|---\|\n(\|.*\n)*", command_table() + "\n", README)
    for path, text in ((ROOT / "README.md", fresh), (ROOT / "experiments" / "README.md", EXPERIMENTS)):
        path.write_text(results.filled(text, counts(faults=faults)), encoding="utf-8")
