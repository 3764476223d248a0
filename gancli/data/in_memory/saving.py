"""Data sets written to files that `--data` reads as the same set."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

from gancli.core import files
from gancli.core.backend import np
from gancli.core.errors import DataError
from gancli.core.progress import track
from gancli.data import fingerprints
from gancli.data.dataset import Dataset
from gancli.data.request import Request

PLURAL = {"label": "labels", "caption": "captions", "size": "sizes", "map": "maps", "other": "others"}
FACTS = ("classes", "attributes", "palette", "numbers", "pixel_ranges", "remarks")
NPZ = ("image", "label")
AT_ONCE = 256  # images that are written at a time
TRAIN, TEST, VALIDATION = 0, 1, 2  # as gancli.data.picture_set numbers the splits


def save(dataset: Dataset, path: Path) -> Path:
    """See Dataset.save."""
    writers: dict[str, Callable[[Dataset, Path], None]] = {".h5": _write_h5, ".hdf5": _write_h5, ".npz": _write_npz}
    kind = next(iter(dataset.train))
    writers = {".txt": _write_text} if kind == "sentence" else {".npz": _write_points} if kind == "point" else writers
    path = Path(os.path.expanduser(path))  # noqa: PTH111 (pathlib's fails where there is no such user)
    if path.suffix.lower() not in writers:
        raise DataError(f"{path}: a data set of {kind}s is saved as {' or '.join(writers)}: choose such an ending")
    files.need_writable(path.parent)
    with files.atomic_path(path) as aside:
        checked = aside.with_name(aside.name.lstrip(".") + path.suffix)  # hidden files are not read
        try:
            writers[path.suffix.lower()](dataset, checked)
            _need_same(dataset, checked)
            os.replace(checked, aside)  # noqa: PTH105
        finally:
            checked.unlink(missing_ok=True)
    return path


def _need_same(dataset: Dataset, path: Path) -> None:
    """Raise DataError if a written file is read as other data."""
    from gancli.data import loading

    least = min(dataset.shape[:2]) if "image" in dataset.train else None
    found = loading.load(str(path), Request(least=least and 1))
    train, test = fingerprints.differences(dataset.fingerprints, found.fingerprints)
    if differing := [*train, *test]:
        raise DataError(
            f"a {path.suffix} file of '{dataset.name}' would be read with other {' and '.join(differing)}: save as .h5"
        )


def _write_h5(dataset: Dataset, path: Path) -> None:
    from gancli.data.formats import hdf5

    train, test, count = dataset.train, dataset.test, len(dataset)
    if test and (lacking := sorted(train.keys() ^ test.keys())):
        words = " and ".join(PLURAL.get(name, name) for name in lacking)
        raise DataError(
            f"only one of the training and test images of '{dataset.name}' have {words}: an .h5 file holds "
            "them for all or none; leave them out, or save as .npz"
        )
    parts = [train, test] if test else [train]
    splits = np.full(count + len(test.get("image", ())), TEST, np.uint8)
    splits[:count] = TRAIN
    splits[count - dataset.validation : count] = VALIDATION
    columns = {
        PLURAL.get(name, name): np.concatenate([part[name][:] for part in parts]) for name in train if name != "image"
    }
    columns |= {"tests": splits} if splits.any() else {}
    images = (group for part in parts for group in _groups(part["image"]))
    facts = {name: getattr(dataset, name) for name in FACTS}
    hdf5.write(path, images, (len(splits), *dataset.shape), columns=columns, description=hdf5.Description(**facts))


def _groups(images: np.ndarray) -> Iterator[np.ndarray]:
    for start in track(range(0, len(images), AT_ONCE), "writing images"):
        yield images[start : start + AT_ONCE]


def _write_npz(dataset: Dataset, path: Path) -> None:
    parts = {"train": dict(dataset.train)} | ({"test": dict(dataset.test)} if dataset.test else {})
    others = sorted({name for part in parts.values() for name in part} - set(NPZ))
    if others:
        raise DataError(
            f"an .npz file holds images and labels, and '{dataset.name}' has {', '.join(others)}: save as .h5"
        )
    if dataset.validation:
        cut = len(dataset) - dataset.validation
        parts["val"] = {name: values[cut:] for name, values in parts["train"].items()}
        parts["train"] = {name: values[:cut] for name, values in parts["train"].items()}
    arrays = {
        f"{'x' if name == 'image' else 'y'}_{part}": values[:]
        for part, columns in parts.items()
        for name, values in columns.items()
    }
    arrays |= {"class_names": np.array(dataset.classes)} if dataset.classes else {}
    _write_arrays(path, arrays)


def _write_points(dataset: Dataset, path: Path) -> None:
    arrays = {"points": dataset.train["point"]}
    arrays |= {"labels": dataset.train["label"]} if "label" in dataset.train else {}
    _write_arrays(path, arrays | ({"class_names": np.array(dataset.classes)} if dataset.classes else {}))


def _write_arrays(path: Path, arrays: dict[str, np.ndarray]) -> None:
    files.need_space(path.parent, sum(values.nbytes for values in arrays.values()))
    with path.open("wb") as stream:
        np.savez(stream, **arrays)


def _write_text(dataset: Dataset, path: Path) -> None:
    """The sentences one a line, in the order of the text, with an empty line between texts."""
    parts = [dataset.train, dataset.test]
    lines = {int(line): text for part in parts for line, text in zip(part["line"], part["sentence"], strict=True)}
    count = max(lines) + 1
    path.write_text("".join(f"{lines.get(number, '')}\n" for number in range(count)), encoding="utf-8")
