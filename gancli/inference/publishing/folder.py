"""Writes the folder of a published model, all of it or nothing, and reads its weights again."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from gancli.core import files, strict_json
from gancli.core.backend import np
from gancli.core.errors import CheckpointError, OptionError, ResourceError
from gancli.imaging import images
from gancli.inference.publishing import card, public_record
from gancli.inference.publishing.card import UNCHOSEN, Choices
from gancli.inference.sampling import BATCH, Sampler
from gancli.models.capabilities import Decoder
from gancli.runs import own_model
from gancli.runs.published.run import CARD, RECORD, WEIGHTS, PublishedRun
from gancli.runs.published.weights import inference_variables

if TYPE_CHECKING:
    from gancli.inference.trained_model import TrainedModel

LICENSE = re.compile("[a-z0-9][a-z0-9.+-]{0,63}")  # an identifier of the hub: apache-2.0, cc-by-4.0
PICTURE = "samples.png"
ROWS, COLUMNS = 16, 8  # of the grid of a conditional model: most classes or texts, images of each
FORMAT = {"format": "tf"}  # metadata of the weights: that axes are in TensorFlow's order, as hubs read it


@dataclass(frozen=True)
class Publication:
    """A published folder: its `path`, the size in bytes of each of its `files` by name, and the count of `tensors`."""

    path: Path
    files: dict[str, int]
    tensors: int


def check(out: Path | None, license: str) -> None:
    """Raise OptionError for a license that is no identifier, a folder with contents, or a missing package."""
    if not LICENSE.fullmatch(license):
        raise OptionError(
            f"--license {license}: expected an identifier of the hub, such as apache-2.0, mit or cc-by-4.0"
        )
    if importlib.util.find_spec("safetensors") is None:
        raise OptionError(
            "--format hub needs a package that is not installed (safetensors): pip install 'gancli[export]'"
        )
    if out is not None and os.path.lexists(out) and not (out.is_dir() and not any(out.iterdir())):
        raise OptionError(f"--out {out}: it exists and is not an empty folder: choose another name, or delete it first")


def publish(
    trained: TrainedModel, out: Path, *, license: str = UNCHOSEN, training_picture: bool = False
) -> Publication:
    """Write the weights, configuration, model card and samples of a trained model as a new folder.

    license: of the weights, an identifier of the hub. training_picture: for a model whose samples show images of the
    data, add the newest sample grid of its training. The weights are read again and compared.
    Raises: OptionError as `check`, CheckpointError if the weights come out differently, ResourceError.
    """
    check(out, license)
    arrays = {name: value.numpy() for name, value in inference_variables(trained.model).items()}
    weights = _weights(arrays)
    picture, caption = _picture(trained, training_picture=training_picture)
    config = public_record.config(trained, sha256=hashlib.sha256(weights).hexdigest())
    contents: dict[str, bytes | str] = {
        WEIGHTS: weights,
        RECORD: strict_json.dumps(config, indent=2) + "\n",
        CARD: card.text(trained, out.name or str(out), Choices(license, caption)),
    }
    contents |= {PICTURE: picture} if picture else {}
    files.need_space(out.parent, sum(map(len, contents.values())))
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{out.name}-", dir=out.parent) as holder:
            folder = Path(holder, "folder")
            folder.mkdir()
            for name, content in contents.items():
                files.atomic_write(folder / name, content, is_own=True)
            own_model.copy(trained.run.model_class, folder)
            _need_equal(folder, arrays)
            sizes = {path.name: path.stat().st_size for path in sorted(folder.iterdir())}
            os.replace(folder, out)  # noqa: PTH105
    except OSError as error:
        raise ResourceError(f"cannot write {out}: {error.strerror or error}") from error
    return Publication(out, sizes, len(arrays))


def _weights(arrays: dict[str, np.ndarray]) -> bytes:
    """A safetensors file. Version 0.8.0 writes what lies in memory from the start of an array: rows must follow."""
    from safetensors.numpy import save

    for name, array in arrays.items():
        if not np.isfinite(array).all():
            raise CheckpointError(f"{name} holds numbers that are not finite: export an earlier --checkpoint")
    return save({name: np.asarray(array, order="C") for name, array in arrays.items()}, metadata=FORMAT)


def _need_equal(folder: Path, arrays: dict[str, np.ndarray]) -> None:
    """Raise CheckpointError unless the folder holds these arrays, bit by bit."""
    run = PublishedRun(folder)
    with run.open_checkpoint(run.step) as tensors:
        different = [
            name
            for name in arrays.keys() | tensors.sizes.keys()
            if name not in arrays or name not in tensors.sizes or tensors[name].tobytes() != arrays[name].tobytes()
        ]
    if different:
        raise CheckpointError(
            f"{len(different)} arrays were written differently by the installed safetensors, the first is "
            f"{min(different)}: nothing was exported, try another version of safetensors"
        )


def _picture(trained: TrainedModel, *, training_picture: bool) -> tuple[bytes, str]:
    """A PNG and its caption; empty for a model that generates no images, unless its training's grid is wanted."""
    if isinstance(trained.outline, Decoder):
        if training_picture:
            raise OptionError("--training-picture: the samples of this model are made from seeds: leave it out")
        rows = "" if trained.sampler.conditions is None else ", a row per class or text"
        return images.png(_grid(trained.sampler)), f"Samples at step {trained.step:,}{rows}"
    pictures = list(trained.run.pictures().values()) if training_picture else []
    if training_picture and not pictures:
        raise OptionError(f"--training-picture: {trained.run.path} has no sample grid")
    try:
        return (pictures[-1].read_bytes(), "Sample grid of the training") if pictures else (b"", "")
    except OSError as error:
        raise CheckpointError(f"cannot read {pictures[-1]}: {error.strerror}") from error


def _grid(sampler: Sampler) -> np.ndarray:
    """Images of seeds 0 to 63; of a conditional model, a row per class or text."""
    if sampler.conditions is None:
        return images.grid(sampler.seeds(list(range(BATCH))))
    order = sampler.order_by_class(COLUMNS, most=ROWS)
    return images.grid(sampler.draw(order).load().pixels, shape=(order.count // COLUMNS, COLUMNS))
