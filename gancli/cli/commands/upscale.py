"""gancli upscale: images of any size, upscaled."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from gancli.cli import flags, image_files, output, path_types
from gancli.core.errors import OptionError

if TYPE_CHECKING:
    from gancli.inference.trained_model import TrainedModel

EPILOG = """\b
Examples:
  gancli upscale small.png                      writes small-x4.png next to it
  gancli upscale photos/ --out large/           all images of a folder
  gancli upscale small.jpg --out large.png --run 3
  gancli upscale small.png --comparison look.png   nearest neighbor, bicubic and the run, with a window of each
  gancli upscale small.png --comparison look.png --original large.png --window 40,60,32
  gancli upscale small.png --run 3 --beside 4 --comparison look.png

Works with runs of srresnet, srgan and espcn. Large images are processed in tiles that overlap by the network's
receptive field, so there are no seams. Transparency is upscaled by the bicubic kernel, and so is color if the run was
trained on gray images; colors of fully transparent pixels have no influence. All frames of an animated GIF, WebP or
PNG and all pages of a TIFF are upscaled if --out has the same format; otherwise the first frame, with a note. EXIF (not
for TIFF) and the color profile are kept, and the image is rotated upright. The ending of --out sets the format: .png,
.jpg, .webp, .bmp, .tif or, for animations, .gif. Files of a folder that are not 8-bit images are reported and
skipped."""


@click.command(epilog=EPILOG)
@click.argument("path", metavar="FILE|FOLDER", type=path_types.INPUT)
@flags.run_options
@click.option("--scale", type=flags.IntRange(2, 8), help="Upscaling factor; must match the run.  [default: the run's]")
@click.option(
    "--out", type=path_types.OUTPUT, help="Output file, or a folder for an input folder.  [default: NAME-x4.png]"
)
@click.option("--comparison", type=path_types.OUTPUT, metavar="FILE.png", help="Write a comparison with other methods.")
@click.option("--original", type=path_types.INPUT, metavar="FILE", help="Original at full size, for --comparison.")
@click.option("--beside", multiple=True, metavar="RUN", help="Another run to include in --comparison (repeatable).")
@click.option(
    "--window",
    metavar="X,Y,SIDE",
    help="Region to magnify in --comparison, in input pixels.  [default: highest contrast]",
)
@flags.json_option
def command(
    path: Path, choice: flags.RunChoice, scale: int | None, out: Path | None, as_json: bool, **compared: object
) -> None:
    """Upscale an image, or a folder of images."""
    picture, beside = compared.pop("comparison"), compared.pop("beside")
    if picture is None and (beside or any(value is not None for value in compared.values())):
        raise OptionError("--original, --beside and --window change the comparison: add --comparison FILE.png")
    flags.need_ending(picture, ".png")
    from gancli.cli import opened_run
    from gancli.evaluation import upscaling_comparison
    from gancli.inference.image_files import frames, upscale_file
    from gancli.inference.upscaling import TiledUpscaler
    from gancli.models.capabilities import Upscaler

    album = image_files.opened(path)
    if album.is_folder and picture is not None:
        raise OptionError("--comparison shows one image: give a file, not a folder")
    trained = opened_run.open_run(choice, ability=Upscaler)
    if scale not in (None, trained.outline.scale):
        raise OptionError(
            f"--scale {scale}: {trained.run.path} upscales by {trained.outline.scale}; train another run with --scale"
        )
    scale, reporting = trained.outline.scale, trained.reporting
    others = [_other_run(name, choice, scale) for name in beside]
    outs = album.outputs(out, f"-x{scale}", frames.FORMATS, kind_of=image_files.ending_of_animated_gif)
    album.need_distinct([*outs, *([picture] if picture else [])])
    upscaler = TiledUpscaler(trained.model)
    records, bad = album.each(outs, lambda entry, to: upscale_file.upscale_file(upscaler, entry, to, reporting))
    result = trained.about() | {"scale": scale, "pictures": records, "bad": bad}
    lines = [f"{one['out']}: {_size(one)}, {one['seconds']:.1f} s" for one in records]
    if picture is not None:
        comparison = upscaling_comparison.Comparison(picture, **compared)
        upscalers = upscaling_comparison.upscalers_by_name([trained, *others])
        result |= upscaling_comparison.compare(upscalers, album.entries[0], comparison, reporting.note)
        lines.append(f"{picture}: " + ", ".join(result["compared"]))
    lines.append(f"x{scale} by step {trained.step:,} of {trained.run.path}, {trained.weights} weights")
    output.report(result, lines, as_json=as_json)
    image_files.need_all(path, records, bad)


def _other_run(name: str, choice: flags.RunChoice, scale: int) -> TrainedModel:
    """Another run to compare with. Raises: OptionError if it has another scale."""
    from gancli.cli import opened_run
    from gancli.models.capabilities import Upscaler

    found = opened_run.open_run(flags.RunChoice(name, choice.outdir), ability=Upscaler)
    if found.outline.scale != scale:
        raise OptionError(f"--beside {name}: it upscales by {found.outline.scale}, not by {scale}")
    return found


def _size(one: dict[str, object]) -> str:
    return f"{one['size']}, {one['frames']:,} frames" if "frames" in one else str(one["size"])
