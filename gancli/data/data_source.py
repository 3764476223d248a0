"""A DataSource: what a path holds, found before anything is decoded, and how it is loaded."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from gancli.data.dataset import Dataset
from gancli.data.picture_set import PictureSet
from gancli.data.remarks import Remark
from gancli.data.request import Request


@dataclass(frozen=True)
class DataSource:
    """What a path holds, by its layout.

    layouts: the names of the recognizers. parts: the number of images (or sentences) in "train", "validation" and
    "test". columns: image, label, attributes, caption, map, other; or sentence. shape: of an image, () if unknown or
    different. remarks: what was guessed and left out. load: decodes it, raising DataError. pictures: the files, for
    pictures in a folder or archive.
    """

    path: Path
    layouts: tuple[str, ...]
    parts: Mapping[str, int]
    columns: tuple[str, ...]
    load: Callable[[Request], Dataset]
    classes: tuple[str, ...] = ()
    attributes: tuple[str, ...] = ()
    shape: tuple[int, ...] = ()
    remarks: tuple[Remark, ...] = ()
    pictures: PictureSet | None = field(default=None, repr=False)

    def as_dict(self) -> dict[str, object]:
        """The findings as plain values, for JSON."""
        return {
            "path": str(self.path),
            "layouts": list(self.layouts),
            "parts": {name: count for name, count in self.parts.items() if count},
            "columns": list(self.columns),
            "shape": list(self.shape),
            "classes": list(self.classes),
            "attributes": list(self.attributes),
            "notes": [remark.text for remark in self.remarks],
            "remarks": [remark._asdict() for remark in self.remarks],
        }
