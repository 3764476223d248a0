"""gancli data pack: pictures in one HDF5 file."""

from __future__ import annotations

from pathlib import Path

import click

from gancli.cli import flags, output, path_types

EPILOG = """\b
Examples:
  gancli data pack photos/ photos.h5 --image-size 64
  gancli train --data photos.h5

Data sets larger than half of the memory are read from disk during training."""


@click.command(epilog=EPILOG)
@click.argument("source", metavar="PICTURES", type=path_types.SOURCE)
@click.argument("out", type=path_types.OUTPUT)
@click.option(
    "--image-size",
    type=flags.IntRange(4, 1024),
    metavar="N",
    help="Side of the images in pixels.  [default: that of square pictures of one size, else 64]",
)
@flags.color_option
@flags.data_dir_option
@flags.pixel_range_option
@flags.skip_bad_option
@flags.strict_option
@flags.json_option
def command(
    source: str,
    out: Path,
    image_size: int | None,
    color: str,
    data_dir: str | None,
    pixel_range: str,
    skip_bad: bool,
    as_json: bool,
) -> None:
    """Pack pictures into one HDF5 file.

    The pictures of a folder or zip file are decoded once; training then reads OUT with --data. It may exceed memory.
    """
    from gancli import data
    from gancli.data.formats import export

    if out.suffix.lower() not in (".h5", ".hdf5"):
        raise click.UsageError(f"'{out}' must end in .h5")
    found = data.find(source, data_dir)
    output.print_remarks(found.remarks)
    packed = export.pack_pictures(
        found.path,
        out,
        only=found.only,
        image_size=image_size,
        color=color,
        pixel_range=pixel_range,
        skip_bad=skip_bad,
        note=output.print_remarks,
    )
    output.print_dataset_remarks(packed)
    result = {"out": str(out), "images": len(packed), "shape": list(packed.shape), "classes": list(packed.classes)}
    output.report(result, [f"{out}: {len(packed):,} images of shape {packed.shape}"], as_json=as_json)
