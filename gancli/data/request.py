"""Request: the image size, color and value range that a data set is loaded with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from gancli.data.images import value_ranges


def _same(side: int) -> int:
    return side


@dataclass(frozen=True)
class Request:
    """How a data set is loaded: side in pixels (None: as it is), "auto", "gray" or "rgb", and the data folder.

    fit: the nearest side that the model supports, for a side that was not requested. crop: side of the central square
    that is cut out of each image first, in its own pixels. whole: no part of a folder's images is kept for testing.
    least: images keep their own sizes, and those with a side shorter than this are left out. paired: each image has a
    partner. alone: only images, all of them, without the splits and labels of folders, lists and texts. needs_maps:
    whether label maps are wanted, True or False; None for what the data mainly have, pictures' labels or maps. Bad
    label maps are an error unless it is False: then they are left out with a remark. skip_bad: files that
    cannot be read are left out with a remark that names them, instead of an error.
    pixel_range: the values that become black and white, see gancli.data.images.value_ranges; known: ranges of the set
    that images belong to, as in `Dataset.pixel_ranges`, preferred over others if pixel_range is auto.
    """

    image_size: int | None = None
    color: str = "auto"
    data_dir: str | None = None
    fit: Callable[[int], int] = _same
    crop: int | None = None
    whole: bool = False
    least: int | None = None
    paired: bool = False
    alone: bool = False
    needs_maps: bool | None = None
    skip_bad: bool = False
    pixel_range: str = value_ranges.AUTO
    known: tuple[str, ...] = ()

    @property
    def wants_maps(self) -> bool:
        """Whether label maps are taken where pictures have labels too."""
        return bool(self.needs_maps or self.paired)

    @property
    def can_leave_maps(self) -> bool:
        """Whether bad label maps are left out instead of being an error."""
        return self.needs_maps is False

    def side(self, natural: int) -> int:
        """The side to which images of this natural side are resized."""
        return self.image_size or self.fit(natural)
