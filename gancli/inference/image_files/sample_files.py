"""Samples and latent codes written to files: one picture, .npz or .h5 arrays, or a folder of PNG files."""

from __future__ import annotations

import io
import json
import zipfile
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from gancli.core import files
from gancli.core.backend import h5py, np
from gancli.core.errors import OptionError
from gancli.data.formats import hdf5
from gancli.data.formats.hdf5_storage import Column
from gancli.imaging import images, plots

if TYPE_CHECKING:
    from gancli.inference.sample_stream import SampleStream

ENDINGS = (".png", ".npz", ".h5", "")
MAX_PIXELS = 178_956_970  # of a picture: Pillow rejects larger ones as decompression bombs


def write_codes(
    out: Path, z: np.ndarray, names: list[str], *, labels: np.ndarray | None, classes: tuple[str, ...], name: str = "z"
) -> None:
    """Write latent codes float32 (count, z_size): .npz or .h5 arrays, or a .png scatter plot of 2-D codes.

    names: one per code. labels: int32 (count,), or None. name: of the array of codes. Raises: ResourceError.
    """
    ending = out.suffix.lower()
    if ending == ".png":
        files.atomic_write(out, plots.codes(z, labels, classes))
        return
    columns = {name: z, "names": np.array([name.encode("utf-8", "replace") for name in names])}
    columns |= {} if labels is None else {"labels": labels}
    names_of_classes = () if labels is None else classes
    buffer = io.BytesIO()
    if ending == ".npz":
        np.savez_compressed(buffer, **columns, **({"classes": np.array(classes)} if names_of_classes else {}))
    else:
        with h5py.File(buffer, "w") as file:
            for name, values in columns.items():
                file.create_dataset(name, data=values)
            if names_of_classes:
                file.attrs["classes"] = json.dumps(classes)
    files.atomic_write(out, buffer.getvalue())


def write_samples(
    out: Path, samples: SampleStream, *, classes: tuple[str, ...] = (), shape: tuple[int, int] | None = None
) -> None:
    """Write samples in the format of the ending of `out`; they can be loaded as a data set with the same classes.

    classes: names of the labels. shape: rows and columns of a .png grid, nearly square if not given. A folder gets one
    subfolder per class; repeated seeds, and files that exist with other content, get a number appended, so no file is
    replaced. Only a .png needs memory for all images at once. Raises: ResourceError; OptionError for too many images
    in a .png.
    """
    classes = () if samples.order.labels is None else classes
    ending = "" if out.is_dir() else out.suffix.lower()
    if ending == ".png":
        check_size(out, len(samples), samples.shape, shape)
        files.atomic_write(out, images.png(images.grid(samples.load().pixels, shape=shape)))
    elif ending == ".npz":
        _write_npz(out, samples, classes)
    elif ending == ".h5":
        size = (len(samples), *samples.shape)
        pixels = (image for batch in samples.batches() for image in batch.pixels)
        hdf5.write(out, pixels, size, columns=_columns(samples), description=hdf5.Description(classes))
    else:
        _write_folder(out, samples, classes)


def check_size(out: Path | None, count: int, size: tuple[int, ...], shape: tuple[int, int] | None) -> None:
    """Raise OptionError for a .png, the default, of more pixels than image viewers open.

    size: height and width of each of `count` images. shape: rows and columns of the grid, if given.
    """
    rows, columns = shape or images.grid_shape(count)
    if out is not None and (out.is_dir() or out.suffix.lower() != ".png"):
        return
    if rows * columns * size[0] * size[1] > MAX_PIXELS:
        raise OptionError(
            f"{count:,} images are more than a picture of {MAX_PIXELS:,} pixels holds: give --out a name that "
            "ends in .npz or .h5, or a folder"
        )


def _columns(samples: SampleStream) -> dict[str, Column]:
    """Arrays saved next to the images: seeds, and labels if there are any."""
    found = {"seeds": Column(len(samples), np.dtype(np.int64), lambda: (seeds for seeds, _ in samples.order.batches()))}
    if samples.order.labels is not None:
        labels = Column(len(samples), np.dtype(np.int32), lambda: (labels for _, labels in samples.order.batches()))
        found["labels"] = labels
    return found


def _write_npz(out: Path, samples: SampleStream, classes: tuple[str, ...]) -> None:
    columns = {
        "images": Column(len(samples), np.dtype(np.uint8), lambda: (batch.pixels for batch in samples.batches()))
    }
    with files.atomic_path(out) as aside, zipfile.ZipFile(aside, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, column in (columns | _columns(samples)).items():
            with archive.open(f"{name}.npy", "w", force_zip64=True) as member:
                size = (column.count, *(samples.shape if name == "images" else ()))
                header = {"descr": np.lib.format.dtype_to_descr(column.dtype), "fortran_order": False, "shape": size}
                np.lib.format.write_array_header_1_0(member, header)
                for part in column.pieces():
                    member.write(part.astype(column.dtype, copy=False).tobytes())
        if classes:
            with archive.open("classes.npy", "w") as member:
                np.lib.format.write_array(member, np.array(classes), allow_pickle=False)


def _write_folder(out: Path, samples: SampleStream, classes: tuple[str, ...]) -> None:
    has_labels = samples.order.labels is not None
    folders, times = _folders(classes, samples.order.unique_labels()), Counter()
    for batch in samples.batches():
        labels = batch.labels.tolist() if has_labels else [None] * len(batch.seeds)
        for seed, label, image in zip(batch.seeds.tolist(), labels, batch.pixels, strict=True):
            name, content = (out / folders[label] if has_labels else out) / f"seed-{seed:08}", images.png(image)
            number = 1 + (0 if samples.order.are_distinct else times[name])
            while not (files.write_new(place := _numbered(name, number), content) or _is_same(place, content)):
                number += 1
            if not samples.order.are_distinct:
                times[name] = number


def _numbered(name: Path, number: int) -> Path:
    return name.with_name(f"{name.name}{f'-{number}' if number > 1 else ''}.png")


def _is_same(path: Path, content: bytes) -> bool:
    return path.is_file() and path.read_bytes() == content


def _folders(classes: tuple[str, ...], labels: Iterable[int]) -> dict[int, str]:
    """A folder name for each label: the class name, with the label appended where names clash."""
    found: dict[int, str] = {}
    for label in sorted(set(labels)):
        name = files.safe_name(classes[label]).strip(".") if classes else ""
        taken = {one.casefold() for one in found.values()}
        found[label] = name if name and name.casefold() not in taken else f"{name or 'class'}-{label}"
    return found
