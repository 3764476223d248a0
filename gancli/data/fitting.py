"""A data set in the size, color, crop and columns that a model requests, from one that is loaded already."""

from __future__ import annotations

from dataclasses import replace

from gancli.core.backend import np
from gancli.core.errors import DataError, OptionError
from gancli.data.annotations import label_maps
from gancli.data.dataset import Dataset
from gancli.data.formats import arrays
from gancli.data.images import image_arrays, image_decoding, value_ranges
from gancli.data.images.size_remarks import size_remarks
from gancli.data.in_memory.origin import Origin, origin_of, source_of
from gancli.data.remarks import changed, merged
from gancli.data.request import Request


def fitted(dataset: Dataset, request: Request) -> Dataset:
    """The data set as `load` gives it for the request.

    One that was loaded and not changed is loaded again where it was loaded in another way, so that no image is resized
    twice; one in memory is converted. Raises: DataError if it does not serve; OptionError for a range of pixels, which
    are bytes already.
    """
    origin = origin_of(dataset)
    if origin is not None:
        from gancli.data import loading

        request = replace(request, data_dir=request.data_dir or origin.request.data_dir)
        return dataset if _serves(dataset, origin, request) else loading.load(origin.source, request)
    if request.pixel_range != value_ranges.AUTO:
        raise OptionError(
            f"pixel_range={request.pixel_range!r} comes too late for '{dataset.name}', whose pixels are bytes: give it "
            "where the data set is made, as Dataset.from_arrays(images, pixel_range=...) does"
        )
    _need_columns_of_a_dataset(dataset)
    source = source_of(dataset.name)
    dataset = dataset if dataset.source == source else replace(dataset, source=source)
    return checked(converted(dataset, request), request)


def _serves(dataset: Dataset, origin: Origin, request: Request) -> bool:
    """Whether a data set would be the same if it were loaded with this request."""
    before = origin.request
    names = ("image_size", "color", "crop", "least", "pixel_range", "skip_bad", "paired", "alone", "whole")
    if any(getattr(before, name) != getattr(request, name) for name in names):
        return False
    if "image" not in dataset.train:
        return True
    if request.needs_maps != before.needs_maps and (request.needs_maps or "map" in dataset.train):
        return False
    return bool(request.least or request.image_size) or request.side(dataset.shape[0]) == dataset.shape[0]


def converted(dataset: Dataset, request: Request) -> Dataset:
    """The images, their partners and label maps in the requested size, crop and color, and a partner of each image.

    Raises: DataError for images smaller than the crop, and for images of several sizes where one is requested.
    """
    if "image" not in dataset.train:
        return dataset
    if "size" in dataset.train and not request.least:
        raise DataError(
            f"'{dataset.name}' holds images of several sizes, for super-resolution models; give the pictures themselves"
        )
    if needs_change(dataset, request):
        dataset = _changed(dataset, request)
    needs_partners = request.paired and "other" not in dataset.train and "map" in dataset.train
    return _with_partners(dataset, request) if needs_partners else dataset


def needs_change(dataset: Dataset, request: Request) -> bool:
    """Whether images must be cropped, resized or converted to another color."""
    images = dataset.train["image"]
    high, wide = images.shape[1:3]
    is_fit = bool(request.least) or (high == wide == request.side(high) and request.crop in (None, high))
    colors = {"auto": (1, 3), "gray": (1,), "rgb": (3,)}[request.color]
    return not (is_fit and images.ndim == 4 and images.shape[3] in colors)


def _changed(dataset: Dataset, request: Request) -> Dataset:
    """All images and maps converted, in memory."""
    parts, clear = {}, False
    for split, columns in (("train", dataset.train), ("test", dataset.test)):
        parts[split] = dict(columns)
        for key in {"image", "other"} & columns.keys():
            values = arrays.as_image_array(columns[key][:], name=f"'{dataset.name}'")
            clear = clear or values.shape[-1] == len("RGBA")
            parts[split][key] = arrays.convert(arrays.opaque(values), request, name=f"'{dataset.name}'")
        if "map" in columns and not request.least:
            side = parts[split]["image"].shape[1]
            maps = [
                image_decoding.square_map(one, side, name=f"'{dataset.name}'", crop=request.crop)
                for one in columns["map"]
            ]
            parts[split]["map"] = np.stack(maps)
    remarks = [changed("images with transparency, put on white")] if clear else []
    if request.least is None:
        count = sum(len(part["image"]) for part in parts.values() if part)
        high, wide = dataset.train["image"].shape[1:3]
        side, is_requested = parts["train"]["image"].shape[1], request.image_size is not None
        remarks += size_remarks(
            {(wide, high): count}, side, crop=request.crop, is_requested=is_requested, what="images"
        )
    return replace(dataset, **parts, remarks=merged(dataset.remarks, remarks))


def _with_partners(dataset: Dataset, request: Request) -> Dataset:
    """Label maps in colors as the partners of images, as for folders. Raises: DataError for images in gray."""
    if request.color == "gray":
        raise DataError(f"'{dataset.name}': label maps are shown in colors: leave the color gray out")
    palette = dataset.palette or label_maps.default_palette(len(dataset.classes))
    parts = {
        split: {
            **columns,
            "image": image_arrays.convert_color(columns["image"][:], "rgb"),
            "other": label_maps.colored(columns["map"], palette),
        }
        for split, columns in (("train", dataset.train), ("test", dataset.test))
        if columns
    }
    return replace(dataset, **parts)


def checked(dataset: Dataset, request: Request) -> Dataset:
    """The data set. Raises: DataError for images below the requested least size, or for a lack of pairs."""
    trained = len(dataset) - dataset.validation  # validation images are used whole, whatever their size
    sides = dataset.sizes()[:trained].min(axis=0) if request.least and "image" in dataset.train else ()
    if len(sides) and sides.min() < request.least:
        raise DataError(
            f"'{dataset.name}' has images of {sides[1]}x{sides[0]}, smaller than the {request.least} pixels that are "
            "needed: choose other data with --data, or a smaller --crop"
        )
    if request.paired and "other" not in dataset.train:
        raise DataError(
            f"'{dataset.name}' holds no pairs of images: expected trainA and trainB with the same names, pictures that "
            "hold both side by side, or pictures with label maps"
        )
    return dataset


def _need_columns_of_a_dataset(dataset: Dataset) -> None:
    """Raise DataError for columns that a program has put together otherwise than Dataset says."""
    for split, columns in (("train", dataset.train), ("test", dataset.test)):
        for name, values in columns.items():
            if name in ("image", "other") and (values.dtype != np.uint8 or values.ndim != 4):
                raise DataError(
                    f"'{dataset.name}': the column {name} is {values.dtype} of shape {tuple(values.shape)}; expected "
                    "uint8 (count, height, width, channels): Dataset.from_arrays converts"
                )
            if len(values) != (count := len(next(iter(columns.values())))):
                raise DataError(f"'{dataset.name}': {split} has {len(values):,} rows of {name}; expected {count:,}")
