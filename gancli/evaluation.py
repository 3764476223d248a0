"""Scores while a model trains: against training images alone, so that the test images stay unseen."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from gancli import features, images
from gancli.data import Dataset
from gancli.data.dataset import validation_rows
from gancli.metrics import frechet, kernel, labels, parzen
from gancli.models.base import Model
from gancli.sampling import Sampler

WIDTHS = 1000  # validation images to choose sigma on


class Referee:
    """Scores a model's samples of the seeds 0, 1, … against the validation images (see validation_rows).

    Attributes: `name` of the score, `recipe`.
    """

    def __init__(self, model: Model, dataset: Dataset, *, note: Callable[[str], None]) -> None:
        chosen = model.options
        self.name, self.seeds = chosen.eval_score, range(chosen.eval_samples)
        rows = validation_rows(len(dataset))
        if self.name == "parzen":
            real = dataset.train["image"][rows.start : rows.start + WIDTHS + chosen.eval_samples]
            flat, cut = _flat(real), min(WIDTHS, len(real) // 2)
            self.widths, self.real = flat[:cut], flat[cut:]
            self.seen = None
        else:
            self.seen = features.named(None, dataset, note=note)
            self.real, _ = self.seen.look(dataset.train["image"][rows.start : rows.start + chosen.eval_samples])

    def score(self, sampler: Sampler) -> dict[str, float]:
        """The score, and with a classifier the number of classes that are hardly made."""
        classes = len(sampler.model.data.classes)
        wanted = np.arange(len(self.seeds), dtype=np.int32) % classes if sampler.takes_labels else None
        pixels = sampler.decode(sampler.model.latents(self.seeds), wanted)
        if self.name == "parzen":
            return {"score": parzen.score(_flat(pixels), self.widths, self.real).mean}
        rows, probabilities = self.seen.look(pixels)
        value = frechet.distance(rows, self.real) if self.name == "frechet" else kernel.distance(rows, self.real)[0]
        found = {"score": value}
        if probabilities is not None:
            found["missing_classes"] = labels.missing(probabilities.argmax(axis=1), classes)
        return found


def _flat(pixels: np.ndarray) -> np.ndarray:
    return images.to_unit(pixels).reshape(len(pixels), -1)
