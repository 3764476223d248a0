"""A Dataset from an ArraySet: images checked and converted, labels as class indices, attributes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from gancli.core.backend import np
from gancli.core.errors import DataError
from gancli.data.array_files import axes, roles
from gancli.data.array_set import ArrayColumn, ArraySet
from gancli.data.dataset import Dataset
from gancli.data.images import image_arrays, value_range_detection, value_ranges
from gancli.data.images.size_remarks import size_remarks
from gancli.data.labels.label_arrays import as_attributes, as_labels, to_class_indices
from gancli.data.remarks import Remark, changed, left_out
from gancli.data.request import Request


def from_arrays(name: str, arrays: Mapping[str, np.ndarray], request: Request, *, source: str) -> Dataset:
    """A Dataset from arrays in memory, in Keras' layout or as images and labels; as `to_dataset`."""
    columns = {key: ArrayColumn.of(key, np.asarray(values)) for key, values in arrays.items()}
    return to_dataset(name, roles.array_set(columns, name=name), request, source=source)


def to_dataset(name: str, arrays: ArraySet, request: Request, *, source: str) -> Dataset:
    """Read and check arrays, and convert the images to the requested range, size and color.

    The value range is detected for all parts together, and all must end in one shape; validation images follow the
    training images. Raises: DataError for bad shapes, values or labels, and a part of another shape.
    """
    if request.alone:
        arrays = _images_alone(arrays)
    images = {part: columns["image"] for part, columns in arrays.parts.items()}
    values = {part: as_image_array(column.read(), name=f"{name}: {column.name}") for part, column in images.items()}
    ranges, remarks = value_range_detection.detect_in_arrays(
        {images[part].name: pixels for part, pixels in values.items()},
        request.pixel_range,
        name=name,
        known=value_ranges.from_texts(request.known),
    )
    shapes = {part: (images[part].name, tuple(pixels.shape[1:])) for part, pixels in values.items()}
    parts: dict[str, dict[str, np.ndarray]] = {
        part: {"image": convert(opaque(value_ranges.to_bytes(pixels, ranges)), request, name=name)}
        for part, pixels in values.items()
    }
    clear = [images[part].name for part, pixels in values.items() if pixels.shape[-1] == len("RGBA")]
    remarks += [changed(f"{', '.join(clear)}: images with transparency, put on white")] if clear else []
    remarks = [*arrays.remarks, *remarks, *_shape_remarks(parts, shapes, request, name=name), *label_remarks(arrays)]
    classes, more = add_annotations(parts, arrays, name)
    train, validation = parts["train"], parts.get("validation", {})
    if validation:
        train = {key: np.concatenate([column, validation[key]]) for key, column in train.items() if key in validation}
    return Dataset(
        name,
        train,
        parts.get("test", {}),
        classes,
        source,
        (*remarks, *more),
        attributes=arrays.attributes,
        validation=len(validation.get("image", ())),
        pixel_ranges=value_ranges.to_texts(value_ranges.to_remember(ranges, request.pixel_range)),
    )


def images_to_bytes(
    values: np.ndarray, shape: tuple[int, ...], *, pixel_range: str, known: Sequence[str]
) -> tuple[np.ndarray, tuple[Remark, ...]]:
    """An array of images to be compared with data of a shape (height, width, channels): uint8 (count, *shape), and the
    remarks. Only values and colors are converted.

    pixel_range, known: as in Request. Raises: DataError for another rank, another size, or bad values.
    """
    known = tuple(text for text in known if not text.startswith(value_ranges.FLOAT))  # floats are mostly rescaled
    values = as_image_array(np.asarray(values), name="the images")
    if values.shape[1:3] != tuple(shape[:2]):
        sizes = f"{values.shape[2]}x{values.shape[1]}", f"{shape[1]}x{shape[0]}"
        raise DataError(f"the images are of {sizes[0]}, the data to score against have {sizes[1]}")
    request = Request(color="gray" if shape[2] == 1 else "rgb", alone=True, least=1, pixel_range=pixel_range)
    columns = ArraySet({"train": {"image": ArrayColumn.of("images", values)}})
    dataset = to_dataset("the array", columns, replace(request, known=known), source="")
    return dataset.train["image"], dataset.remarks


def _images_alone(arrays: ArraySet) -> ArraySet:
    """Only the training images, without labels and other parts."""
    train = arrays.parts["train"]["image"]
    others = [columns["image"].name for part, columns in arrays.parts.items() if part != "train"]
    remarks = [left_out(f"{name} is not used, {train.name} is") for name in others]
    return ArraySet({"train": {"image": train}}, remarks=(*arrays.remarks, *remarks))


def add_annotations(
    parts: dict[str, dict[str, np.ndarray]], arrays: ArraySet, name: str
) -> tuple[tuple[str, ...], list[Remark]]:
    """Add the columns `label` and `attributes` to parts that have their images. Returns: classes and remarks."""
    classes, remarks = _add_labels(parts, arrays, name)
    for part, columns in arrays.parts.items():
        if "attributes" in columns:
            found = as_attributes(columns["attributes"].read(), len(parts[part]["image"]), arrays.attributes, name=name)
            parts[part]["attributes"] = found
    return classes, remarks


def _add_labels(
    parts: dict[str, dict[str, np.ndarray]], arrays: ArraySet, name: str
) -> tuple[tuple[str, ...], list[Remark]]:
    """Add the column `label` to all parts that have one, if the training part does. Returns: classes and remarks."""
    if "label" not in arrays.parts["train"]:
        return arrays.classes, []
    found = {}
    for part, columns in arrays.parts.items():
        if "label" in columns:
            column, count = columns["label"], len(parts[part]["image"])
            found[part] = as_labels(column.read(), count, arrays.classes, name=f"{name}: {column.name}")
    labels, classes, remarks = to_class_indices(found, arrays.classes, name=name)
    for part, values in labels.items():
        parts[part]["label"] = values
    return classes, remarks


def opaque(images: np.ndarray) -> np.ndarray:
    """Images without transparency: those of four channels on white."""
    return axes.on_white(images) if images.shape[-1] == len("RGBA") else images


def convert(images: np.ndarray, request: Request, *, name: str) -> np.ndarray:
    """Images of bytes cropped, resized and converted to the requested color."""
    images = image_arrays.center_crop(images, request.crop, name=name) if request.crop else images
    if request.least is None:
        images = image_arrays.resize(images, request.side(max(images.shape[1:3])))
    return image_arrays.convert_color(images, request.color)


def _shape_remarks(
    parts: Mapping[str, Mapping[str, np.ndarray]],
    shapes: Mapping[str, tuple[str, tuple[int, int, int]]],
    request: Request,
    *,
    name: str,
) -> list[Remark]:
    """Remarks on the shapes of all parts. shapes: the name and the shape of each part's images in their file.

    Raises: DataError if they do not end in one.
    """
    converted = {part: columns["image"].shape[1:] for part, columns in parts.items()}
    remarks = []
    _, (high, wide, deep) = shapes["train"]
    for part, (key, (height, width, depth)) in shapes.items():
        if converted[part] != converted["train"]:
            texts = [
                f"{across}x{up} in {'colors' if channels == 3 else 'gray'}"
                for up, across, channels in ((height, width, depth), (high, wide, deep))
            ]
            raise DataError(
                f"{name}: {key} has images of {texts[0]}, the training images are {texts[1]}: give --image-size and "
                "--color, which hold for both"
            )
        if (height, width, depth) != (high, wide, deep):
            text = f"{key} has images of {width}x{height}x{depth}, the training images are {wide}x{high}x{deep}"
            remarks.append(changed(f"{text}: converted to one shape"))
    if request.least is None:
        sizes: Counter[tuple[int, int]] = Counter()
        for part, (_, (height, width, _)) in shapes.items():
            sizes[width, height] += len(parts[part]["image"])
        is_requested = request.image_size is not None
        side = converted["train"][0]
        remarks += size_remarks(sizes, side, crop=request.crop, is_requested=is_requested, what="images")
    return remarks


def label_remarks(arrays: ArraySet) -> list[Remark]:
    """A remark on labels that only the training part or only the test part has."""
    train, test = arrays.parts["train"], arrays.parts.get("test", {})
    if not test or ("label" in train) == ("label" in test):
        return []
    has_labels = "label" in train
    other = (train if has_labels else test)["label"].name
    if other in ("y_train", "y_test"):
        text = f"there is no {'y_test' if has_labels else 'y_train'} beside {other}"
    else:
        text = f"{(test if has_labels else train)['image'].name} has no labels"
    return [left_out(text, matters=not has_labels)]


def as_image_array(values: np.ndarray, *, name: str) -> np.ndarray:
    """Images as (count, height, width, channels), of any numbers. Raises: DataError for another shape."""
    if values.ndim == 3 and not (values.shape[-1] in axes.CHANNELS and values.shape[1] != values.shape[2]):
        values = values[..., None]
    if values.ndim != 4 or values.shape[-1] not in axes.CHANNELS or 0 in values.shape:
        raise DataError(axes.refusal(values.shape, name))
    return values
