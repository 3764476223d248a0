"""gancli translate: pictures of one kind turned into those of another."""

from __future__ import annotations

from pathlib import Path

import click

from gancli.cli import flags, image_files, path_types

EPILOG = """\b
Examples:
  gancli translate summer.jpg --direction a-to-b       summer-b.png beside it
  gancli translate photos/ --direction b-to-a --out summers/
  gancli translate testA/ --grid crossings.png         each picture, its translation, and back again
  gancli translate map.png --run pix2pix

A and B are the kinds that the training's data had, `trainA` and `trainB`. Pictures are taken at the size they have; the
nearer it is to the training's, the better."""


@click.command(epilog=EPILOG)
@click.argument("path", metavar="FILE|FOLDER", type=path_types.INPUT)
@flags.run_options
@click.option(
    "--direction", type=click.Choice(["a-to-b", "b-to-a"]), help="From which kind to which.  [default: the run's first]"
)
@click.option("--out", type=path_types.OUTPUT, help="A .png, or for a folder a folder.  [default: NAME-b.png]")
@click.option("--grid", type=path_types.OUTPUT, metavar="FILE.png", help="Also draw what became of them, and back.")
@click.option("--rows", type=click.IntRange(1, 100), default=8, show_default=True, help="With --grid: pictures drawn.")
@flags.json_option
def command(
    path: Path,
    choice: flags.RunChoice,
    direction: str | None,
    out: Path | None,
    grid: Path | None,
    rows: int,
    as_json: bool,
) -> None:
    """Translate a picture, or a folder of them, to the other kind."""
    flags.need_ending(grid, ".png")
    from gancli.cli import translate_files

    result, lines = translate_files.translate(choice, path, direction=direction, out=out, grid=grid, rows=rows)
    flags.report(result, lines, as_json=as_json)
    image_files.need_all(path, result["pictures"], result["bad"])
