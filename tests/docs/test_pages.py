"""The pages that are generated are fresh and complete, and the site and the README have what they promise."""

import configparser
import re

import pytest

from experiments import command_pages, findings_page, model_pages, package_picture, readmes
from gancli import models
from gancli.cli import main as entry
from gancli.models import capabilities

ROOT = readmes.ROOT
DOCS = ROOT / "docs"
MOST = 12_288  # bytes of the README


@pytest.mark.parametrize("generator", [command_pages, model_pages], ids=lambda module: module.__name__.split(".")[-1])
def test_generated_pages_are_fresh(generator):
    old = {path: path.read_text(encoding="utf-8") for path in generator.FOLDER.glob("*.md") if path.name != "index.md"}
    fresh = generator.pages()
    assert fresh.keys() == old.keys()
    assert [path.name for path in fresh if fresh[path] != old[path]] == [], "make readme writes them"


def test_the_pages_of_findings_and_the_picture_of_packages_are_fresh():
    assert findings_page.PAGE.read_text(encoding="utf-8") == findings_page.page(), "make readme writes it"
    assert package_picture.PICTURE.read_text(encoding="utf-8") == package_picture.picture(), "make readme draws it"


def test_packages_import_only_those_below():
    """The picture has a dot for what really is imported, and none left of the diagonal."""
    order, pairs = package_picture.packages(), package_picture.imports()
    assert {name for pair in pairs for name in pair} == set(order)
    assert all(order.index(upper) < order.index(lower) for upper, lower in pairs)
    assert {("cli", "core"), ("models", "nn"), ("training", "runs")} <= pairs
    assert ("nn", "models") not in pairs


def test_every_page_of_a_model_has_all_parts_in_one_order():
    parts = ["## Command", "## Options", "## Logged numbers", "## Differences from the paper", "## Results"]
    for name in models.names():
        text = (model_pages.FOLDER / f"{name}.md").read_text(encoding="utf-8")
        assert [line for line in text.splitlines() if line in parts] == parts, name
        results = text.partition("## Results\n")[2]
        assert "<!-- " in results or results.strip().startswith("Not measured."), name


def test_the_commands_on_the_page_of_a_model_are_those_that_need_its_capabilities():
    """Each exists and names the capability in its file, and each command that uses a run is on some page."""
    known = set(entry.cli.list_commands(None))
    for ability, names in model_pages.USES.items():
        assert set(names.split()) <= known
        for name in names.split():
            source = ROOT / "gancli" / "cli" / "commands" / f"{name.replace('-', '_')}.py"
            is_default = ability is capabilities.Decoder or name == "eval-probe"
            assert is_default or ability.__name__ in source.read_text(encoding="utf-8"), name
    listed = {name for names in model_pages.USES.values() for name in names.split()} | {"eval-captions"}
    listed |= known & {*model_pages.FOR_ALL}
    without_run = {"completion", "data", "doctor", "models", "runs", "train"}
    assert listed | without_run == known


def test_the_table_of_models_names_each():
    for page, prefix in ((DOCS / "models" / "index.md", ""), (ROOT / "README.md", "docs/models/")):
        text = page.read_text(encoding="utf-8")
        for name in models.names():
            assert f"[{name}]({prefix}{name}.md)" in text, (page.name, name)


def test_every_score_has_a_row_with_its_recipe():
    text = (DOCS / "scores.md").read_text(encoding="utf-8")
    for name in entry.cli.list_commands(None):
        if name.startswith("eval-"):
            assert f"| [gancli {name}](commands/{name}.md#details) |" in text, name
            assert "\n## Details\n" in (command_pages.FOLDER / f"{name}.md").read_text(encoding="utf-8")


def test_every_tutorial_is_listed():
    index = (DOCS / "tutorials" / "index.md").read_text(encoding="utf-8")
    for path in (DOCS / "tutorials").glob("*.md"):
        assert path.name == "index.md" or f"]({path.name})" in index, path.name


def test_the_readme_is_short():
    assert len((ROOT / "README.md").read_bytes()) < MOST


def test_the_build_of_docs_is_part_of_ci_and_its_tools_are_an_extra():
    settings = configparser.ConfigParser()
    settings.read(ROOT / "setup.cfg", encoding="utf-8")
    extras = settings["options.extras_require"]
    assert {"sphinx", "myst-parser", "sphinx-design", "furo"} == {
        line.split(">=")[0] for line in extras["docs"].split("\n") if line
    }
    assert re.search(r"^make .*\bdocs\b", (ROOT / ".ci" / "run").read_text(encoding="utf-8"), re.MULTILINE)
    assert "--fail-on-warning" in (ROOT / "Makefile").read_text(encoding="utf-8")
