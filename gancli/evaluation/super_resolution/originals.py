"""Images at their own sizes that upscaling is compared on, and the small images that a set has for them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from gancli import data
from gancli.core.backend import np
from gancli.core.errors import DataError, OptionError
from gancli.core.progress import track
from gancli.data import Dataset, DataSource, subsets
from gancli.data.annotations.folders import low_resolution
from gancli.data.annotations.folders.low_resolution import ResolutionSet
from gancli.data.catalog import opening
from gancli.data.containers import source_files
from gancli.data.containers.source_files import SourceFile
from gancli.data.images import image_decoding, image_survey
from gancli.data.images.value_ranges import Range
from gancli.data.remarks import Remark
from gancli.evaluation.evaluation_set import no_note

ENLARGING = "enlarging and comparing images"
BICUBIC, GIVEN = "bicubic", "given"  # small images: made by the bicubic kernel, or files of the set
_RESOLUTION = re.compile(r"hr|image_SRF_\d|original|gtmod\d+", re.IGNORECASE)  # folders that do not name a set


class Original(NamedTuple):
    """An image to compare with: the set (the folder inside), its name, and uint8 (height, width, 1 or 3).

    given: the small image of the set, uint8 (height / scale, width / scale, 1 or 3), None to make one.
    """

    part: str
    name: str
    pixels: np.ndarray
    given: np.ndarray | None = None


class Inputs(NamedTuple):
    """Which small images are enlarged, and the scale."""

    kind: str = BICUBIC
    scale: int | None = None


def load_originals(
    source: str | Dataset,
    num_images: int,
    data_dir: str | None,
    *,
    inputs: Inputs = Inputs(),  # noqa: B008 (a constant)
    skip_bad: bool = False,
    note_rows: Callable[[str], None] = no_note,
    tell: Callable[[Sequence[Remark]], None] = lambda remarks: None,
) -> Iterator[Original]:
    """Images at their own sizes: of a file, a folder or a zip, or up to `num_images` test images of a data set, by
    name or as it is.

    inputs: whether to take the set's low-resolution files. note_rows: called with the images taken of a data set
    (subsets.describe). tell: called with remarks about what was guessed, changed and left out. skip_bad: whether bad
    files are left out. Raises: DataError;
    OptionError for given inputs of a data set that has none.
    """
    if isinstance(source, Dataset):
        if inputs.kind == GIVEN:
            raise OptionError(f"--inputs {GIVEN} needs a folder or archive with low-resolution copies: see --data")
        yield from _test_images(source, num_images, note_rows)
        return
    found = data.find(source, data_dir)
    is_file = not found.name and source_files.is_picture(found.path.name) and not found.path.is_dir()
    opened = None
    if not (found.name or is_file):
        opened = opening.recognize(found.path, data.Request(alone=True), choice=found.choice, only=found.only)
    if found.name or (opened is not None and opened.pictures is None):
        if inputs.kind == GIVEN:
            raise OptionError(f"--inputs {GIVEN} needs a folder or archive with low-resolution copies: see --data")
        yield from _load_data_set(source, num_images, data_dir, note_rows, tell)
    else:
        tell(found.remarks)
        yield from _load_files(found.path, opened, inputs, tell, skip_bad=skip_bad)


def _load_data_set(
    source: str,
    num_images: int,
    data_dir: str | None,
    note_rows: Callable[[str], None],
    tell: Callable[[Sequence[Remark]], None],
) -> Iterator[Original]:
    dataset = data.load(source, data.Request(data_dir=data_dir, least=1))
    tell(dataset.remarks)
    yield from _test_images(dataset, num_images, note_rows)


def _test_images(dataset: Dataset, num_images: int, note_rows: Callable[[str], None]) -> Iterator[Original]:
    """Up to `num_images` test images, or training images of a data set without a test split."""
    part = dataset.test or dataset.train
    if "image" not in part:
        raise DataError(f"'{dataset.name}' contains no images")
    rows = dataset.sample_rows(num_images, part=part)
    note_rows(subsets.describe(len(rows), len(part["image"]), by_class="label" in part))
    yield from (Original(dataset.name, str(row), dataset.pictures([row], part)[0]) for row in track(rows, ENLARGING))


def _load_files(
    path: Path, source: DataSource | None, inputs: Inputs, tell: Callable, *, skip_bad: bool
) -> Iterator[Original]:
    copies = None
    if source is not None:
        tell(source.remarks)
        copies = low_resolution.split(source.pictures.entries.pictures, scale=inputs.scale)
        found = copies.originals if copies else source.pictures.pictures
    else:
        found = [source_files.image_file(path)]
    if not found:
        raise DataError(f"{path} contains no images")
    given = _given(found, copies, inputs, path) if inputs.kind == GIVEN else {}
    survey = image_survey.survey(found, decode=True)
    scales, _ = survey.ranges()
    for entry in track(survey.sound(found, str(path), tell, skip_bad=skip_bad), ENLARGING):
        pixels = _decode(entry, scales)
        low = given.get(entry.name)
        name = PurePosixPath(entry.name)
        one = Original(_part(name, path), name.name, pixels)
        yield one if low is None else _with_given(one, _decode(low, scales), low.name, inputs.scale)


def _decode(entry: SourceFile, ranges: dict[str, Range]) -> np.ndarray:
    with image_decoding.open_image(entry) as picture:
        color = "gray" if picture.mode in image_decoding.GRAY_MODES else "rgb"
        return image_decoding.decode(picture, color, name=entry.name, ranges=ranges)


def _part(name: PurePosixPath, path: Path) -> str:
    """The set that a file belongs to: its folders, without one that only names a resolution."""
    folders = [folder for folder in name.parts[:-1] if not _RESOLUTION.fullmatch(folder)]
    return "/".join(folders) or path.stem


def _given(
    originals: Sequence[SourceFile], copies: ResolutionSet | None, inputs: Inputs, path: Path
) -> dict[str, SourceFile]:
    """The low-resolution file of each original by its name. Raises: DataError where there is none, or several."""
    found = {}
    for file in originals:
        low = copies.copies(file, inputs.scale) if copies else []
        if len(low) != 1:
            what = f"several for {file.name}: {', '.join(one.name for one in low)}" if low else f"none for {file.name}"
            raise DataError(
                f"{path}: expected one low-resolution file of each original for x{inputs.scale}, there are {what}; "
                f"--inputs {BICUBIC} makes them"
            )
        found[file.name] = low[0]
    return found


def _with_given(one: Original, low: np.ndarray, name: str, scale: int) -> Original:
    """The original cropped to the size that its small image gives. Raises: DataError for another size."""
    height, width = (scale * side for side in low.shape[:2])
    spare = one.pixels.shape[0] - height, one.pixels.shape[1] - width
    if not all(0 <= side < scale for side in spare):
        raise DataError(
            f"{name} has {low.shape[1]}x{low.shape[0]} pixels, and {one.name} {one.pixels.shape[1]}x"
            f"{one.pixels.shape[0]}: expected the scale {scale} between them"
        )
    if low.shape[2] != one.pixels.shape[2]:
        low, pixels = (np.broadcast_to(pixels, (*pixels.shape[:2], 3)) for pixels in (low, one.pixels))
        one = one._replace(pixels=pixels)
    return one._replace(pixels=one.pixels[:height, :width], given=np.ascontiguousarray(low))
