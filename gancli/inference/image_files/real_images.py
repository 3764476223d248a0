"""Real images as input of a trained model: image files, or test images of its data set; and their latent vectors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from gancli.core.backend import np
from gancli.core.errors import DataError, OptionError
from gancli.data import Dataset, open_images, subsets
from gancli.inference.latent_space import inversion
from gancli.inference.latent_space.latent_arithmetic import Vectors
from gancli.inference.trained_model import TrainedModel
from gancli.models.capabilities import Encoder
from gancli.nn.latents import Term


class RealImages(NamedTuple):
    """Real images in a model's shape.

    pixels: uint8 (count, *shape). labels: int (count,), for a class-conditional model, else None. known: labels of any
    data that have them. names: one per image. what: what they are, in words. rows: which rows of the data set they are,
    in words; empty for image files.
    """

    pixels: np.ndarray
    labels: np.ndarray | None
    known: np.ndarray | None
    names: list[str]
    what: str
    rows: str = ""

    def some(self, count: int) -> np.ndarray:
        """Indices of up to `count` images to show, int64, ascending: of all classes; the first of image files."""
        if not self.rows:
            return np.arange(min(count, len(self.pixels)))
        return subsets.draw(len(self.pixels), count, self.known)


def check_takes_images(trained: TrainedModel) -> None:
    """Raise OptionError for a text-conditional model: real images come without a text."""
    if trained.takes_texts:
        name = trained.outline.name()
        raise OptionError(f"{name} takes texts, so an image alone has no z; see gancli sample --style-of")


def from_files(trained: TrainedModel, paths: Sequence[Path], label: str | None) -> RealImages:
    """Image files. label: the class of all, for a class-conditional model. Raises: DataError, OptionError."""
    check_takes_images(trained)
    number = None
    if label is not None or trained.is_class_conditional:
        number = trained.label_of(label)
    pixels, names = open_files(trained, paths)
    labels = None if number is None else np.full(len(pixels), number, np.int32)
    return RealImages(pixels, labels, labels, names, "pictures")


def from_test_split(trained: TrainedModel, dataset: Dataset, count: int) -> RealImages:
    """Up to `count` test images, or validation images of data without a test split, of all classes; always the same.

    Raises: DataError.
    """
    if "image" in dataset.test:
        rows, whole = dataset.sample_rows(count, part=dataset.test), len(dataset.test["image"])
        pixels, known = dataset.test["image"][rows], dataset.test.get("label")
        known = None if known is None else known[rows]
        what, names = "test images", [f"test {row}" for row in rows]
    else:
        validation = dataset.split()[1]
        rows, whole = dataset.sample_rows(count, among=validation), len(validation)
        pixels, known = dataset.take(rows), dataset.train["label"][:][rows] if "label" in dataset.train else None
        use = "held out from training" if trained.outline.config.hold_out else "also used for training"
        what, names = f"validation images, {use}", [f"validation {row}" for row in range(len(rows))]
    if not len(pixels):
        raise DataError(f"'{dataset.name}' has no test images and is too small for validation images: give image files")
    if trained.is_class_conditional and known is None:
        raise DataError(f"the test images of '{dataset.name}' have no labels, which {trained.outline.name()} takes")
    in_words = subsets.describe(len(rows), whole, by_class=known is not None)
    return RealImages(pixels, known if trained.is_class_conditional else None, known, names, what, in_words)


def open_files(trained: TrainedModel, paths: Sequence[Path]) -> tuple[np.ndarray, list[str]]:
    """Image files, cropped and resized as the training data were, uint8 (count, *shape), and a name for each.

    Raises: DataError.
    """
    facts, crop = trained.run.facts, trained.outline.config.crop
    return open_images(paths, facts.shape, crop=crop, known=facts.pixel_ranges, tell=trained.reporting.remarks)


def invert(trained: TrainedModel, pixels: np.ndarray, label: int | None = None) -> np.ndarray:
    """Latent vectors of images uint8 (count, *shape): from the encoder, or by gradient descent, which is reported.

    label: the class of all images, for a class-conditional model. Returns: float32 (count, z_size).
    """
    check_takes_images(trained)
    labels = None if label is None else np.full(len(pixels), label, np.int32)
    if isinstance(trained.model, Encoder):
        return inversion.encode(trained.model, pixels, labels)
    note = trained.reporting.note
    note(f"{trained.model.name()} has no encoder: finding z of {len(pixels)} images by gradient descent")
    found = inversion.project(trained.model, pixels, labels)
    note(f"mean squared errors of the reconstructions: {', '.join(f'{error:.4f}' for error in found.errors)}")
    return found.z


def vectors_of_terms(
    trained: TrainedModel,
    terms: Sequence[Term],
    *,
    label: int | None = None,
    inverted: Mapping[str, tuple[np.ndarray, np.ndarray]] | None = None,
) -> Vectors:
    """Latent vectors of the seeds and image files in the terms of a sum. Raises: DataError.

    label: as of `invert`. inverted: z and image of names that are known already.
    """
    known = dict(inverted or {})
    names = [name for term in terms for name in term.files if name not in known]
    if not names:
        return Vectors(trained.sampler, known)
    pixels = np.concatenate([open_files(trained, [Path(name)])[0][:1] for name in names])
    pairs = zip(invert(trained, pixels, label), pixels, strict=True)
    return Vectors(trained.sampler, known | dict(zip(names, pairs, strict=True)))
