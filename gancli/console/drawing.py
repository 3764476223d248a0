"""What the drawing commands share: the run with its sampler and classifier, and files by their endings."""

from __future__ import annotations

import io
import itertools
import json
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from gancli.abilities import Decoder
from gancli.backend import h5py, np, tf
from gancli.console.flags import RunChoice, note, tell
from gancli.errors import OptionError

if TYPE_CHECKING:
    from gancli.classifier import Classifier
    from gancli.concepts import Concept
    from gancli.data import Dataset
    from gancli.models.base import Model
    from gancli.runs import Run
    from gancli.selection import Selector

ENDINGS = (".png", ".npz", ".h5", "")


class Drawing:
    """A run opened for drawing.

    Attributes: `run`, `model`, `step` of the checkpoint, `weights` in words, `sampler`, of a model that makes images.
    """

    def __init__(self, run: Run, checkpoint: str, weights: str | None) -> None:
        from gancli.sampling import Sampler

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
        return self.run.model_class(self.run.options(), self.run.facts)

    def need_labels(self, flag: str) -> None:
        """Raise OptionError for a flag that asks for labels of a model that takes none."""
        if not self.sampler.takes_labels:
            raise OptionError(
                f"{flag}: {self.model.name()} takes no labels; train a conditional model, such as cgan or acgan"
            )

    def class_index(self, name: str) -> int:
        """The number of a class of the run's data. Raises: OptionError."""
        from gancli.data import class_index

        return class_index(name, self.run.facts.classes, self.run.facts.name)

    def _dataset(self, data_dir: str | None) -> Dataset:
        """The run's data; what is to be said of them is."""
        dataset = self.run.dataset(data_dir)
        tell(dataset)
        return dataset

    def reader(self, data_dir: str | None) -> Classifier:
        """The classifier of all attributes of the run's data, or where they have none of their labels."""
        from gancli import classifier

        kind = "attributes" if self.run.facts.attributes else "label"
        return classifier.for_dataset(self._dataset(data_dir), kind=kind, note=note)

    def classifier(self, data_dir: str | None, concept: Concept) -> Classifier:
        """The classifier of the run's own data that reads a concept; its accuracy is said on standard error."""
        from gancli import classifier

        found = classifier.for_dataset(self._dataset(data_dir), kind=concept.kind, note=note)
        note(found.told(concept.wanted if concept.kind == "attributes" else ()))
        return found

    def selector(self, data_dir: str | None, concept: Concept, max_error: float | None = None) -> Selector:
        """What chooses samples of the run that show a concept, and others of its kind; its accuracies are said."""
        from gancli import selection

        panel = selection.panel(self.run.dataset(data_dir), concept.kind, note=note)
        note(panel.told(concept))
        return selection.Selector(self.sampler, panel, selection.MAX_ERROR if max_error is None else max_error)


def open_run(
    choice: RunChoice, *, ability: type = Decoder, prefer: Callable[[Run], bool] = lambda run: True
) -> Drawing:
    """The run that was named, or the newest with the ability, see shelf.find. Raises: CheckpointError, OptionError."""
    from gancli import shelf

    run = shelf.find(choice.selector, choice.outdir, ability=ability, prefer=prefer)
    return Drawing(run, choice.checkpoint, choice.weights)


def takes_no_labels(run: Run) -> bool:
    """Whether a run's model is told nothing beside z, so that z holds all there is."""
    return not {"label", "caption"} & set(run.model_class.columns_of(run.options()))


def check_ending(out: Path | None) -> None:
    """Raise OptionError for a file that no rule makes, before anything is drawn."""
    if out is not None and out.suffix.lower() not in ENDINGS and not out.is_dir():
        raise OptionError(f"--out {out}: expected a name that ends in .png, .npz or .h5, or a folder")


def fresh(run: Run, stem: str, ending: str) -> Path:
    """A path among the run's samples that no picture has yet: STEM.png, STEM-2.png, …"""
    folder = run.path / "samples"
    names = itertools.chain([stem], (f"{stem}-{number}" for number in itertools.count(2)))
    return next(path for name in names if not (path := folder / f"{name}{ending}").exists())


def write_codes(
    out: Path, z: np.ndarray, names: list[str], *, labels: np.ndarray | None, classes: tuple[str, ...]
) -> None:
    """Write latent vectors as the ending of `out` says: arrays, or of two numbers a plane. Raises: ResourceError."""
    from gancli import files, plots

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


def write(
    out: Path,
    pixels: np.ndarray,
    seeds: list[int],
    *,
    labels: np.ndarray | None = None,
    classes: tuple[str, ...] = (),
    shape: tuple[int, int] | None = None,
) -> None:
    """Write images as the ending of `out` says, so that they are read back as a data set with the same classes.

    labels: numbers of `classes`, int (images,). In a folder each class has a folder of its name, and a seed that comes
    again has a number behind it. Raises: ResourceError.
    """
    from gancli import files, images
    from gancli.data import hdf5

    classes = () if labels is None else classes
    columns = {"seeds": np.array(seeds, np.int64)} | ({} if labels is None else {"labels": labels})
    ending = "" if out.is_dir() else out.suffix.lower()
    if ending == ".png":
        files.atomic_write(out, images.png(images.grid(pixels, shape=shape)))
    elif ending == ".npz":
        buffer = io.BytesIO()
        np.savez_compressed(buffer, images=pixels, **columns, **({"classes": np.array(classes)} if classes else {}))
        files.atomic_write(out, buffer.getvalue())
    elif ending == ".h5":
        hdf5.write(out, pixels, pixels.shape, columns=columns, classes=classes)
    else:
        held = [] if labels is None else labels.tolist()
        folders, times = _folders(classes, held), Counter()
        for row, (seed, image) in enumerate(zip(seeds, pixels, strict=True)):
            name = (out / folders[held[row]] if held else out) / f"seed-{seed:08}"
            times[name] += 1
            again = f"-{times[name]}" if times[name] > 1 else ""
            files.atomic_write(name.with_name(f"{name.name}{again}.png"), images.png(image))


def _folders(classes: tuple[str, ...], labels: Iterable[int]) -> dict[int, str]:
    """A folder's name for each class that is met: its own, or where another has the same one with its number."""
    from gancli.files import safe_name

    found: dict[int, str] = {}
    for label in sorted(set(labels)):
        name = safe_name(classes[label]).strip(".") if classes else ""
        taken = {one.casefold() for one in found.values()}
        found[label] = name if name and name.casefold() not in taken else f"{name or 'class'}-{label}"
    return found
