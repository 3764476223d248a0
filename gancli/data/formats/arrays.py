"""A Dataset from arrays in Keras' layout (x_train, y_train, x_test, y_test) or as `images` and `labels`.

Both may have `attributes` (count, K) of the training images, with their `attribute_names`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from gancli.core.backend import np
from gancli.core.errors import DataError
from gancli.data.dataset import Dataset
from gancli.data.images import image_arrays, value_range_detection, value_ranges
from gancli.data.images.size_remarks import size_remarks
from gancli.data.label_arrays import as_attributes, as_labels, to_class_indices
from gancli.data.remarks import Remark, changed, left_out
from gancli.data.request import Request

LAYOUTS = (("x_train", "y_train"), ("images", "labels"))


def from_arrays(name: str, arrays: Mapping[str, np.ndarray], request: Request, *, source: str) -> Dataset:
    """Check arrays in either layout, and convert the images to the requested range, size and color.

    The value range is detected for x_train and x_test together, and both must end in one shape.
    Raises: DataError for missing keys, bad shapes, values or labels, and a test split of another shape.
    """
    images_key, labels_key = _layout(arrays, name)
    names, attributes = (_texts(arrays.get(key, ())) for key in ("classes", "attribute_names"))
    keys = {"train": (images_key, labels_key)} | ({"test": ("x_test", "y_test")} if "x_test" in arrays else {})
    arrays_of_images = {key: as_image_array(arrays[key], name=f"{name}: {key}") for key, _ in keys.values()}
    ranges, remarks = value_range_detection.detect_in_arrays(
        arrays_of_images, request.pixel_range, name=name, known=value_ranges.from_texts(request.known)
    )
    parts, labels = {}, {}
    for part, (images, numbers) in keys.items():
        parts[part] = {"image": _convert(value_ranges.to_bytes(arrays_of_images[images], ranges), request, name=name)}
        if numbers in arrays:
            labels[part] = as_labels(arrays[numbers], len(arrays_of_images[images]), names, name=f"{name}: {numbers}")
    shapes = [tuple(arrays_of_images[key].shape[1:]) for key, _ in keys.values()]
    remarks += [*_shape_remarks(parts, shapes, request, name=name), *_unused_remarks(arrays, images_key, labels_key)]
    if "train" in labels:
        labels, classes, more = to_class_indices(labels, names, name=name)
        parts = {part: columns | ({"label": labels[part]} if part in labels else {}) for part, columns in parts.items()}
        remarks += more
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
        pixel_ranges=value_ranges.to_texts(value_ranges.to_remember(ranges, request.pixel_range)),
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


def _convert(images: np.ndarray, request: Request, *, name: str) -> np.ndarray:
    """Images of bytes cropped, resized and converted to the requested color."""
    images = image_arrays.center_crop(images, request.crop, name=name) if request.crop else images
    if request.least is None:
        images = image_arrays.resize(images, request.side(max(images.shape[1:3])))
    return image_arrays.convert_color(images, request.color)


def _shape_remarks(
    parts: Mapping[str, Mapping[str, np.ndarray]], shapes: list[tuple[int, int, int]], request: Request, *, name: str
) -> list[Remark]:
    """Remarks on the shapes of both splits. Raises: DataError if they do not end in one."""
    converted = [columns["image"].shape[1:] for columns in parts.values()]
    if converted[0] != converted[-1]:
        texts = [f"{width}x{height} in {'colors' if depth == 3 else 'gray'}" for height, width, depth in shapes]
        raise DataError(
            f"{name}: x_test has images of {texts[-1]}, the training images are {texts[0]}: give --image-size and "
            "--color, which hold for both"
        )
    remarks = []
    if shapes[0] != shapes[-1]:
        sizes = [f"{width}x{height}x{depth}" for height, width, depth in shapes]
        remarks.append(
            changed(f"x_test has images of {sizes[-1]}, the training images are {sizes[0]}: converted to one shape")
        )
    if request.least is None:
        sizes: Counter[tuple[int, int]] = Counter()
        for columns, (height, width, _) in zip(parts.values(), shapes, strict=True):
            sizes[width, height] += len(columns["image"])
        is_requested = request.image_size is not None
        remarks += size_remarks(sizes, converted[0][0], crop=request.crop, is_requested=is_requested, what="images")
    return remarks


def _unused_remarks(arrays: Mapping[str, np.ndarray], images_key: str, labels_key: str) -> list[Remark]:
    """Remarks on arrays that only one split has, or that are not read."""
    remarks = []
    if images_key == "x_train" and "images" in arrays:
        remarks.append(left_out("images: x_train is used"))
    if "y_test" in arrays and "x_test" not in arrays:
        remarks.append(left_out("y_test without x_test"))
    if "x_test" in arrays and (labels_key in arrays) != ("y_test" in arrays):
        lacking, other = ("y_test", labels_key) if labels_key in arrays else (labels_key, "y_test")
        remarks.append(left_out(f"there is no {lacking} beside {other}", matters=lacking != "y_test"))
    return remarks


def as_image_array(values: np.ndarray, *, name: str) -> np.ndarray:
    """Images as (count, height, width, channels), of any numbers. Raises: DataError for another shape."""
    if values.ndim == 3 and values.shape[-1] in (1, 3, 4) and values.shape[1] != values.shape[2]:
        raise DataError(
            f"{name}: shape {values.shape} is one image, or images of {values.shape[-1]} pixels across; expected "
            "(count, height, width[, 1 or 3])"
        )
    if values.ndim == 3:
        values = values[..., None]
    if values.ndim == 4 and values.shape[1] in (1, 3) and values.shape[-1] not in (1, 3) and values.shape[2] > 3:
        raise DataError(
            f"{name}: images of shape {values.shape} have their channels first; expected (count, height, width[, 1 or "
            "3]), as images.transpose(0, 2, 3, 1) makes"
        )
    if values.ndim != 4 or values.shape[-1] not in (1, 3) or 0 in values.shape:
        raise DataError(f"{name}: images of shape {values.shape}; expected (count, height, width[, 1 or 3]), not empty")
    return values
