"""gancli upscale: pictures of any size, made larger."""

from __future__ import annotations

from pathlib import Path

import click

from gancli.cli import flags, image_files, path_types
from gancli.core.errors import OptionError

EPILOG = """\b
Examples:
  gancli upscale small.png                      small-x4.png beside it
  gancli upscale photos/ --out large/           every picture of a folder
  gancli upscale small.jpg --out large.png --run 3
  gancli upscale small.png --compare look.png   nearest, bicubic and the run, with a window of each
  gancli upscale small.png --compare look.png --original large.png --window 40,60,32
  gancli upscale small.png --run 3 --beside 4 --compare look.png

By a run of srresnet, srgan or espcn. Large pictures go through in tiles that overlap as far as the network sees, so
that there are no seams. Transparency is kept, enlarged by the bicubic kernel; so are the colours where the run was
trained on grey images. Colors behind full transparency have no influence. All frames of an animated GIF, WebP or PNG
and all pages of a TIFF are enlarged where --out is of the same format; else the first, and a note says so. EXIF (not of
TIFF) and colour profile are kept, and the picture is turned upright. The ending of --out says what is written: .png,
.jpg, .webp, .bmp, .tif or, of an animated one, .gif. A folder's file that is no picture of 8 bits is named,
and the others are enlarged."""


@click.command(epilog=EPILOG)
@click.argument("path", metavar="FILE|FOLDER", type=path_types.INPUT)
@flags.run_options
@click.option("--scale", type=click.IntRange(2, 8), help="How many times larger: must be the run's, which is taken.")
@click.option(
    "--out", type=path_types.OUTPUT, help="A file, or for a folder a folder.  [default: NAME-x4.png beside it]"
)
@click.option("--compare", type=path_types.OUTPUT, metavar="FILE.png", help="Also draw what others make of it.")
@click.option("--original", type=path_types.INPUT, metavar="FILE", help="With --compare: the picture as it was, large.")
@click.option("--beside", multiple=True, metavar="RUN", help="With --compare: also what this run makes of it.")
@click.option(
    "--window",
    metavar="X,Y,SIDE",
    help="With --compare: what is shown large, in pixels of the small picture.  [default: the liveliest]",
)
@flags.json_option
def command(
    path: Path,
    choice: flags.RunChoice,
    scale: int | None,
    out: Path | None,
    compare: Path | None,
    original: Path | None,
    beside: tuple[str, ...],
    window: str | None,
    as_json: bool,
) -> None:
    """Enlarge a picture, or a folder of them."""
    if compare is None and (original is not None or window is not None or beside):
        raise OptionError("--original, --beside and --window are shown by --compare: say where to draw it")
    flags.need_ending(compare, ".png")
    from gancli.cli import upscale_files

    asked = upscale_files.Asked(scale, out, compare, original, beside, window)
    result, lines = upscale_files.upscale(choice, path, asked)
    flags.report(result, lines, as_json=as_json)
    image_files.need_all(path, result["pictures"], result["bad"])
