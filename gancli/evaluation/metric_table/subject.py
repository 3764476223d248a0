"""What is scored: a trained model, or images from elsewhere, and the data to compare with."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from gancli import data
from gancli.core.backend import np
from gancli.core.errors import DataError, OptionError
from gancli.data import Dataset, Remark
from gancli.data.formats import arrays
from gancli.evaluation import evaluation_set
from gancli.evaluation.evaluation_set import EvaluationSet, no_note
from gancli.imaging import images
from gancli.inference.trained_model import TrainedModel
from gancli.models.capabilities import Decoder


@dataclass(frozen=True, eq=False)
class Subject:
    """What is scored. Samples and data are made and read once, at their first use.

    scored: a model, or a file or folder of images, or an array of them: uint8, or other numbers with `pixel_range`,
    (count, height, width[, channels]). data: a name, a path, or the data themselves; None for the run's own.
    num_samples: how many samples of a model, of the seeds from 0 on. note: called with warnings. remarks: called with
    the remarks on what was read. data_dir, skip_bad: of the data, as in `data.Request`.
    """

    scored: TrainedModel | Path | np.ndarray
    data: str | Dataset | None = None
    num_samples: int = 10_000
    pixel_range: str = "auto"
    note: Callable[[str], None] = no_note
    remarks: Callable[[Sequence[Remark]], None] = lambda remarks: None
    data_dir: str | None = None
    skip_bad: bool = False

    @property
    def trained(self) -> TrainedModel:
        """The model. Raises: OptionError if images are scored."""
        if not isinstance(self.scored, TrainedModel):
            raise OptionError("images alone have no model: give a run, or metrics of images, such as fid")
        return self.scored

    def need(self, ability: type) -> TrainedModel:
        """The model, which must have a capability (models/capabilities.py). Raises: OptionError."""
        run = self.trained.run
        if not run.can(ability):
            raise OptionError(f"{run.record['model']} cannot do this: {ability.missing_message}")
        return self.trained

    @functools.cached_property
    def dataset(self) -> Dataset:
        """The data to compare with. Raises: DataError; OptionError for images without data."""
        if isinstance(self.scored, TrainedModel):
            found = self.scored.run.dataset(self.data_dir, self.data)
        elif self.data is None:
            raise OptionError("images are scored against real data: give them by data, a name, a path or a Dataset")
        else:
            request = data.Request(data_dir=self.data_dir, skip_bad=self.skip_bad)
            found = self.data if isinstance(self.data, Dataset) else data.load(self.data, request)
            if "image" not in found.train:
                raise DataError(f"'{found.name}' contains no images to compare with")
        self.remarks(found.remarks)
        return found

    @functools.cached_property
    def drawn(self) -> EvaluationSet:
        """The samples of the model, whatever they show. Raises: OptionError for a model that generates no images."""
        return evaluation_set.drawn(self.need(Decoder), self.dataset, self.num_samples, note=self.note)

    @functools.cached_property
    def evaluated(self) -> EvaluationSet:
        """The images to score beside the data: the samples of a model, or the images. Raises: DataError for images of
        uniform color; OptionError for a model that generates no images."""
        if isinstance(self.scored, TrainedModel):
            return evaluation_set.checked(self.drawn)
        source = str(self.scored) if isinstance(self.scored, Path) else "an array"
        return evaluation_set.from_images(self._pixels(), self.dataset, source=source, note=self.note)

    def _pixels(self) -> np.ndarray:
        """The images in the shape of the data, uint8. Raises: DataError for other sizes."""
        shape, known = self.dataset.shape, self.dataset.pixel_ranges
        remarks: list[Remark] = []
        if isinstance(self.scored, Path):
            how = {"pixel_range": self.pixel_range, "known": known, "tell": remarks.extend, "skip_bad": self.skip_bad}
            pixels = data.load_images(self.scored, shape, **how)
        else:
            pixels, found = arrays.images_to_bytes(self.scored, shape, pixel_range=self.pixel_range, known=known)
            remarks += found
        if not images.are_constant(pixels):  # these are rejected
            self.remarks(remarks)
        return pixels
