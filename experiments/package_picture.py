"""docs/packages.svg: the packages of gancli in their order, and which imports which, from the imports themselves.

python -m experiments.package_picture            write (make readme)
python -m experiments.package_picture --check    fail if the picture differs from the imports
"""

from __future__ import annotations

import configparser
from collections.abc import Iterator

import click

from experiments import markdown
from experiments.readmes import ROOT

PICTURE = ROOT / "docs" / "packages.svg"
CELL, LEFT, TOP = 34, 130, 110  # pixels: a cell of the matrix, and where it starts
INK, BLUE, PALE = "#1f2430", "#3b6ea8", "#eef2f7"


def packages() -> list[str]:
    """The packages, the highest first, as the contract in setup.cfg orders them."""
    settings = configparser.ConfigParser()
    settings.read(ROOT / "setup.cfg", encoding="utf-8")
    return [name.removeprefix("gancli.") for name in settings["importlinter:contract:packages"]["layers"].split()]


def imports() -> set[tuple[str, str]]:
    """Pairs of packages: one that imports, and one that it imports."""
    import grimp

    graph, known = grimp.build_graph("gancli", cache_dir=None), set(packages())
    found = set()
    for module in graph.modules:
        for other in graph.find_modules_directly_imported_by(module):
            found.add(tuple(name.partition(".")[2].partition(".")[0] for name in (module, other)))
    return {(one, other) for one, other in found if one != other and {one, other} <= known}


def picture() -> str:
    """A matrix as SVG: a dot where the package of the row imports that of the column."""
    names, pairs = packages(), imports()
    width, height = LEFT + CELL * len(names) + 20, TOP + CELL * len(names) + 20
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
    style = f'font-family="Helvetica, Arial, sans-serif" font-size="15" fill="{INK}"'
    title = "<title>A dot: the package of the row imports that of the column</title>"
    back = f'<rect width="{width}" height="{height}" fill="white"/>'
    return "\n".join([f"{head} {style}>", title, back, *_rows(names, pairs), "</svg>"]) + "\n"


def _rows(names: list[str], pairs: set[tuple[str, str]]) -> Iterator[str]:
    for row, name in enumerate(names):
        y, x = TOP + CELL * row, LEFT + CELL * row
        yield f'<text x="{LEFT - 14}" y="{y + CELL * 0.65:g}" text-anchor="end">{name}</text>'
        yield f'<text transform="translate({x + CELL * 0.65:g} {TOP - 12}) rotate(-60)">{name}</text>'
        for column, other in enumerate(names):
            left, fill = LEFT + CELL * column, "white" if column < row else PALE if column > row else "#c9d3e0"
            yield f'<rect x="{left}" y="{y}" width="{CELL - 2}" height="{CELL - 2}" rx="4" fill="{fill}"/>'
            if (name, other) in pairs:
                yield f'<circle cx="{left + CELL / 2 - 1:g}" cy="{y + CELL / 2 - 1:g}" r="8" fill="{BLUE}"/>'


@click.command()
@click.option("--check", is_flag=True, help="Fail if the picture differs, and change nothing.")
def main(check: bool) -> None:
    """Write docs/packages.svg from the imports."""
    markdown.write_file(PICTURE, picture(), "the imports", check=check)


if __name__ == "__main__":
    main()
