"""Python blocks of README and docs run as they stand, the blocks of a page one after another in one process.

A comment in the line before a block takes it out, with the reason: <!-- not run: minutes of training -->.
"""

import ast
import json
import re
import subprocess

import pytest
from helpers import programs

from experiments import readmes

ROOT = readmes.ROOT
BLOCK = re.compile(r"^(?P<before>[^\n]*)\n+```python\n(?P<code>.*?)^```$", re.DOTALL | re.MULTILINE)
MOST_STEPS = 12  # of a training here; no page depends on how good its images are


def blocks(text):
    """The code of each Python block of a text, and the reason why it is not run, or an empty text."""
    for found in BLOCK.finditer(f"\n{text}"):
        reason = re.fullmatch(r"<!-- not run: (.+) -->", found["before"].strip())
        yield found["code"], reason[1] if reason else ""


def shorter(code):
    """The code with shorter trainings."""
    return re.sub(r"\bsteps=(\d[\d_]*)", lambda found: f"steps={few(int(found[1]))}", code)


def few(steps):
    """At most MOST_STEPS, and more of 30 than of 20, so that a resumed training still gets longer."""
    return min(steps, 8 + steps // 10, MOST_STEPS)


PAGES = {
    str(path.relative_to(ROOT)): list(blocks(path.read_text(encoding="utf-8")))
    for path in [*readmes.paths(), ROOT / "CHANGELOG.md"]
}
RUN = {page: [code for code, reason in found if not reason] for page, found in PAGES.items()}
RUN = {page: codes for page, codes in RUN.items() if codes}


@pytest.fixture(scope="module")
def failures(tmp_path_factory):
    """The traceback of each page that failed."""
    pages = {page: list(map(shorter, codes)) for page, codes in RUN.items()}
    command = programs.command("page_code", tmp_path_factory.mktemp("pages"))
    done = subprocess.run(command, input=json.dumps(pages), capture_output=True, text=True, env=programs.environment())
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("page", RUN)
def test_the_python_blocks_of_a_page_work(page, failures):
    assert page not in failures, failures[page]


@pytest.mark.parametrize("page", [page for page, found in PAGES.items() if found])
def test_blocks_that_are_not_run_have_a_reason_and_no_mistake_in_their_grammar(page):
    for code, reason in PAGES[page]:
        ast.parse(code)
        assert not reason or len(reason.split()) >= 3, reason


def test_blocks_and_reasons_are_found():
    text = "a\n```python\nb\n```\n\n<!-- not run: it takes long -->\n```python\nc\nd\n```\n```sh\ne\n```\n"
    assert list(blocks(text)) == [("b\n", ""), ("c\nd\n", "it takes long")]
    assert "README.md" in RUN
    assert shorter("train('dcgan', steps=1_500, max_steps=900); f(steps=6)") == (
        "train('dcgan', steps=12, max_steps=900); f(steps=6)"
    )
    assert few(20) < few(30)
