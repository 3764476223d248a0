"""docs/evaluate.md: its table is the table of metrics, its code runs, and prints what the page says."""

import contextlib
import io
import re
from pathlib import Path

from gancli.evaluation.metric_table import METRICS
from gancli.evaluation.metric_table.lookup import ALIASES, COMMANDS
from gancli.evaluation.metric_table.scoring import options_of

PAGE = Path(__file__).parents[2] / "docs" / "evaluate.md"
NUMBER = re.compile(r"[-+]?\d[\d.,]*(e[-+]?\d+)?")
BLOCK = re.compile(r"```(python|text)\n(.*?)```", re.DOTALL)


def rows():
    """The lines of the table."""
    for name, metric in METRICS.items():
        options = ", ".join(f"`{one}`" for one in options_of(name)) or "none"
        cells = (f"`{name}`", metric.needs, metric.summary, metric.better or "neither")
        yield f"| {' | '.join(cells)} | `{COMMANDS[metric.measurement]}` | {options} |"


def test_the_table_is_that_of_the_metrics():
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if line.startswith("| `")] == list(rows())
    assert {metric.measurement for metric in METRICS.values()} == COMMANDS.keys()


def test_all_other_names_are_listed():
    text = " ".join(PAGE.read_text(encoding="utf-8").split())
    assert "Other names: " + ", ".join(f"`{name}` for `{one}`" for name, one in ALIASES.items()) + "." in text


def test_the_code_of_the_page_prints_lines_of_this_form():
    """With fewer steps, so that the numbers differ."""
    names: dict[str, object] = {}
    blocks = BLOCK.findall(PAGE.read_text(encoding="utf-8"))
    for (kind, code), (next_kind, shown) in zip(blocks, [*blocks[1:], ("", "")], strict=True):
        if kind == "python":
            printed = io.StringIO()
            with contextlib.redirect_stdout(printed):
                exec(code.replace("steps=300", "steps=4, width=4"), names)
            if next_kind == "text":
                lines, promised = printed.getvalue().splitlines(), shown.splitlines()
                assert [NUMBER.sub("#", line).split() for line in lines] == [
                    NUMBER.sub("#", line).split() for line in promised
                ]
    assert names["noise"]["fid"] > names["noise"].real["fid"]
