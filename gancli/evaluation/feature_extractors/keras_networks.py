"""Networks that come with Keras, and the features of its InceptionV3."""

from __future__ import annotations

import contextlib
import sys

from gancli.core.backend import keras, np, tf
from gancli.core.errors import DataError, first_line
from gancli.core.progress import track
from gancli.evaluation import classifier
from gancli.evaluation.feature_extractors.extractor import FeatureExtractor
from gancli.imaging import images

INCEPTION_SIDE, INCEPTION_BATCH = 299, 32


def vgg19() -> keras.Model:
    """Keras' VGG19 without its dense layers, ImageNet weights. Raises: DataError if the weights are not available."""
    instead = "--content with a labeled data set, such as cifar10, for the features of its classifier, or pixels"
    return _of_keras("VGG19", "vgg19_weights_tf_dim_ordering_tf_kernels_notop.h5", instead, weights="imagenet")


def inception(weights: str) -> FeatureExtractor:
    """Features of Keras' InceptionV3. weights: "imagenet" or a file. Raises: DataError if they are not available."""
    file, settings = "inception_v3_weights_tf_dim_ordering_tf_kernels_notop.h5", {"weights": weights, "pooling": "avg"}
    return of_inception(_of_keras("InceptionV3", file, "--features FILE", **settings), weights)


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


def of_inception(network: keras.Model, weights: str) -> FeatureExtractor:
    """The extractor of a network without dense layers, and where its weights are from, in words."""
    digest = classifier.digest_of(network)
    recipe = {
        "weights": f"Keras' InceptionV3, {weights}",
        "note": "published FIDs use the weights of Inception-2015-12-05; do not compare this value with them",
        "resize": f"bicubic, antialiased, to {INCEPTION_SIDE} pixels",
        "sha256": digest,
    }
    description = f"{recipe['weights']}; {recipe['note']}; sha256 {digest[:12]}…"

    def extract(pixels: np.ndarray) -> tuple[np.ndarray, None]:
        starts = track(range(0, len(pixels), INCEPTION_BATCH), "features of images")
        parts = (pixels[start : start + INCEPTION_BATCH] for start in starts)
        return np.concatenate([network.predict_on_batch(_for_inception(part)) for part in parts]), None

    return FeatureExtractor("InceptionV3 (Keras weights)", extract, recipe, description)


def _for_inception(pixels: np.ndarray) -> tf.Tensor:
    """uint8 (count, height, width, 1 or 3) -> float32 (count, 299, 299, 3) in [-1, 1]."""
    size = (INCEPTION_SIDE, INCEPTION_SIDE)
    resized = tf.image.resize(images.from_uint8(pixels), size, method="bicubic", antialias=True)
    return tf.repeat(resized, 3, axis=-1) if pixels.shape[-1] == 1 else resized
