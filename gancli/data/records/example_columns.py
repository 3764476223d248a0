"""Which features of an Example hold the picture, the label, captions and attributes; by TFDS' description or names."""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from gancli.core.backend import Image, np
from gancli.core.errors import DataError
from gancli.data.containers.source_files import SourceFiles
from gancli.data.records import examples
from gancli.data.records.examples import Feature
from gancli.data.records.table_columns import MAPS
from gancli.data.remarks import some

IMAGES = ("image/encoded", "image", "img", "image_raw", "image/raw", "encoded", "image_bytes", "data", "jpeg", "png")
LABELS = ("label", "image/class/label", "labels", "fine_label", "class", "target", "image/label", "digit")
CAPTIONS = ("caption", "captions", "text", "image/caption")
SIDES = (("height", "width", "depth"), ("height", "width", "channels"), ("image/height", "image/width", "image/depth"))
MAGIC = (b"\xff\xd8", b"\x89PNG", b"GIF8", b"BM", b"RIFF", b"II*\0", b"MM\0*")
MOST_SIDE = 65535
FEWEST_ATTRIBUTES = 2


class ExampleColumns(NamedTuple):
    """The names of features in use. raw: the picture is plain bytes of a shape; map: a picture that is a label map.

    further: pictures, labels and captions that are not read in place of these; unread: all other features.
    """

    image: str
    label: str | None
    caption: str | None
    attributes: tuple[str, ...]
    map: str | None = None
    further: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
    raw: bool = False


def described(entries: SourceFiles) -> dict[str, str]:
    """The kind of each feature by the `features.json` of TFDS: image, label, flag, or other; {} without one."""
    for file in entries.named("features.json")[:1]:
        with contextlib.suppress(ValueError, RecursionError):
            return dict(_kinds(json.loads(file.read()), ""))
    return {}


def _kinds(node: object, place: str) -> Iterator[tuple[str, str]]:
    if not isinstance(node, Mapping):
        return
    inner = node.get("featuresDict")
    if isinstance(inner, Mapping) and isinstance(inner.get("features"), Mapping):
        for name, one in inner["features"].items():
            yield from _kinds(one, f"{place}/{name}" if place else name)
    elif "image" in node:
        yield place, "image"
    elif "classLabel" in node:
        yield place, "label"
    else:
        tensor = node.get("tensor")
        is_flag = isinstance(tensor, Mapping) and tensor.get("dtype") == "bool" and tensor.get("shape") in ({}, None)
        yield place, "flag" if is_flag else "other"


def choose(features: Mapping[str, Feature], kinds: Mapping[str, str], name: str) -> ExampleColumns:
    """The features in use, by the first Example. Raises: DataError if none holds a picture."""
    images = [one for one, kind in kinds.items() if kind == "image" and one in features]
    images = images or [one for one in IMAGES if one in features and features[one].kind == examples.BYTES]
    images.sort(key=lambda one: IMAGES.index(one) if one in IMAGES else len(IMAGES))
    if not images:
        raise DataError(f"{name} holds no feature of pictures, its features are {some(sorted(features), 8) or 'none'}")
    labels = [one for one in LABELS if one in features and features[one].kind in (examples.NUMBERS, examples.BYTES)]
    labels += [one for one, kind in kinds.items() if kind == "label" and one in features and one not in labels]
    captions = [one for one in CAPTIONS if one in features and features[one].kind == examples.BYTES]
    flags = tuple(sorted(one for one, kind in kinds.items() if kind == "flag" and one in features))
    flags = flags if len(flags) >= FEWEST_ATTRIBUTES else ()
    maps = [one for one in images[1:] if one.rpartition("/")[2] in MAPS and not labels][:1]
    further = tuple(one for one in (*images[1:], *labels[1:], *captions[1:]) if one not in maps)
    used = {*images, *labels, *captions, *flags, "shape", *(side for sides in SIDES for side in sides)}
    start = (features[images[0]].texts() or [b""])[0][:4]
    return ExampleColumns(
        images[0],
        labels[0] if labels else None,
        captions[0] if captions else None,
        flags,
        maps[0] if maps else None,
        further,
        tuple(sorted(features.keys() - used)),
        not start.startswith(MAGIC) and shape_of(features) is not None,
    )


def shape_of(features: Mapping[str, Feature]) -> tuple[int, int, int] | None:
    """Height, width and channels of a raw picture, negative for one whose channels come first; None if not given."""
    if "shape" in features:
        shape = features["shape"].numbers()
        return tuple(-side for side in (*shape[1:], shape[0])) if len(shape) == 3 else None
    for names in SIDES:
        if all(name in features for name in names[:2]):
            sides = [features[name].numbers() if name in features else [1] for name in names]
            return tuple(one[0] for one in sides) if all(sides) else None
    return None


def raw_picture(content: bytes, shape: tuple[int, int, int], name: str) -> bytes:
    """A raw picture as an image file. Raises: DataError if the bytes do not have the shape."""
    height, width, channels = map(abs, shape)
    if len(content) != height * width * channels or channels not in (1, 3) or not 0 < max(height, width) <= MOST_SIDE:
        raise DataError(f"{name}: {len(content):,} bytes are no picture of {width}x{height} and {channels} channels")
    values = np.frombuffer(content, np.uint8)
    first = shape[0] < 0
    pixels = values.reshape(channels, height, width).transpose(1, 2, 0) if first else values.reshape(height, width, -1)
    buffer = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels[..., 0] if channels == 1 else pixels)).save(buffer, "BMP")
    return buffer.getvalue()
