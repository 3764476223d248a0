"""The extractor that is asked for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from gancli.core import safe_hdf5
from gancli.core.backend import np
from gancli.core.errors import CheckpointError, OptionError
from gancli.data import Dataset
from gancli.evaluation import classifier
from gancli.evaluation.feature_extractors import keras_networks
from gancli.evaluation.feature_extractors.extractor import OF_PAPERS, FeatureChoice, FeatureExtractor
from gancli.evaluation.feature_extractors.inception import extractor as extractor_2015
from gancli.evaluation.feature_extractors.inception import weights
from gancli.imaging import images

NAMES = ("classifier", OF_PAPERS, "inception", "pixels")


def check(choice: FeatureChoice) -> None:
    """Check a choice before samples are generated.

    Raises: OptionError for anything but a name of features or a file, or for options of other features; DataError for
    weights of inception-2015 that cannot be read.
    """
    which = choice.features
    if which is not None and which.casefold() not in NAMES and not Path(which).is_file():
        raise OptionError(f"--features {which}: expected {', '.join(NAMES)} or a file of weights")
    if which is not None and which.casefold() == OF_PAPERS:
        extractor_2015.check(choice)
        weights.check(choice.weights_file)
        return
    for flag, value in (("--resize", choice.resize), ("--dims", choice.dims), ("--weights-file", choice.weights_file)):
        if value is not None:
            raise OptionError(f"{flag} applies to --features {OF_PAPERS} alone: leave it out, or give both")


def load(choice: FeatureChoice, dataset: Dataset, *, note: Callable[[str], None]) -> FeatureExtractor:
    """The extractor that is asked for; without a name "classifier" for data with labels, else "pixels".

    For data without labels "classifier" is that of the attributes, which gives no probabilities of classes. Raises:
    DataError if Inception weights are not available, OptionError for data without labels and attributes for a
    classifier or for a missing file, CheckpointError for a file with other contents.
    """
    check(choice)
    which = choice.features or ("classifier" if "label" in dataset.train else "pixels")
    which = which.casefold() if which.casefold() in NAMES else which
    if which == "pixels":
        return FeatureExtractor("pixels", _pixels)
    if which == "classifier":
        kind = "attributes" if {"label", "attributes"} & dataset.train.keys() == {"attributes"} else "label"
        name = f"{dataset.name}-{'classifier' if kind == 'label' else kind}"
        return _of_classifier(classifier.for_dataset(dataset, kind=kind, note=note), name)
    if which == OF_PAPERS:
        return extractor_2015.load(choice, note=note)
    if which == "inception":
        return keras_networks.inception("imagenet")
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
    if net.kind == "attributes":  # which do not exclude one another: no classes
        return FeatureExtractor(
            name, lambda pixels: (net.features_and_probabilities(pixels)[0], None), recipe, str(net)
        )
    return FeatureExtractor(name, net.features_and_probabilities, recipe, str(net))


def _from_file(path: Path, dataset: Dataset) -> FeatureExtractor:
    """A classifier that gancli cached, or weights of Keras' InceptionV3."""
    try:
        return _of_classifier(classifier.from_file(path, dataset.shape), f"classifier {path.stem}")
    except CheckpointError as error:
        if not path.name.endswith(".h5") or "not a gancli checkpoint" not in str(error):
            raise
    with safe_hdf5.open_hdf5(path):
        return keras_networks.inception(str(path))
