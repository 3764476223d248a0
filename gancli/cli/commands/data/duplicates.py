"""gancli data duplicates: near-duplicate images of a data set."""

from __future__ import annotations

from pathlib import Path

import click

from gancli.cli import flags, output, path_types

MOST_GROUPS = 20  # printed

EPILOG = """\b
Examples:
  gancli data duplicates photos/
  gancli data duplicates celeba.zip --image-size 64 --out groups.png
  gancli data duplicates photos.zip --pack photos.h5       and train on the rest

An autoencoder with a code of 128 units is trained on the images at 32x32, as in Radford et al. 2015, section 4.1. Each
unit gives one bit, whether it is above its median; images whose codes differ in few bits form a group.
`gancli eval-neighbors` finds the training images nearest to samples."""


@click.command(epilog=EPILOG)
@click.argument("source", metavar="DATA", type=path_types.SOURCE)
@click.option(
    "--image-size", type=flags.IntRange(4, 1024), metavar="N", help="Side of the images in pixels, as in training."
)
@click.option(
    "--bits",
    type=flags.IntRange(0, 64),
    metavar="N",
    default=8,
    show_default=True,
    help="Maximum Hamming distance between 128-bit codes (0: exact match, as in the paper).",
)
@click.option("--out", type=path_types.OUTPUT, help="PNG file for a picture of the groups, one per row.")
@click.option("--pack", "packed", type=path_types.OUTPUT, help="HDF5 file for the data set without duplicates.")
@flags.data_dir_option
@flags.skip_bad_option
@flags.json_option
def command(
    source: str,
    image_size: int | None,
    bits: int,
    out: Path | None,
    packed: Path | None,
    data_dir: str | None,
    skip_bad: bool,
    as_json: bool,
) -> None:
    """Find near-duplicate images.

    A GAN may memorize images that occur several times. Images are compared by the binary code of an autoencoder.
    """
    for path, ending in ((out, ".png"), (packed, ".h5")):
        if path is not None and path.suffix.lower() != ending:
            raise click.UsageError(f"'{path}' must end in {ending}")
    from gancli import data
    from gancli.core import files
    from gancli.evaluation import near_duplicates

    dataset = data.load(source, data.Request(image_size, data_dir=data_dir, whole=True, skip_bad=skip_bad))
    output.print_dataset_remarks(dataset)
    duplicates = near_duplicates.find(dataset, bits=bits, note=output.note)
    groups, count = duplicates.named(), len(duplicates.groups)
    lines = [
        f"{dataset.name}: {duplicates.duplicates:,} of {len(dataset):,} images are near-duplicates, in {count:,} groups"
    ]
    lines += [", ".join(map(str, group)) for group in groups[:MOST_GROUPS]]
    lines += [f"and {count - MOST_GROUPS:,} more groups (--json lists all)"] if count > MOST_GROUPS else []
    if out is not None:
        files.atomic_write(out, duplicates.png())
        lines.append(f"picture of the groups: {out}")
    if packed is not None:
        lines.append(f"{duplicates.write_distinct(packed):,} distinct images: {packed}")
    result = {"data": dataset.name, "images": len(dataset), "bits": bits, "groups": groups}
    output.report(result | {"duplicates": duplicates.duplicates}, lines, as_json=as_json)
