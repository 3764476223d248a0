"""How a Dataset is made of arrays, saved and shown: the base class of Dataset with these methods."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

if TYPE_CHECKING:
    from typing import Unpack

    from numpy.typing import ArrayLike

    from gancli.data.dataset import Dataset


class Columns(TypedDict, total=False):
    """Further columns of Dataset.from_arrays, a row for each image."""

    captions: Sequence[str] | Sequence[Sequence[str]]
    attributes: ArrayLike | Mapping[str, ArrayLike]
    attribute_names: Sequence[str]
    maps: ArrayLike
    partners: ArrayLike


class InMemory:
    """Data sets from arrays, points and sentences."""

    @classmethod
    def from_arrays(
        cls,
        images: ArrayLike,
        labels: ArrayLike | None = None,
        *,
        classes: Sequence[str] | None = None,
        test: Mapping[str, object] | tuple[ArrayLike, ArrayLike] | None = None,
        validation: Mapping[str, object] | tuple[ArrayLike, ArrayLike] | None = None,
        pixel_range: str | tuple[float, float] = "auto",
        name: str = "arrays",
        **columns: Unpack[Columns],
    ) -> Dataset:
        """A data set of images in memory: NumPy arrays, tensors of any library, or lists of arrays, which are copied.

        images: (count, height, width), (count, height, width, channels) or (count, channels, height, width) with 1, 3
        or 4 channels, of any numbers: bytes, floats in [0, 1] or [-1, 1], 10 to 16 bits; `remarks` say what was
        guessed. labels: whole numbers from 0, booleans, names of classes, (count,), or one-hot rows (count, classes).
        classes: names of the numbers from 0. test, validation: (images, labels), or a mapping with the keys "images",
        "labels", "captions", "attributes", "maps", "partners". pixel_range: the values of black and white, (low, high)
        or "low:high". name: of the run's folder and in messages.

        captions: a text or several for each image (gan-cls). attributes: (count, attributes) of 0 and 1 with
        attribute_names, or (count,) by name. maps: (count, height, width), the class of each pixel, 255 for none
        (segmentation, pix2pix). partners: the other image of each pair (pix2pix), shaped as images.

        Raises: DataError for arrays of other shapes, types, values or lengths, in one sentence that says what to do;
        OptionError for an unknown column or an invalid range.
        """
        from gancli.data.in_memory import building

        names = columns.pop("attribute_names", None)
        train = {"images": images, "labels": labels, **columns}
        parts = {"train": train, "validation": validation, "test": test}
        return building.from_arrays(parts, classes=classes, attribute_names=names, pixel_range=pixel_range, name=name)

    @classmethod
    def from_points(
        cls,
        points: ArrayLike,
        labels: ArrayLike | None = None,
        *,
        classes: Sequence[str] | None = None,
        name: str = "points",
    ) -> Dataset:
        """A data set of points (count, dimensions) of finite numbers, for the model `toy`; they become float32.

        labels, classes: as in `from_arrays`. Raises: DataError.
        """
        from gancli.data.in_memory import building

        return building.from_points(points, labels, classes=classes, name=name)

    @classmethod
    def from_texts(cls, texts: Iterable[str] | Iterable[Sequence[str]], *, name: str = "texts") -> Dataset:
        """A data set of sentences in the order of the text, for skip-thoughts.

        texts: sentences of one text, or a list of sentences for each text; 100 sentences or more. The last tenth of
        each thousand is for testing. Raises: DataError.
        """
        from gancli.data.in_memory import building

        return building.from_texts(texts, name=name)

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the data set to a file that `gancli train --data FILE` and all other commands read as the same set.

        path: ends in .h5 for everything about images, .npz for images and labels, or points, .txt for sentences. What
        is there is replaced, once the new file has been read again and compared. Returns: the path. Raises: DataError
        for another ending, and for what such a file cannot hold; ResourceError if it cannot be written.
        """
        from gancli.data.in_memory import saving

        return saving.save(self, Path(path))

    def __repr__(self) -> str:
        from gancli.data.in_memory import showing

        return showing.in_words(self)

    def _repr_html_(self) -> str:
        """For notebooks: the words with a grid of images."""
        from gancli.data.in_memory import showing

        return showing.as_html(self)
