"""From arrays to a Dataset: sets in Keras' layout (x_train, y_train, x_test, y_test) or `images` and `labels`.

Either may have `attributes` (count, K) of the training images, with their `attribute_names`.
"""

from __future__ import annotations

from collections.abc import Mapping

from gancli.core.backend import np
from gancli.core.errors import DataError
from gancli.data import value_ranges
from gancli.data.annotations.attributes import as_attributes
from gancli.data.dataset import Dataset, Request, as_image_array, as_labels, numbered
from gancli.data.formats import pictures
from gancli.data.remarks import Remark, changed, left_out

LAYOUTS = (("x_train", "y_train"), ("images", "labels"))


def from_arrays(name: str, arrays: Mapping[str, np.ndarray], request: Request, *, source: str) -> Dataset:
    """Check arrays in either layout, bring the images to the range, size and colors asked for.

    The range of pixels is decided for x_train and x_test together, and both end in one shape.
    Raises: DataError for absent keys, bad shapes, values or labels, and a test split of another shape.
    """
    images_key, labels_key = _layout(arrays, name)
    names, attributes = (_texts(arrays.get(key, ())) for key in ("classes", "attribute_names"))
    keys = {"train": (images_key, labels_key)} | ({"test": ("x_test", "y_test")} if "x_test" in arrays else {})
    held = {key: as_image_array(arrays[key], name=f"{name}: {key}") for key, _ in keys.values()}
    found, remarks = value_ranges.of_arrays(
        held, request.pixel_range, name=name, known=value_ranges.read(request.known)
    )
    parts, labels = {}, {}
    for part, (images, numbers) in keys.items():
        parts[part] = {"image": _brought(value_ranges.to_bytes(held[images], found), request, name=name)}
        if numbers in arrays:
            labels[part] = as_labels(arrays[numbers], len(held[images]), names, name=f"{name}: {numbers}")
    shapes = [tuple(held[key].shape[1:]) for key, _ in keys.values()]
    remarks += [*_of_shapes(parts, shapes, request, name=name), *_unused(arrays, images_key, labels_key)]
    if "train" in labels:
        labels, classes, said = numbered(labels, names, name=name)
        parts = {part: columns | ({"label": labels[part]} if part in labels else {}) for part, columns in parts.items()}
        remarks += said
    else:
        classes = names
    train = parts["train"]
    if "attributes" in arrays:
        train["attributes"] = as_attributes(arrays["attributes"], len(train["image"]), attributes, name=name)
    return Dataset(
        name,
        train,
        parts.get("test", {}),
        classes,
        source,
        tuple(remarks),
        attributes=attributes,
        pixel_ranges=value_ranges.spelled(value_ranges.beyond_bytes(found, request.pixel_range)),
    )


def _texts(values: object) -> tuple[str, ...]:
    """Names from an array of texts, of bytes or of numbers."""
    items = np.atleast_1d(values).ravel().tolist()
    return tuple(item.decode("utf-8", "replace") if isinstance(item, bytes) else str(item) for item in items)


def _layout(arrays: Mapping[str, np.ndarray], name: str) -> tuple[str, str]:
    for images_key, labels_key in LAYOUTS:
        if images_key in arrays:
            return images_key, labels_key
    raise DataError(f"{name} holds {', '.join(arrays) or 'nothing'}; expected x_train, or images")


def _brought(images: np.ndarray, request: Request, *, name: str) -> np.ndarray:
    """Images of bytes cut, resized and recolored as asked."""
    images = pictures.cropped(images, request.crop, name=name) if request.crop else images
    if request.least is None:
        images = pictures.resize(images, request.side(max(images.shape[1:3])))
    return pictures.recolor(images, request.color)


def _of_shapes(
    parts: Mapping[str, Mapping[str, np.ndarray]], shapes: list[tuple[int, int, int]], request: Request, *, name: str
) -> list[Remark]:
    """What is to be said of the shapes of both splits. Raises: DataError where they do not end in one."""
    made = [columns["image"].shape[1:] for columns in parts.values()]
    if made[0] != made[-1]:
        what = [f"{width}x{height} in {'colors' if depth == 3 else 'gray'}" for height, width, depth in shapes]
        raise DataError(
            f"{name}: x_test has images of {what[-1]}, the training images are {what[0]}: give --image-size and "
            "--color, which hold for both"
        )
    said = []
    if shapes[0] != shapes[-1]:
        sizes = [f"{width}x{height}x{depth}" for height, width, depth in shapes]
        said.append(changed(f"x_test has images of {sizes[-1]}, the training images are {sizes[0]}: brought to one"))
    oblong = [
        len(columns["image"]) for columns, shape in zip(parts.values(), shapes, strict=True) if shape[0] != shape[1]
    ]
    if oblong and request.least is None:
        said.append(changed(f"{sum(oblong):,} images not square, cut to their middle"))
    return said


def _unused(arrays: Mapping[str, np.ndarray], images_key: str, labels_key: str) -> list[Remark]:
    """What is to be said of arrays that one split has and the other has not, or that are not read."""
    said = []
    if images_key == "x_train" and "images" in arrays:
        said.append(left_out("images: x_train is used"))
    if "y_test" in arrays and "x_test" not in arrays:
        said.append(left_out("y_test without x_test"))
    if "x_test" in arrays and (labels_key in arrays) != ("y_test" in arrays):
        lacking, other = ("y_test", labels_key) if labels_key in arrays else (labels_key, "y_test")
        said.append(left_out(f"there is no {lacking} beside {other}", matters=lacking != "y_test"))
    return said
