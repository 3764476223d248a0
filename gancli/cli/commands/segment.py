"""gancli segment: the class of each pixel of pictures."""

from __future__ import annotations

from pathlib import Path

import click

from gancli.cli import flags, image_files, path_types

EPILOG = """\b
Examples:
  gancli segment street.jpg                street-labels.png, and street-labels-shown.png to look at
  gancli segment photos/ --out maps/
  gancli segment street.jpg --side 240 --no-shown

A label map is a PNG of class numbers with the classes' colours as its palette, so that any viewer shows it; what is
shown beside it has the colours over the picture and a legend with each class's share. Pictures of other sizes than the
training's are first brought to its shorter side, as things are known by their size; the map has the picture's own."""


@click.command(epilog=EPILOG)
@click.argument("path", metavar="FILE|FOLDER", type=path_types.INPUT)
@flags.run_options
@click.option("--out", type=path_types.OUTPUT, help="A .png, or for a folder a folder.  [default: NAME-labels.png]")
@click.option("--shown/--no-shown", default=True, show_default=True, help="Also draw the colours over the picture.")
@click.option(
    "--side",
    type=click.IntRange(0, 4096),
    help="Bring the shorter side to so many pixels first; 0: leave it.  [default: that of the training]",
)
@flags.json_option
def command(
    path: Path, choice: flags.RunChoice, out: Path | None, shown: bool, side: int | None, as_json: bool
) -> None:
    """Name the class of each pixel of a picture, or of a folder of them."""
    from gancli.cli import segment_files

    result, lines = segment_files.segment(choice, path, out=out, shown=shown, side=side)
    flags.report(result, lines, as_json=as_json)
    image_files.need_all(path, result["pictures"], result["bad"])
