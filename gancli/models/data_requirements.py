"""What a model needs of its data: columns, shapes, and how images are read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gancli.core.errors import DataError

if TYPE_CHECKING:
    from gancli.data.dataset import DataFacts, Dataset
    from gancli.data.request import Request
    from gancli.models.config import TrainingConfig

READ_FROM = {  # columns that lists and folders may have
    "caption": "captions are read from a .txt beside each picture, a table of image and caption (captions.txt, .csv, "
    "metadata.jsonl), Flickr8k's token file, COCO's captions_….json",
    "label": "labels are read from folders of classes, a table of names and labels (.csv, .jsonl), or dataset.json",
    "attributes": "attributes are read from list_attr_celeba.txt, or a .csv of names and columns of 0 and 1",
}
MADE_BY = {
    "label": "Dataset.from_arrays(images, labels)",
    "caption": "Dataset.from_arrays(images, captions=…)",
    "attributes": "Dataset.from_arrays(images, attributes=…)",
    "map": "Dataset.from_arrays(images, maps=…)",
    "point": "Dataset.from_points(points)",
    "sentence": "Dataset.from_texts(sentences)",
}


def any_side(side: int) -> int:
    """Images of any size."""
    return side


def at_least_8(side: int) -> int:
    """At least one strided convolution between the image and its smallest feature map."""
    return max(side, 8)


@dataclass(frozen=True)
class DataRequirements:
    """What a model needs of its data.

    Attributes: `columns` of a batch; `kind` of the first, "image", "point" or "sentence"; `nearest_side`, the nearest
    side of square images that the model supports; `channels`, or None for any; `native_resolution`, whether images keep
    their own sizes, so that each batch holds crops of them; `paired`, whether each image has a counterpart.
    """

    columns: tuple[str, ...] = ("image",)
    kind: str = "image"
    nearest_side: Callable[[int], int] = any_side
    channels: int | None = None
    native_resolution: bool = False
    paired: bool = False

    def request(self, config: TrainingConfig, data_dir: str | None = None) -> Request:
        """The request for data of this kind, for a training with these settings."""
        from gancli.data.request import Request

        more = {
            "pixel_range": config.pixel_range,
            "needs_maps": "map" in self.columns,
            "paired": self.paired,
            "skip_bad": config.skip_bad,
        }
        if self.native_resolution:
            return Request(None, config.color, data_dir, least=config.crop, **more)
        return Request(config.image_size, config.color, data_dir, self.nearest_side, config.crop, **more)

    def check(self, facts: DataFacts, model: str) -> None:
        """Raise DataError for data that do not meet these requirements. model: its name."""
        self.need_columns(facts, facts.columns, model)
        if self.kind == "sentence" and facts.shape:
            raise DataError(
                f"{model} needs sentences, and '{facts.name}' holds other data: choose other data with --data"
            )
        if self.kind == "image":
            self._check_images(facts, model)

    def need_columns(self, data: DataFacts | Dataset, columns: Sequence[str], model: str) -> None:
        """Raise DataError for data without a column that is needed. columns: the names of those that they have."""
        missing = [name for name in self.columns if name not in columns]
        if missing:
            raise DataError(
                f"{model} needs {', '.join(missing)}, but '{data.name}' has only {', '.join(columns)}: "
                f"{_where_to_get(missing, data.source)}"
            )

    def _check_images(self, facts: DataFacts, model: str) -> None:
        shape = facts.shape
        if len(shape) != 3:
            raise DataError(f"{model} needs images, and '{facts.name}' holds other data: choose other data with --data")
        if self.native_resolution:
            return
        if shape[0] != shape[1] or self.nearest_side(shape[0]) != shape[0]:
            raise DataError(
                f"{model} does not support images of {shape[1]}x{shape[0]} from '{facts.name}': "
                f"try --image-size {self.nearest_side(max(shape[:2]))}"
            )
        if self.channels == 1 and shape[2] != 1:
            raise DataError(f"{model} needs gray images, and those of '{facts.name}' are in color: add --color gray")


def _where_to_get(missing: Sequence[str], source: str) -> str:
    """How data get these columns, for a message."""
    from gancli.data.in_memory.origin import is_in_memory

    if is_in_memory(source):
        return f"give it to {MADE_BY.get(missing[0], 'Dataset.from_arrays(images, …)')}"
    place = next((READ_FROM[name] for name in missing if name in READ_FROM), "")
    return f"choose other data with --data{f'; {place}' if place else ''}"
