"""docs/plugins.md: its files are those of the example package in tests, and its code runs where that is installed."""

import re
import sys
from pathlib import Path

import pytest

from gancli.models import plugins

PAGE = Path(__file__).parents[2] / "docs" / "plugins.md"
PACKAGE = Path(__file__).parents[1] / "helpers" / "example_package"
BLOCK = re.compile(r"```(\w+)\n(.*?)```", re.DOTALL)


def blocks(kind):
    return [text for one, text in BLOCK.findall(PAGE.read_text(encoding="utf-8")) if one == kind]


def test_the_files_of_the_page_are_those_of_the_example_package():
    model = (PACKAGE / "src" / "example_gan" / "__init__.py").read_text(encoding="utf-8")
    assert blocks("python")[0] == model
    assert model.count("\n") <= 62
    assert blocks("toml") == [(PACKAGE / "pyproject.toml").read_text(encoding="utf-8")]


@pytest.fixture
def _installed(monkeypatch, tmp_path):
    """The example package as pip installs it: its module, and a dist-info with the entry point."""
    info = tmp_path / "site" / "example_gan-0.1.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: example-gan\nVersion: 0.1\n", encoding="utf-8")
    text = "[gancli.models]\nexample = example_gan:ExampleGAN\n"
    (info / "entry_points.txt").write_text(text, encoding="utf-8")
    monkeypatch.setattr(plugins, "_registered", {})
    monkeypatch.setattr(plugins, "_packages", {})
    monkeypatch.delitem(sys.modules, "example_gan", raising=False)
    monkeypatch.setattr(sys, "path", [str(info.parent), str(PACKAGE / "src"), *sys.path])
    monkeypatch.chdir(tmp_path)
    plugins._entry_points.cache_clear()
    yield
    plugins._entry_points.cache_clear()


@pytest.mark.usefixtures("_installed")
def test_the_code_and_the_commands_of_the_page_run(gancli):
    names: dict[str, object] = {"__name__": "__main__"}
    for code in blocks("python")[1:]:
        exec(code.replace("500", "4").replace("502", "6"), names)
    assert names["pixels"].shape == (4, 8, 8, 1)
    assert names["wide"].model_name == "wide-gan"
    lines = [line[2:] for text in blocks("console") for line in text.splitlines()]
    commands = [line.split()[1:] for line in lines if line.startswith("gancli ")]
    assert len(commands) == 5 and len(lines) == 6
    for words in commands:
        answer = gancli(*(word.replace("500", "4") for word in words))
        assert (answer.code, answer.out != "") == (0, True), (words, answer.err)
