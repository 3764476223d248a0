"""Feature extractors for comparing sets of images: a classifier of the data, InceptionV3, a weights file, or pixels."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from gancli.core import safe_hdf5
from gancli.core.backend import keras, np, tf
from gancli.core.errors import CheckpointError, DataError, OptionError, first_line
from gancli.data import Dataset
from gancli.evaluation import classifier
from gancli.imaging import images

INCEPTION_SIDE, INCEPTION_BATCH = 299, 32
NAMES = ("classifier", "inception", "pixels")


@dataclass(frozen=True)
class FeatureExtractor:
    """Extracts features of images. name: part of the name of every metric; recipe: the network, for JSON; description:
    the recipe in words.

    extract: uint8 (count, height, width, channels) -> features float32 (count, size), and the probabilities of classes,
    float32 (count, classes), or None for features without classes.
    """

    name: str
    extract: Callable[[np.ndarray], tuple[np.ndarray, np.ndarray | None]]
    recipe: dict[str, object] = field(default_factory=dict)
    description: str = ""

    def __str__(self) -> str:
        return f"{self.name} features" + (f"; {self.description}" if self.description else "")


def check(which: str | None) -> None:
    """Raise OptionError for anything but a name of features or a file, before samples are generated."""
    if which is not None and which.casefold() not in NAMES and not Path(which).is_file():
        raise OptionError(f"--features {which}: expected {', '.join(NAMES)} or a file of weights")


def load(which: str | None, dataset: Dataset, *, note: Callable[[str], None]) -> FeatureExtractor:
    """The extractor "classifier" (default for data with labels), "inception", "pixels", or that of a weights file.

    Raises: DataError if Inception weights are not available, OptionError for data without labels for a classifier or
    for a missing file, CheckpointError for a file with other contents.
    """
    check(which)
    which = which or ("classifier" if "label" in dataset.train else "pixels")
    which = which.casefold() if which.casefold() in NAMES else which
    if which == "pixels":
        return FeatureExtractor("pixels", _pixels)
    if which == "classifier":
        return _of_classifier(classifier.for_dataset(dataset, note=note), f"{dataset.name}-classifier")
    if which == "inception":
        return _inception("imagenet")
    return _from_file(Path(which), dataset)


def for_domains(dataset: Dataset, *, note: Callable[[str], None]) -> FeatureExtractor:
    """The extractor of a domain classifier, trained with more care than "classifier".

    Raises: OptionError for data without labels.
    """
    return _of_classifier(classifier.for_dataset(dataset, kind="domain", note=note), f"{dataset.name}-domains")


def _pixels(pixels: np.ndarray) -> tuple[np.ndarray, None]:
    return images.flat(pixels), None


def _of_classifier(net: classifier.Classifier, name: str) -> FeatureExtractor:
    recipe = {"file": str(net.path), **net.recipe()}
    return FeatureExtractor(name, net.features_and_probabilities, recipe, str(net))


def _from_file(path: Path, dataset: Dataset) -> FeatureExtractor:
    """A classifier that gancli cached, or weights of Keras' InceptionV3."""
    try:
        return _of_classifier(classifier.from_file(path, dataset.shape), f"classifier {path.stem}")
    except CheckpointError as error:
        if not path.name.endswith(".h5") or "not a gancli checkpoint" not in str(error):
            raise
    with safe_hdf5.open_hdf5(path):
        return _inception(str(path))


def vgg19() -> keras.Model:
    """Keras' VGG19 without its dense layers, ImageNet weights. Raises: DataError if the weights are not available."""
    instead = "--content with a labeled data set, such as cifar10, for the features of its classifier, or pixels"
    return _of_keras("VGG19", "vgg19_weights_tf_dim_ordering_tf_kernels_notop.h5", instead, weights="imagenet")


def _inception(weights: str) -> FeatureExtractor:
    file, settings = "inception_v3_weights_tf_dim_ordering_tf_kernels_notop.h5", {"weights": weights, "pooling": "avg"}
    return _inception_extractor(_of_keras("InceptionV3", file, "--features FILE", **settings), weights)


def _of_keras(name: str, file: str, instead: str, **settings: object) -> keras.Model:
    """A Keras application without its dense layers. Raises: DataError with an alternative."""
    try:
        with contextlib.redirect_stdout(sys.stderr):  # Keras reports its download
            return getattr(keras.applications, name)(include_top=False, **settings)
    except Exception as error:  # Keras raises a bare Exception if the download fails
        raise DataError(
            f"weights of {name} are not available ({first_line(error)}): put Keras' file {file} into ~/.keras/models "
            f"or use {instead}"
        ) from error


def _inception_extractor(network: keras.Model, weights: str) -> FeatureExtractor:
    digest = classifier.digest_of(network)
    recipe = {
        "weights": f"Keras' InceptionV3, {weights}",
        "note": "published FIDs use the weights of Inception-2015-12-05; do not compare this value with them",
        "resize": f"bicubic, antialiased, to {INCEPTION_SIDE} pixels",
        "sha256": digest,
    }
    description = f"{recipe['weights']}; {recipe['note']}; sha256 {digest[:12]}…"

    def extract(pixels: np.ndarray) -> tuple[np.ndarray, None]:
        parts = [pixels[start : start + INCEPTION_BATCH] for start in range(0, len(pixels), INCEPTION_BATCH)]
        return np.concatenate([network.predict_on_batch(_for_inception(part)) for part in parts]), None

    return FeatureExtractor("InceptionV3 (Keras weights)", extract, recipe, description)


def _for_inception(pixels: np.ndarray) -> tf.Tensor:
    """uint8 (count, height, width, 1 or 3) -> float32 (count, 299, 299, 3) in [-1, 1]."""
    size = (INCEPTION_SIDE, INCEPTION_SIDE)
    resized = tf.image.resize(images.from_uint8(pixels), size, method="bicubic", antialias=True)
    return tf.repeat(resized, 3, axis=-1) if pixels.shape[-1] == 1 else resized
