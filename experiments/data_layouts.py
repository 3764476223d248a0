"""docs/data.md: every layout of data that gancli recognizes, written from the recognizers themselves.

python -m experiments.data_layouts            write (make readme)
python -m experiments.data_layouts --check    fail if the page differs from the recognizers
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from types import ModuleType

import click

from experiments import markdown
from gancli.data import layouts, named_sources
from gancli.data.catalog.table import CHOICE, KNOWN

PAGE = Path(__file__).resolve().parent.parent / "docs" / "data.md"
SECTIONS = {
    "arrays": "Arrays of pixels",
    "records": "Records of encoded pictures",
    "expansion": "Medical images and stacks",
    "folders": "Folders and names of pictures",
    "tables": "Tables beside pictures",
    "maps": "Pictures with label maps",
    "sentences": "Texts",
}
TOP = """# Data

Written by `python -m experiments.data_layouts` from the recognizers in `gancli/data/layouts`; edit those.

`--data` takes a name, a file, a folder or an archive (`.zip`, `.tar`, `.tar.gz` and the like, read without unpacking).
`gancli data check DATA` prints what it is recognized as: its layout, parts (train, validation, test), columns and
classes, what was guessed, changed and left out, and every bad file. From Python, `gancli.data.inspect(DATA)` returns
the same before anything is decoded.

Arrays, records and texts are data sets of their own: the first layout that knows the files reads them. Pictures in
folders and archives may have several layouts, such as CelebA's attributes and its official split. Each adds what it
knows, in this order: originals among low-resolution copies, label maps, domains, labels, official splits, folders,
attributes, captions, labels in names. What one has set, later ones leave as it is.

In the tables, `PATH:WORD` is the value of `--data` that chooses one of several sets in the same files, such as
`gzip.zip:letters`.
"""
KNOWN_TOP = """The sets below are not downloaded. Their files are found in the data folder (`--data-dir`,
`GANCLI_DATA`), in `./data` (torchvision), and in the caches of Keras, MedMNIST and TensorFlow Datasets. So are
those of `mnist`, `fashion_mnist` and `cifar10`. A word after the colon chooses a part.
"""


def page() -> str:
    """The text of docs/data.md."""
    lines = [TOP]
    for package, title in SECTIONS.items():
        found = [module for module in layouts.recognizers() if module.__name__.split(".")[-2] == package]
        lines += [f"## {title}\n", *_rows(found), ""]
    lines += ["## Names\n", "| `--data` | what it is |", "| --- | --- |"]
    lines += [f"| `{name}` | {source.summary} |" for name, source in named_sources().items()]
    lines += ["", KNOWN_TOP, "| `--data` | what it is | files | from |", "| --- | --- | --- | --- |", *_known_rows()]
    return "\n".join(lines) + "\n"


def _rows(modules: Iterable[ModuleType]) -> Iterable[str]:
    yield from ("| layout | example | what it becomes |", "| --- | --- | --- |")
    for module in modules:
        example = "<br>".join(f"`{line}`" for line in module.EXAMPLE.splitlines())
        yield f"| {module.NAME} | {example} | {module.BECOMES} |"


def _known_rows() -> Iterable[str]:
    for name, known in KNOWN.items():
        words = ", ".join(f"`{name}:{word}`" for word in known.choices)
        names = f"`{name}`{', ' if words else ''}{words}" if not known.needed else words
        yield f"| {names} | {known.title} | {known.put.replace(CHOICE, 'NAME')} | {known.site} |"


@click.command()
@click.option("--check", is_flag=True, help="Fail if the page differs, and change nothing.")
def main(check: bool) -> None:
    """Write docs/data.md from the recognizers of layouts."""
    markdown.write_file(PAGE, page(), "the recognizers", check=check)


if __name__ == "__main__":
    main()
