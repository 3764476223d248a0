"""What the drawing commands share: the run with its sampler and classifier, and files by their endings."""

from __future__ import annotations

import io
import itertools
import json
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from gancli.cli.flags import Place, RunChoice, note, tell
from gancli.core.backend import h5py, np, tf
from gancli.core.errors import OptionError
from gancli.models.capabilities import Decoder

if TYPE_CHECKING:
    from gancli.core.latents import Seeds
    from gancli.data import Dataset
    from gancli.data.attribute_query import AttributeQuery
    from gancli.data.formats.hdf5 import Column
    from gancli.evaluation.class_selection import Selector
    from gancli.evaluation.classifier import Classifier
    from gancli.inference.sample_stream import Images, Order
    from gancli.models.base import Model
    from gancli.runs.run import Run

ENDINGS = (".png", ".npz", ".h5", "")
MOST_TOLD = 100_000  # seeds in a result
MOST_AT_ONCE = 20_000  # images, of what is not drawn in pieces
MOST_PIXELS = 178_956_970  # of a picture: above, Pillow takes it for a bomb


class TrainedModel:
    """A run opened for drawing.

    Attributes: `run`, `model`, `step` of the checkpoint, `weights` in words, `sampler`, of a model that makes images.
    """

    def __init__(self, run: Run, checkpoint: str, weights: str | None) -> None:
        from gancli.inference.sampling import Sampler

        self.run = run
        self.model, self.step = run.model(checkpoint, weights=weights, warn=lambda text: note(f"warning: {text}"))
        self.weights = f"ema {self.model.options.ema:g}" if self.model.has_averages() else "raw"
        self.sampler = Sampler(self.model) if isinstance(self.model, Decoder) else None

    def about(self) -> dict[str, object]:
        """What was opened, for a result: run, step and weights."""
        return {"run": str(self.run.path), "step": self.step, "weights": self.weights}

    def points(self, seeds: Iterable[int]) -> np.ndarray:
        """The points of these seeds, float32 (seeds, size), of a model that makes points."""
        return self.model.decode(tf.constant(self.model.latents(seeds))).numpy()

    def untrained(self) -> Model:
        """The same model as it was before the training."""
        return self.run.model_class(*self.run.settings(), self.run.facts)

    def need_labels(self, flag: str) -> None:
        """Raise OptionError for a flag that asks for labels of a model that takes none."""
        if not self.sampler.is_class_conditional:
            raise OptionError(
                f"{flag}: {self.model.name()} takes no labels; train a conditional model, such as cgan or acgan"
            )

    def class_index(self, name: str) -> int:
        """The number of a class of the run's data. Raises: OptionError."""
        from gancli.data import class_index

        return class_index(name, self.run.facts.classes, self.run.facts.name)

    def _dataset(self, place: Place) -> Dataset:
        """The run's data; what is to be said of them is."""
        dataset = self.run.dataset(*place)
        tell(dataset)
        return dataset

    def reader(self, place: Place) -> Classifier:
        """The classifier of all attributes of the run's data, or where they have none of their labels."""
        from gancli.evaluation import classifier

        kind = "attributes" if self.run.facts.attributes else "label"
        return classifier.for_dataset(self._dataset(place), kind=kind, note=note)

    def classifier(self, place: Place, concept: AttributeQuery) -> Classifier:
        """The classifier of the run's own data that reads a concept; its accuracy is said on standard error."""
        from gancli.evaluation import classifier

        found = classifier.for_dataset(self._dataset(place), kind=concept.kind, note=note)
        note(found.told(concept.wanted if concept.kind == "attributes" else ()))
        return found

    def selector(self, place: Place, concept: AttributeQuery, max_error: float | None = None) -> Selector:
        """What chooses samples of the run that show a concept, and others of its kind; its accuracies are said."""
        from gancli.evaluation import class_selection

        panel = class_selection.panel(self.run.dataset(*place), concept.kind, note=note)
        note(panel.told(concept))
        return class_selection.Selector(
            self.sampler, panel, class_selection.MAX_ERROR if max_error is None else max_error
        )


def open_run(
    choice: RunChoice, *, ability: type = Decoder, prefer: Callable[[Run], bool] = lambda run: True
) -> TrainedModel:
    """The run that was named, or the newest with the ability, see shelf.find. Raises: CheckpointError, OptionError."""
    from gancli.runs import registry

    run = registry.find(choice.selector, choice.outdir, ability=ability, prefer=prefer, note=note)
    return TrainedModel(run, choice.checkpoint, choice.weights)


def takes_no_labels(run: Run) -> bool:
    """Whether a run's model is told nothing beside z, so that z holds all there is."""
    return not {"label", "caption"} & set(run.model_class.columns_of(run.options()))


def check_ending(out: Path | None) -> None:
    """Raise OptionError for a file that no rule makes, before anything is drawn."""
    if out is not None and out.suffix.lower() not in ENDINGS and not out.is_dir():
        raise OptionError(f"--out {out}: expected a name that ends in .png, .npz or .h5, or a folder")


def fresh(run: Run, stem: str, ending: str) -> Path:
    """A path among the run's samples that no picture has and no other command takes: STEM.png, STEM-2.png, …"""
    names = itertools.chain([stem], (f"{stem}-{number}" for number in itertools.count(2)))
    return run.new_path(f"samples/{name}{ending}" for name in names)


def write_codes(
    out: Path, z: np.ndarray, names: list[str], *, labels: np.ndarray | None, classes: tuple[str, ...]
) -> None:
    """Write latent vectors as the ending of `out` says: arrays, or of two numbers a plane. Raises: ResourceError."""
    from gancli.core import files
    from gancli.imaging import plots

    ending = out.suffix.lower()
    if ending == ".png":
        files.atomic_write(out, plots.codes(z, labels, classes))
        return
    columns = {"z": z, "names": np.array([name.encode("utf-8", "replace") for name in names])}
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


def write(out: Path, drawn: Images, *, classes: tuple[str, ...] = (), shape: tuple[int, int] | None = None) -> None:
    """Write images as the ending of `out` says, so that they are read back as a data set with the same classes.

    classes: what their labels number, if they have some. shape: rows and columns of a picture, nearly square if not
    given. In a folder each class has a folder of its name, and a seed that comes again has a number behind it; so has a
    picture that differs from one of its name that is there, and stays. Only a picture takes memory for all of them.
    Raises: ResourceError; OptionError for too many in a picture.
    """
    from gancli.core import files
    from gancli.data.formats import hdf5
    from gancli.imaging import images

    classes = () if drawn.order.labels is None else classes
    ending = "" if out.is_dir() else out.suffix.lower()
    if ending == ".png":
        _need_room(drawn, shape)
        files.atomic_write(out, images.png(images.grid(drawn.at_once().pixels, shape=shape)))
    elif ending == ".npz":
        _write_npz(out, drawn, classes)
    elif ending == ".h5":
        size = (len(drawn), *drawn.shape)
        pixels = (image for piece in drawn.pieces() for image in piece.pixels)
        hdf5.write(out, pixels, size, columns=_columns(drawn), classes=classes)
    else:
        _write_folder(out, drawn, classes)


def told_seeds(seeds: Seeds | Order) -> dict[str, list[int]]:
    """For a result: the seeds, unless they are so many that they would fill the memory."""
    return {"seeds": list(seeds)} if len(seeds) <= MOST_TOLD else {}


def need_few(count: int, flag: str) -> None:
    """Raise OptionError for more images than what the flag asks for draws at once."""
    if count > MOST_AT_ONCE:
        raise OptionError(f"{flag} draws at most {MOST_AT_ONCE:,} images, {count:,} are asked for")


def _need_room(drawn: Images, shape: tuple[int, int] | None) -> None:
    """Raise OptionError for a picture of more pixels than other programs open."""
    from gancli.imaging import images

    rows, columns = shape or images.grid_shape(len(drawn))
    if rows * columns * drawn.shape[0] * drawn.shape[1] > MOST_PIXELS:
        raise OptionError(
            f"{len(drawn):,} images are more than a picture of {MOST_PIXELS:,} pixels holds: --out to .npz, .h5 or a "
            "folder"
        )


def _columns(drawn: Images) -> dict[str, Column]:
    """What stands beside the images: seeds, and labels if they have some."""
    from gancli.data.formats.hdf5 import Column

    found = {"seeds": Column(len(drawn), np.dtype(np.int64), lambda: (seeds for seeds, _ in drawn.order.pieces()))}
    if drawn.order.labels is not None:
        labels = Column(len(drawn), np.dtype(np.int32), lambda: (labels for _, labels in drawn.order.pieces()))
        found["labels"] = labels
    return found


def _write_npz(out: Path, drawn: Images, classes: tuple[str, ...]) -> None:
    from gancli.core import files
    from gancli.data.formats.hdf5 import Column

    columns = {"images": Column(len(drawn), np.dtype(np.uint8), lambda: (piece.pixels for piece in drawn.pieces()))}
    with files.atomic_path(out) as aside, zipfile.ZipFile(aside, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, column in (columns | _columns(drawn)).items():
            with archive.open(f"{name}.npy", "w", force_zip64=True) as member:
                size = (column.count, *(drawn.shape if name == "images" else ()))
                told = {"descr": np.lib.format.dtype_to_descr(column.dtype), "fortran_order": False, "shape": size}
                np.lib.format.write_array_header_1_0(member, told)
                for piece in column.pieces():
                    member.write(piece.astype(column.dtype, copy=False).tobytes())
        if classes:
            with archive.open("classes.npy", "w") as member:
                np.lib.format.write_array(member, np.array(classes), allow_pickle=False)


def _write_folder(out: Path, drawn: Images, classes: tuple[str, ...]) -> None:
    from gancli.core import files
    from gancli.imaging import images

    has_labels = drawn.order.labels is not None
    folders, times = _folders(classes, drawn.order.kinds()), Counter()
    for piece in drawn.pieces():
        labels = piece.labels.tolist() if has_labels else [None] * len(piece.seeds)
        for seed, label, image in zip(piece.seeds.tolist(), labels, piece.pixels, strict=True):
            name, content = (out / folders[label] if has_labels else out) / f"seed-{seed:08}", images.png(image)
            number = 1 + (0 if drawn.order.are_distinct else times[name])
            while not (files.write_new(place := _again(name, number), content) or _is_same(place, content)):
                number += 1
            if not drawn.order.are_distinct:
                times[name] = number


def _again(name: Path, number: int) -> Path:
    """The picture of a seed, of the second time on with a number."""
    return name.with_name(f"{name.name}{f'-{number}' if number > 1 else ''}.png")


def _is_same(path: Path, content: bytes) -> bool:
    """Whether there is a file of this content."""
    return path.is_file() and path.read_bytes() == content


def _folders(classes: tuple[str, ...], labels: Iterable[int]) -> dict[int, str]:
    """A folder's name for each class that is met: its own, or where another has the same one with its number."""
    from gancli.core.files import safe_name

    found: dict[int, str] = {}
    for label in sorted(set(labels)):
        name = safe_name(classes[label]).strip(".") if classes else ""
        taken = {one.casefold() for one in found.values()}
        found[label] = name if name and name.casefold() not in taken else f"{name or 'class'}-{label}"
    return found
