"""NIfTI volumes: each axial slice an image, the axes brought to their canonical order.

The axes become right, anterior, superior (RAS). A picture has the anterior side at the top and the patient's left at
the left; the slices count from inferior to superior, and further volumes (time) follow one another.
"""

from __future__ import annotations

import functools
import importlib
import io
import math
import zlib
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from gancli.core.backend import np
from gancli.core.environment import total_memory
from gancli.core.errors import DataError
from gancli.data.containers.source_files import SourceFile
from gancli.data.expansion import Expansion, numbered
from gancli.data.expansion.encoding import encode
from gancli.data.formats import byte_files
from gancli.data.remarks import Remark, changed, guessed, left_out, some
from gancli.data.request import Request

NAME = "NIfTI volumes"
EXAMPLE = "T1.nii.gz"
BECOMES = "an image for each axial slice, upright whatever the order of axes (needs `pip install 'gancli[medical]'`)"
ENDINGS = (".nii", ".nii.gz")
NEEDS = "pip install 'gancli[medical]'"
HEADERS = {348: "Nifti1", 540: "Nifti2"}  # by the size that the header begins with
LARGEST_HEADER, MOST_SLICES = 1_000_000, 100_000


class Volume(NamedTuple):
    """What the header of a file says. slices: along the axis that points up; times: volumes; size: bytes in all."""

    version: str
    slices: int
    times: int
    size: int
    axes: str
    is_scaled: bool


def accepts(file: SourceFile, head: bytes) -> bool:
    """Whether this is a NIfTI file by its name."""
    return file.name.lower().endswith(ENDINGS)


def expand(files: Sequence[SourceFile], request: Request) -> Expansion:
    """The slices of each volume, with remarks on their orientation."""
    try:
        importlib.import_module("nibabel")
    except ImportError:
        return Expansion({}, [left_out(f"{len(files):,} NIfTI files are not read, which need nibabel: {NEEDS}")])
    found: dict[str, list[SourceFile]] = {}
    volumes: dict[str, Volume] = {}
    for file in files:
        try:
            volumes[file.name] = volume = _volume(file)
        except DataError as error:
            found[file.name] = [replace(file, read=functools.partial(_fail, str(error)), stream=None)]
            continue
        found[file.name] = [
            _slice_file(file, volume, time, at) for time in range(volume.times) for at in range(volume.slices)
        ]
    return Expansion(found, _remarks(volumes))


def _fail(text: str) -> bytes:
    raise DataError(text)


def _remarks(volumes: dict[str, Volume]) -> list[Remark]:
    if not volumes:
        return []
    total = sum(one.slices * one.times for one in volumes.values())
    text = f"{len(volumes):,} NIfTI {'volume' if len(volumes) == 1 else 'volumes'}: {total:,} images"
    remarks = [guessed(f"{text}, slices from below to above, the front at the top, the patient's left at the left")]
    turned = [f"{name} ({one.axes})" for name, one in volumes.items() if one.axes != "RAS"]
    if turned:
        remarks.append(changed(f"{len(turned):,} NIfTI volumes turned to the axes RAS: {some(turned)}", matters=False))
    scaled = [name for name, one in volumes.items() if one.is_scaled]
    if scaled:
        text = f"{len(scaled):,} NIfTI volumes are rescaled by slope and intercept: {some(scaled)}"
        remarks.append(changed(text, matters=False))
    return remarks


def _slice_file(file: SourceFile, volume: Volume, time: int, at: int) -> SourceFile:
    name = numbered(file.name, f"{time:04}-{at:04}" if volume.times > 1 else at)
    read = functools.partial(_read_slice, file, name, volume, time, at)
    return replace(file, name=name, read=read, size=None, path=None, stream=None)


def _volume(file: SourceFile) -> Volume:
    """What a header says. Raises: DataError for a damaged one, or one that claims more than there can be."""
    try:
        with byte_files.unpacked(file) as stream:
            head = stream.read(540)
        sizes = {int.from_bytes(head[:4], order) for order in ("little", "big")} & HEADERS.keys()
        if len(head) < 348 or not sizes:
            raise ValueError("no header of NIfTI")
        version = HEADERS[sizes.pop()]
        header = getattr(importlib.import_module("nibabel"), f"{version}Header").from_fileobj(io.BytesIO(head))
        return _described(header, version, file)
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{file.name}: not a readable NIfTI file: {error}") from error
    except DataError:
        raise
    except Exception as error:  # whatever the library raises for a damaged file
        text = " ".join(str(error).split())[:200] or type(error).__name__
        raise DataError(f"{file.name}: not a readable NIfTI file: {text}") from error


def _described(header: Any, version: str, file: SourceFile) -> Volume:
    nibabel = importlib.import_module("nibabel")
    shape = [int(side) for side in header.get_data_shape()]
    while len(shape) > 3 and shape[-1] == 1:
        shape.pop()
    kind = header.get_data_dtype()
    if len(shape) not in (2, 3, 4) or min(shape) < 1 or not (kind.kind in "iuf" or kind.names == ("R", "G", "B")):
        raise DataError(f"{file.name}: values of type {kind} and shape {tuple(shape)}; expected a volume of numbers")
    offset = int(header.get_data_offset())
    size = offset + math.prod(shape) * kind.itemsize
    is_packed = file.name.lower().endswith(".gz")
    if size > total_memory() // 4 or (not is_packed and file.size is not None and size > file.size):
        raise DataError(f"{file.name}: a volume of {'x'.join(map(str, shape))} is more than the file or memory holds")
    if offset > LARGEST_HEADER:
        raise DataError(f"{file.name}: the values begin at byte {offset:,}; expected a header")
    shape += [1] * (4 - len(shape))
    axes = nibabel.orientations.io_orientation(header.get_best_affine())
    if np.isnan(axes).any():
        raise DataError(f"{file.name}: the orientation in its header has no inverse")
    up = [int(axis) for axis, _ in axes].index(2)
    slices, times = shape[up], shape[3]
    if slices * times > MOST_SLICES:
        raise DataError(f"{file.name}: {slices * times:,} slices; expected up to {MOST_SLICES:,}")
    slope, intercept = header.get_slope_inter()
    is_scaled = (slope or 1, intercept or 0) != (1, 0)
    return Volume(version, slices, times, size, "".join(nibabel.orientations.ornt2axcodes(axes)), is_scaled)


def _read_slice(file: SourceFile, name: str, volume: Volume, time: int, at: int) -> bytes:
    """A slice as an encoded picture. Raises: DataError."""
    try:
        values = _values(file, volume)
        return encode(np.rot90(values[:, :, at, time]))
    except (OSError, EOFError, zlib.error, ValueError, IndexError) as error:
        raise DataError(f"{name}: {error or type(error).__name__}") from error


@functools.lru_cache(maxsize=1)
def _values(file: SourceFile, volume: Volume) -> np.ndarray:
    """All values of a file in canonical order: (right, anterior, superior, time[, 3])."""
    nibabel = importlib.import_module("nibabel")
    with byte_files.unpacked(file) as stream:
        content = stream.read(volume.size)
    if len(content) < volume.size:
        raise DataError(f"{file.name}: cut short, {len(content):,} of {volume.size:,} bytes")
    try:
        opened = getattr(nibabel, f"{volume.version}Image").from_bytes(content)
        values = np.asanyarray(nibabel.as_closest_canonical(opened).dataobj)
    except Exception as error:  # whatever the library raises for a damaged file
        text = " ".join(str(error).split())[:200] or type(error).__name__
        raise DataError(f"{file.name}: not a readable NIfTI file: {text}") from error
    if values.dtype.names:
        values = np.stack([values[part] for part in values.dtype.names], axis=-1)
        return values.reshape(*(*values.shape[:-1], 1, 1)[:4], 3)
    return values.reshape((*values.shape, 1, 1)[:4])
