"""docs/findings.md: the questions of the scripts in findings/.

python -m experiments.findings_page            write (make readme)
python -m experiments.findings_page --check    fail if the page differs from the scripts
"""

from __future__ import annotations

import click

from experiments import markdown
from experiments.readmes import ROOT

PAGE = ROOT / "docs" / "findings.md"
TOP = """# Surprises of libraries and formats

Where TensorFlow, Keras and the libraries and formats of the field's data do something else than we had expected. Each
script names the versions, gives the answer, and demonstrates it: `bash findings/NAME.sh` installs the libraries in a
temporary folder and fails if their output has changed.
"""


def page() -> str:
    """The text of docs/findings.md."""
    rows = []
    for path in sorted((ROOT / "findings").glob("*.sh")):
        question = path.read_text(encoding="utf-8").split("\n")[1].removeprefix("# ")
        rows.append((markdown.cell(question.replace("<", "&lt;")), f"[{path.name}](../findings/{path.name})"))
    return "\n".join([TOP, *markdown.table(("question", "script with the answer"), rows), ""])


@click.command()
@click.option("--check", is_flag=True, help="Fail if the page differs, and change nothing.")
def main(check: bool) -> None:
    """Write docs/findings.md from the scripts."""
    markdown.write_file(PAGE, page(), "findings", check=check)


if __name__ == "__main__":
    main()
