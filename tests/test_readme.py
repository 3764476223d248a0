"""The README: its commands do what it says, its file map is whole, its table of commands is the tool's own."""

import json
import re
import shlex
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from gancli import classifier, cli

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


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
    for name in cli.Commands().list_commands(None):
        rows.append(f"| `gancli {name}` | {cli._module(name).command.get_short_help_str(200)} |")
    return "\n".join(["| command | does |", "|---|---|", *rows])


def test_the_table_of_commands_is_fresh():
    assert command_table() in README, "make readme writes it anew"


def test_the_file_map_names_every_file():
    section = README.split("## File map")[1].split("\n## ")[0]
    for path in sorted((ROOT / "gancli").rglob("*.py")):
        name = path.relative_to(ROOT / "gancli")
        if path.name not in ("__init__.py", "__main__.py"):
            row = next(row for row in section.splitlines() if f"`{name.parts[0]}{'/' * (len(name.parts) > 1)}`" in row)
            assert f"`{name.name}`" in row, name


def test_the_table_of_promises_names_every_file_of_faults():
    section = README.split("## What is promised")[1].split("\n## ")[0]
    for path in sorted((ROOT / "tests" / "faults").glob("test_*.py")):
        assert f"`{path.name}`" in section, path.name


def test_every_picture_exists_and_every_link_leads_somewhere():
    for link in re.findall(r"\]\(([^)#]+)\)", README):
        if not link.startswith("http"):
            assert (ROOT / link).exists(), link
    assert not re.search("@[A-Z_]+@", README)  # a number not yet filled in


if __name__ == "__main__":
    fresh = re.sub(r"\| command \| does \|\n\|---\|---\|\n(\|.*\n)*", command_table() + "\n", README)
    (ROOT / "README.md").write_text(fresh, encoding="utf-8")
