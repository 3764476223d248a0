"""Which columns of tables hold pictures, labels, captions and attributes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from gancli.core.errors import DataError
from gancli.data.records.arrow_tables import Table, names_of
from gancli.data.remarks import Remark, guessed, left_out, some

IMAGES = ("image", "img", "images", "picture", "photo", "jpg", "png", "jpeg", "webp")
LABELS = ("label", "labels", "fine_label", "class", "target", "digit", "category", "class_id", "cls")
CAPTIONS = ("caption", "captions", "text", "texts", "sentence", "sentences", "prompt", "description")
MAPS = (
    "annotation",
    "annotations",
    "mask",
    "masks",
    "segmentation",
    "segmentation_mask",
    "semantic",
    "label",
    "labels",
)
PAIRS = (  # pictures and their partners
    ("imagea", "imageb"),
    ("image_a", "image_b"),
    ("input_image", "edited_image"),
    ("input_image", "target_image"),
    ("image", "conditioning_image"),
    ("source", "target"),
    ("input", "output"),
)
FEWEST_ATTRIBUTES = 2  # a single column of True and False is no list of attributes


class Columns(NamedTuple):
    """The names of the columns in use, None where there are none. classes: the names of labels, if they are given.

    map, partner: columns of label maps, and of the other picture of each pair.
    """

    image: str
    label: str | None
    caption: str | None
    attributes: tuple[str, ...]
    classes: tuple[str, ...]
    remarks: tuple[Remark, ...]
    map: str | None = None
    partner: str | None = None


def choose(tables: Sequence[Table]) -> Columns:
    """The columns of tables that have the same. Raises: DataError if none holds pictures, or they differ."""
    first = tables[0]
    images, partner = _with_partner(_images(first))
    if not images:
        listed = some([f"{name} ({str(kind)[:40]})" for name, kind in first.types.items()], 8)
        raise DataError(f"{first.name} holds no column of encoded pictures, its columns are {listed or 'none'}")
    labels = [name for name in _named(first.types, LABELS) if _is_label(first.types[name])]
    labels += [name for name in first.types if name not in labels and names_of(first.features.get(name))]
    captions = [name for name in _named(first.types, CAPTIONS) if _is_caption(first.types[name])]
    captions = [name for name in captions if name not in labels[:1]]
    flags = tuple(name for name, kind in first.types.items() if str(kind) == "bool")
    flags = flags if len(flags) >= FEWEST_ATTRIBUTES else ()
    maps = [name for name in _named(first.types, MAPS) if name in images[1:] and not labels][:1]
    images = [name for name in images if name not in maps]
    used = {images[0], *labels[:1], *captions[:1], *flags, *maps, *([partner] if partner else [])}
    for table in tables:
        if lacking := [name for name in used if name not in table.types]:
            raise DataError(f"{table.name} has no column '{lacking[0]}', as {first.name} has")
    remarks = [
        guessed(f"{what} are read from the column {found[0]}, not from {some(found[1:])}")
        for what, found in (("pictures", images), ("labels", labels), ("captions", captions))
        if len(found) > 1
    ]
    unread = [name for name in first.types if name not in {*used, *images, *labels, *captions}]
    if unread:
        remarks.append(left_out(f"columns that are not read: {some(unread)}", matters=False))
    label = labels[0] if labels else None
    classes = names_of(first.features.get(label or ""))
    caption, label_map = captions[0] if captions else None, maps[0] if maps else None
    return Columns(images[0], label, caption, flags, classes, tuple(remarks), label_map, partner)


def _with_partner(images: list[str]) -> tuple[list[str], str | None]:
    """The columns of pictures without that of partners, which is the second."""
    folded = {name.casefold(): name for name in images}
    for first, second in PAIRS:
        if first in folded and second in folded:
            others = [name for name in images if name not in (folded[first], folded[second])]
            return [folded[first], *others], folded[second]
    return images, None


def _named(types: Mapping[str, Any], wanted: Sequence[str]) -> list[str]:
    """The columns with one of these names, in the order of the names."""
    folded = {name.casefold(): name for name in types}
    return [folded[name] for name in wanted if name in folded]


def _images(table: Table) -> list[str]:
    """The columns of pictures: those that the writer calls so, structs of bytes and path, and bytes by name."""
    kinds = {name: str(kind) for name, kind in table.types.items()}
    structs = [name for name, kind in kinds.items() if kind.startswith("struct<") and "bytes: binary" in kind]
    plain = [name for name, kind in kinds.items() if kind in ("binary", "large_binary")]
    said = [name for name in (*structs, *plain) if table.features.get(name, {}).get("_type") == "Image"]
    found = said or [*structs, *(name for name in plain if name.casefold() in IMAGES)]
    order = {name: at for at, name in enumerate(_named(table.types, IMAGES))}
    return sorted(found, key=lambda name: order.get(name, len(order)))


def _is_label(kind: Any) -> bool:
    return str(kind).startswith(("int", "uint", "string", "large_string", "dictionary<values=string"))


def _is_caption(kind: Any) -> bool:
    text = str(kind)
    return "string" in text and text.startswith(("string", "large_string", "list<", "large_list<"))
