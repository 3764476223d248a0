"""From arrays to a Dataset: sets in Keras' layout (x_train, y_train, x_test, y_test) or `images` and `labels`.

Either may have `attributes` (count, K) of the training images, with their `attribute_names`.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from gancli.data import pictures
from gancli.data.attributes import as_attributes
from gancli.data.dataset import Dataset, Request, as_images, as_labels
from gancli.errors import DataError

LAYOUTS = (("x_train", "y_train"), ("images", "labels"))


def from_arrays(name: str, arrays: Mapping[str, np.ndarray], request: Request, *, source: str) -> Dataset:
    """Check arrays in either layout, bring the images to the size and colours asked for.

    Raises: DataError for absent keys, bad shapes, values or labels.
    """
    images_key, labels_key = _layout(arrays, name)
    classes = tuple(str(item) for item in np.atleast_1d(arrays["classes"])) if "classes" in arrays else ()
    attributes = tuple(str(item) for item in np.atleast_1d(arrays.get("attribute_names", ())))
    train = _columns(arrays, images_key, labels_key, classes, request, name)
    test = _columns(arrays, "x_test", "y_test", classes, request, name) if "x_test" in arrays else {}
    if "label" in train and not classes:
        count = 1 + max(int(split["label"].max()) for split in (train, test) if "label" in split)
        classes = tuple(str(index) for index in range(count))
    if "attributes" in arrays:
        given = as_attributes(arrays["attributes"], len(train["image"]), attributes, name=name)
        train = {**train, "attributes": given}
    return Dataset(name, train, test, classes, source, attributes=attributes)


def _layout(arrays: Mapping[str, np.ndarray], name: str) -> tuple[str, str]:
    for images_key, labels_key in LAYOUTS:
        if images_key in arrays:
            return images_key, labels_key
    raise DataError(f"{name} holds {', '.join(arrays) or 'nothing'}; expected x_train, or images")


def _columns(
    arrays: Mapping[str, np.ndarray],
    images_key: str,
    labels_key: str,
    classes: tuple[str, ...],
    request: Request,
    name: str,
) -> dict[str, np.ndarray]:
    images = as_images(arrays[images_key], name=f"{name}: {images_key}")
    images = pictures.cropped(images, request.crop, name=name) if request.crop else images
    if request.least is None:
        images = pictures.resize(images, request.side(max(images.shape[1:3])))
    columns = {"image": pictures.recolor(images, request.color)}
    if labels_key in arrays:
        columns["label"] = as_labels(arrays[labels_key], len(images), classes, name=f"{name}: {labels_key}")
    return columns
