"""gancli data: what can be trained on, and whether a set of pictures is sound."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gancli.cli import flags, path_types
from gancli.core.backend import np
from gancli.core.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gancli.data import Dataset
    from gancli.data.remarks import Remark

AT_A_TIME = 1000  # images read
MOST_TOLD, MOST_IN_ROW = 20, 8  # groups of duplicates, and images of each

EPILOG = """\b
Examples:
  gancli data
  gancli data check photos/
  gancli data pack photos.zip photos.h5 --image-size 64"""


CHECK_EPILOG = """\b
Examples:
  gancli data check photos/
  gancli data check photos.zip --json"""

PACK_EPILOG = """\b
Examples:
  gancli data pack photos/ photos.h5 --image-size 64
  gancli train --data photos.h5

Sets larger than half of the memory are then read from the disk while training."""


DUPLICATES_EPILOG = """\b
Examples:
  gancli data duplicates photos/
  gancli data duplicates celeba.zip --image-size 64 --out groups.png
  gancli data duplicates photos.zip --pack photos.h5       and train on that

An autoencoder of 128 units learns the images at 32x32, as Radford et al. 2015 cleaned their bedrooms; whether each unit
lies above its median is a bit, and images whose codes differ in few bits are joined. `gancli eval-neighbors` looks the
other way: at the training images nearest to samples."""


@click.group(cls=flags.Group, invoke_without_command=True, epilog=EPILOG)
@flags.json_option
@click.pass_context
def command(ctx: click.Context, as_json: bool) -> None:
    """List the data sets; check or pack pictures of your own."""
    if ctx.invoked_subcommand is not None:
        return
    from gancli import data

    named = {name: source.summary for name, source in data.named_sources().items()}
    kinds = [module.ACCEPTS for module in data.path_sources()]
    width = max(map(len, named))
    lines = [f"{name:{width}}  {summary}" for name, summary in named.items()]
    lines += [f"{'PATH':{width}}  {kind}" for kind in kinds]
    lines.append("Named sets are looked for in --data-dir (or GANCLI_DATA), then in Keras' cache, then downloaded.")
    flags.report({"named": named, "paths": kinds}, lines, as_json=as_json)


@command.command(epilog=CHECK_EPILOG)
@click.argument("path", type=path_types.INPUT)
@flags.pixel_range_option
@flags.strict_option
@flags.json_option
def check(path: Path, pixel_range: str, as_json: bool) -> None:
    """Decode every picture of a folder or zip file, or check a .npz or .h5 file; name every bad one."""
    from gancli import data
    from gancli.data import inspection

    if os.path.isfile(path) and path.suffix.lower() != ".zip":  # noqa: PTH113 (as below)
        dataset = data.load(str(path), data.Request(pixel_range=pixel_range))
        for start in range(0, len(dataset), AT_A_TIME):  # images of a .h5 file may still be on the disk
            dataset.items[start : start + AT_A_TIME]
        result = {
            "path": str(path),
            "images": len(dataset),
            "shape": list(dataset.shape),
            "classes": list(dataset.classes),
            "attributes": list(dataset.attributes),
        } | _said(dataset.remarks)
        classes = f", classes: {', '.join(dataset.classes)}" if dataset.classes else ", no labels"
        classes += f", attributes: {', '.join(dataset.attributes)}" if dataset.attributes else ""
        result |= {"captions": dataset.count_of_texts()} if "caption" in dataset.train else {}
        classes += f", {result['captions']:,} captions" if "captions" in result else ""
        result |= _frequencies(dataset.train["map"], dataset.classes) if "map" in dataset.train else {}
        what = f"images of shape {dataset.shape}{classes}"
        if "sentence" in dataset.train:
            what = f"sentences to train on, {len(dataset.test['sentence']):,} to test on"
        lines = [f"{path}: {len(dataset):,} {what}", *(_told_maps(result) if "map" in dataset.train else [])]
        lines += [f"note: {note}" for note in result["notes"]]
        flags.report(result, lines, as_json=as_json)
        flags.need_none(dataset.remarks)
        return
    found = inspection.inspect(path, pixel_range=pixel_range)
    looked, columns = found.looked, found.there.columns
    sizes = {f"{width}x{height}": count for (width, height), count in looked.sizes.most_common()}
    result = {"path": str(path), "pictures": looked.sizes.total(), "sizes": sizes, "modes": dict(looked.modes)}
    result |= {"classes": list(found.classes)}
    if found.shares is not None:
        result["classes of pixels"] = dict(zip(found.classes, found.shares.round(5).tolist(), strict=True))
    result["parts"] = dict(zip(("train", "test", "validation"), found.there.parts(), strict=True))
    result |= {"bad": [{"file": name, "reason": reason} for name, reason in looked.bad]}
    result |= {"attributes": list(found.there.attributes)} | _said(found.remarks)
    result |= {"captions": int((columns["captions"] != "").sum())} if "captions" in columns else {}
    flags.report(result, _lines(result, looked.color), as_json=as_json)
    flags.need_none(found.remarks)
    if looked.bad or not looked.sizes:
        count = len(found.there.pictures)
        raise DataError(f"{path}: {len(looked.bad)} bad of {count}" if count else f"{path} holds no pictures")


def _said(remarks: Iterable[Remark]) -> dict[str, object]:
    """What is to be said of data, as texts and whole."""
    remarks = list(remarks)
    return {"notes": [remark.text for remark in remarks], "remarks": [remark._asdict() for remark in remarks]}


def _frequencies(maps: Iterable[np.ndarray], names: Sequence[str]) -> dict[str, dict[str, float]]:
    """The share of each class among the labelled pixels of maps."""
    from gancli.data.annotations import label_maps

    shares = label_maps.shares(maps, len(names)).round(5).tolist()
    return {"classes of pixels": dict(zip(names, shares, strict=True))}


def _lines(result: dict, color: str) -> list[str]:
    shown = [f"{size} ({count:,})" for size, count in list(result["sizes"].items())[:6]]
    more = len(result["sizes"]) - len(shown)
    return [
        f"{result['path']}: {result['pictures']:,} pictures, {color}",
        f"sizes: {', '.join(shown) or 'none'}{f' and {more} more' if more > 0 else ''}",
        f"modes: {', '.join(f'{mode} ({count:,})' for mode, count in result['modes'].items()) or 'none'}",
        f"classes: {', '.join(result['classes']) or 'none'}",
        *([f"attributes: {', '.join(result['attributes'])}"] if result["attributes"] else []),
        *([f"captions: {result['captions']:,}"] if "captions" in result else []),
        *(_told_maps(result) if "classes of pixels" in result else []),
        *_told_parts(result),
        *(f"note: {note}" for note in result["notes"]),
        *(f"bad: {item['file']}: {item['reason']}" for item in result["bad"]),
    ]


def _told_maps(result: dict) -> list[str]:
    shares = ", ".join(f"{name} {share:.1%}" for name, share in result["classes of pixels"].items())
    return [f"classes of pixels: {shares or 'none'}"]


def _told_parts(result: dict) -> list[str]:
    parts = [f"{count:,} {name}" for name, count in result["parts"].items() if count]
    return [f"for: {', '.join(parts)}"] if len(parts) > 1 else []


@command.command(epilog=DUPLICATES_EPILOG)
@click.argument("source", metavar="DATA", type=path_types.SOURCE)
@click.option(
    "--image-size", type=click.IntRange(4, 1024), help="Side that the images are brought to, as for training."
)
@click.option(
    "--bits",
    type=click.IntRange(0, 64),
    default=8,
    show_default=True,
    help="Of 128, that may differ; 0: the same code, as in the paper.",
)
@click.option("--out", type=path_types.OUTPUT, help="A .png of the groups, one in a row.")
@click.option("--pack", "packed", type=path_types.OUTPUT, help="A .h5 file of the data without the duplicates.")
@flags.data_dir_option
@flags.json_option
def duplicates(
    source: str,
    image_size: int | None,
    bits: int,
    out: Path | None,
    packed: Path | None,
    data_dir: str | None,
    as_json: bool,
) -> None:
    """Find images that are all but the same, by the binary code of an autoencoder; a GAN may learn those by heart."""
    from gancli import data
    from gancli.evaluation import near_duplicates as finding

    for path, ending in ((out, ".png"), (packed, ".h5")):
        if path is not None and path.suffix.lower() != ending:
            raise click.UsageError(f"'{path}' must end in {ending}")
    dataset = data.load(source, data.Request(image_size, data_dir=data_dir, whole=True))
    if "image" not in dataset.train:
        raise DataError(f"'{dataset.name}' holds no images")
    flags.tell(dataset)
    found = finding.find(dataset, bits=bits, note=flags.note)
    names = _names(source)
    told = [[names[row] if names else int(row) for row in rows] for rows in found]
    extra = sum(len(rows) - 1 for rows in found)
    result = {"data": dataset.name, "images": len(dataset), "bits": bits, "groups": told, "duplicates": extra}
    lines = [f"{dataset.name}: {extra:,} of {len(dataset):,} images are near-duplicates, in {len(found):,} groups"]
    lines += [", ".join(map(str, rows)) for rows in told[:MOST_TOLD]]
    lines += [f"and {len(told) - MOST_TOLD:,} groups more (--json names all)"] if len(told) > MOST_TOLD else []
    if out is not None:
        _draw_groups(dataset, found[:MOST_TOLD], out)
        lines.append(f"groups drawn: {out}")
    if packed is not None:
        kept = np.setdiff1d(np.arange(len(dataset)), np.concatenate([rows[1:] for rows in found] or [[]]).astype(int))
        _pack(dataset, kept, packed)
        lines.append(f"{len(kept):,} images kept: {packed}")
    flags.report(result, lines, as_json=as_json)


def _names(source: str) -> list[str]:
    """The files' names of a folder or zip, in the order of the images; of other data none."""
    from gancli.data import inspection
    from gancli.data.formats import archive, folder, packing

    path = Path(source)
    is_files = os.path.exists(path) and any(kind.accepts(path) for kind in (folder, archive))  # noqa: PTH110
    return [entry.name for entry in packing.shown(inspection.entries_of(path))] if is_files else []


def _draw_groups(dataset: Dataset, found: list[np.ndarray], out: Path) -> None:
    """The first images of each group, in a row."""
    from gancli.core import files
    from gancli.imaging import images

    width = max((min(len(rows), MOST_IN_ROW) for rows in found), default=2)
    blank = np.full(dataset.shape, 255, np.uint8)
    cells = [
        cell for rows in found for cell in [*dataset.take(rows[:width]), *[blank] * (width - min(width, len(rows)))]
    ] or [blank] * width
    files.atomic_write(out, images.png(images.grid(np.stack(cells), shape=(len(cells) // width, width))))


def _pack(dataset: Dataset, kept: np.ndarray, out: Path) -> None:
    """Some images of a data set with all of their columns, in one HDF5 file."""
    from gancli.data.formats import hdf5

    plural = {"label": "labels", "caption": "captions", "size": "sizes", "map": "maps", "other": "others"}
    columns = {plural.get(name, name): held[:][kept] for name, held in dataset.train.items() if name != "image"}
    images = (dataset.train["image"][int(row)] for row in kept)
    shape = (len(kept), *dataset.shape)
    told = {name: getattr(dataset, name) for name in ("classes", "attributes", "palette", "numbers", "pixel_ranges")}
    hdf5.write(out, images, shape, columns=columns, remarks=dataset.remarks, **told)


@command.command(epilog=PACK_EPILOG)
@click.argument("path", type=path_types.INPUT)
@click.argument("out", type=path_types.OUTPUT)
@click.option(
    "--image-size",
    type=click.IntRange(4, 1024),
    help="Side; that of the pictures if they are square and alike, else 64.",
)
@click.option("--color", type=click.Choice(["auto", "gray", "rgb"]), default="auto", show_default=True)
@flags.pixel_range_option
@flags.strict_option
@flags.json_option
def pack(path: Path, out: Path, image_size: int | None, color: str, pixel_range: str, as_json: bool) -> None:
    """Decode the pictures of a folder or zip file into one HDF5 file, of any size, for --data OUT."""
    from gancli.data import inspection
    from gancli.data.formats import hdf5, packing

    if out.suffix.lower() not in (".h5", ".hdf5"):
        raise click.UsageError(f"'{out}' must end in .h5")
    entries, scale = inspection.entries_of(path), packing.Scale(pixel_range)
    packing.pack(path, entries, out, side=image_size, color=color, scale=scale, tell=flags.tell_remarks)
    packed = hdf5.read(out)
    flags.tell(packed)
    result = {"out": str(out), "images": len(packed), "shape": list(packed.shape), "classes": list(packed.classes)}
    flags.report(result, [f"{out}: {len(packed):,} images of shape {packed.shape}"], as_json=as_json)
