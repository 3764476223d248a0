"""The weights of inception-2015: where they are found, and what is accepted as them."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

from gancli.core import files
from gancli.core.backend import np
from gancli.core.errors import DataError, ResourceError, value_text
from gancli.data.formats.published import safetensors_file, torch_file
from gancli.evaluation.feature_extractors.inception import download, network
from gancli.evaluation.feature_extractors.inception.places import OURS, VARIABLE, WANTED, find, kept_folder

FORMAT = "gancli inception-2015"  # in the texts of our file
MOST = 500_000_000  # bytes: float64 takes 0.2 GB
HDF5 = b"\x89HDF"
START = 512  # bytes that show what a file is
ZIP_END = (b"PK\5\6", 22)  # begins the last record of a zip file, of this length
UNUSED = ("AuxLogits.",)  # a branch that only training uses
COUNTER = "num_batches_tracked"


class InceptionWeights(NamedTuple):
    """Weights of inception-2015, and which ones they are.

    tensors: float32 arrays by the names of PyTorch's state dict, in its layouts (network.expected_shapes); they cannot
    be written to. sha256: of the file that they were published in, also if they are read from ours. is_published:
    whether that is the published one. source: the file or address, and the key in it.
    """

    tensors: Mapping[str, np.ndarray]
    sha256: str
    is_published: bool
    source: str


def check(weights_file: Path | None) -> None:
    """Raise an error if the file that `load` would read is missing, no file of weights, or plainly cut short.

    Only its first and last bytes are read; where there is no file nothing is checked. Raises: OptionError, DataError.
    """
    path = find(weights_file)
    if path is None:
        return
    try:
        with files.open_regular(path) as file:
            size, start = os.fstat(file.fileno()).st_size, file.read(START)
            file.seek(-min(size, ZIP_END[1]), os.SEEK_END)
            end = file.read()
    except OSError as error:
        raise DataError(f"cannot read the weights {path}: {error.strerror or error}") from error
    _need_known(start, str(path))
    least = 2 * sum(map(_count, network.expected_shapes().values()))
    if start.startswith(b"PK") and not end.startswith(ZIP_END[0]):
        raise DataError(f"{path} is cut short: it has {size / 1e6:,.1f} MB and no end; copy it again; {WANTED}")
    if size < least:
        raise DataError(
            f"{path} is cut short or of another network: it has {size / 1e6:,.1f} MB, and weights of inception-2015 "
            f"take at least {least / 1e6:,.1f} MB; {WANTED}"
        )


def load(weights_file: Path | None, *, note: Callable[[str], None]) -> InceptionWeights:
    """The weights, from the first of the places that `find` names, else downloaded.

    The published ones are kept in the cache as our own file, unless they are there. note: is called with a warning
    about any others. Raises: OptionError, DataError with what is expected.
    """
    path = find(weights_file)
    weights = _downloaded() if path is None else _read(path)
    if not weights.is_published:
        note(
            f"warning: {weights.source} is not the published file (SHA-256 begins with {weights.sha256[:8]}, not "
            f"{download.SHA256[:8]}): scores are comparable only with those of the same file"
        )
    elif path is None or path.parent != kept_folder():
        kept = kept_folder() / OURS
        try:
            if not kept.is_file():
                save_safetensors(weights, kept, is_own=True)
        except ResourceError as error:
            note(f"warning: the weights are not kept for the next time: {error}")
    return weights


def save_safetensors(weights: InceptionWeights, path: Path, *, is_own: bool = False) -> None:
    """Write weights as a safetensors file that `load` reads without a pickle and knows as the same weights.

    is_own: whether it is a file of the cache. Raises: ResourceError, OptionError.
    """
    texts = {"format": FORMAT, "sha256": weights.sha256, "numbers": _digest(weights.tensors)}
    safetensors_file.write(path, weights.tensors, texts, is_own=is_own)


def _downloaded() -> InceptionWeights:
    try:
        content, url = download.fetch(download.URLS)
    except DataError as error:
        raise DataError(
            f"the weights of inception-2015 are not on this machine and cannot be downloaded ({error}): put the file "
            f"{download.FILES[0]} into {kept_folder()}, or give it with --weights-file or {VARIABLE}"
        ) from error
    return parse(content, name=url)


def _read(path: Path) -> InceptionWeights:
    try:
        content = files.read_regular(path, most=MOST)
    except OSError as error:
        raise DataError(f"cannot read the weights {path}: {error.strerror or error}") from error
    return parse(content, name=str(path))


def parse(content: bytes, *, name: str) -> InceptionWeights:
    """The weights in the bytes of a file. name: of the file, for messages. Raises: DataError."""
    _need_known(content[:START], name)
    sha256, source = hashlib.sha256(content).hexdigest(), name
    if not torch_file.is_one(content[:START]):
        arrays, texts = safetensors_file.parse(content, name=name)
        tensors = _checked(arrays, name)
        if texts.get("format") == FORMAT:
            if texts.get("numbers") != _digest(tensors):
                raise DataError(f"{name} is damaged: its numbers are not those that were written; delete it")
            sha256 = texts["sha256"] if re.fullmatch("[0-9a-f]{64}", texts.get("sha256", "")) else sha256
    else:
        try:
            found = torch_file.parse(content, name=name)
        except DataError as error:
            raise DataError(f"{error}; {WANTED}") from error
        tensors = _checked(found.tensors, name)
        source = f"{name} ({value_text(found.key)})" if found.key else name
    return InceptionWeights(tensors, sha256, sha256 == download.SHA256, source)


def _need_known(start: bytes, name: str) -> None:
    """Raise DataError unless a file with this start may be one of weights."""
    if start.startswith(HDF5):
        raise DataError(f"{name} is an HDF5 file, as of Keras' InceptionV3, which --features {name} takes; {WANTED}")
    if not torch_file.is_one(start) and not safetensors_file.is_one(start):
        held = "is empty" if not start else "is neither a PyTorch file (.pth) nor a .safetensors file"
        raise DataError(f"{name} {held}; {WANTED}")


def _checked(arrays: Mapping[str, np.ndarray], name: str) -> dict[str, np.ndarray]:
    """The arrays of the network as float32, finite. Raises: DataError for those of another network."""
    prefix = "module." if all(one.startswith("module.") for one in arrays) else ""  # of torch.nn.DataParallel
    named = {one.removeprefix(prefix): array for one, array in arrays.items()}
    used = {one: array for one, array in named.items() if not one.startswith(UNUSED) and not one.endswith(COUNTER)}
    _need_layout({one: array.shape for one, array in used.items()}, name)
    found = {}
    for one in network.expected_shapes():
        if used[one].dtype.kind != "f":
            raise DataError(f"{name}: '{one}' has the type {used[one].dtype}, not float32; {WANTED}")
        with np.errstate(over="ignore"):  # what becomes infinite is refused
            found[one] = np.require(used[one], np.float32, ["C", "A"])  # the older form aligns nothing
        if not np.isfinite(found[one]).all() or (one.endswith("running_var") and found[one].min(initial=0) < 0):
            raise DataError(f"{name}: '{one}' has numbers that are not finite, or variances below 0; {WANTED}")
        found[one].flags.writeable = False
    return found


def _need_layout(held: Mapping[str, tuple[int, ...]], name: str) -> None:
    """Raise DataError with what differs from the network's names and shapes."""
    wanted = network.expected_shapes()
    absent = [one for one in wanted if one not in held]
    more = [value_text(one) for one in held if one not in wanted]
    others = [one for one in wanted if one in held and held[one] != wanted[one]]
    if absent:
        what = f"it lacks '{absent[0]}'" + (f" and {len(absent) - 1} more arrays" if absent[1:] else "")
        what += f", and has '{more[0]}'" if more else ""
    elif others:
        shape, sides = held[others[0]], wanted[others[0]]
        what = f"'{others[0]}' has the shape {value_text(shape)}, not {sides}"
        what += f" (the first of {len(others)} that differ)" if others[1:] else ""
    elif more:
        what = f"it also has '{more[0]}'" + (f" and {len(more) - 1} more arrays" if more[1:] else "")
    else:
        return
    raise DataError(f"{name} holds another network than inception-2015: {what}; {WANTED}")


def _digest(tensors: Mapping[str, np.ndarray]) -> str:
    """SHA-256 of the numbers of all arrays, in the order of their names."""
    sha = hashlib.sha256()
    for one in sorted(tensors):
        sha.update(np.ascontiguousarray(tensors[one], "<f4").data)
    return sha.hexdigest()


def _count(shape: tuple[int, ...]) -> int:
    return int(np.prod(shape))
