"""A trained run loaded for inference: its model, the checkpoint's step, and a sampler."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gancli.core.backend import np, tf
from gancli.core.errors import OptionError
from gancli.inference.sampling import Sampler
from gancli.models.base import has_ema
from gancli.models.capabilities import Decoder

if TYPE_CHECKING:
    from gancli.data import Dataset, Remark
    from gancli.models.base import Model
    from gancli.runs.run import Run


@dataclass(frozen=True)
class Reporting:
    """Where inference reports to; nowhere by default.

    note: receives a line of text. remarks: receives the remarks on data or images that were loaded.
    """

    note: Callable[[str], None] = lambda text: None
    remarks: Callable[[Iterable[Remark]], None] = lambda remarks: None


class TrainedModel:
    """A model restored from a checkpoint of a run.

    Attributes: `run`, `model`, `step` of the checkpoint, `weights` in words, `sampler` (None for a model that does not
    generate images), `reporting`.
    """

    def __init__(
        self,
        run: Run,
        checkpoint: str = "last",
        weights: str | None = None,
        *,
        reporting: Reporting = Reporting(),
    ) -> None:
        """checkpoint: a step, "last" or "best". weights: "ema", "raw", or None for EMA weights if the run has them.

        Raises: CheckpointError, OptionError.
        """
        self.run = run
        self.reporting = reporting
        self.model, self.step = run.model(checkpoint, weights=weights, warn=self._warn)
        self.weights = f"ema {self.model.options.ema:g}" if has_ema(self.model) else "raw"
        self.sampler = Sampler(self.model) if isinstance(self.model, Decoder) else None

    def _warn(self, text: str) -> None:
        self.reporting.note(f"warning: {text}")

    def about(self) -> dict[str, object]:
        """Run, step and weights, for a result."""
        return {"run": str(self.run.path), "step": self.step, "weights": self.weights}

    def dataset(self, data_dir: str | None = None, source: str | None = None) -> Dataset:
        """The run's data set; its remarks are reported. source: a name or path, if the data were moved."""
        dataset = self.run.dataset(data_dir, source)
        self.reporting.remarks(dataset.remarks)
        return dataset

    def points(self, seeds: Iterable[int]) -> np.ndarray:
        """Points generated from these seeds, float32 (seeds, size), for a model that generates points."""
        return self.model.decode(tf.constant(self.model.latents(seeds))).numpy()

    def untrained(self) -> Model:
        """The same model with its initial weights."""
        return self.run.model_class(*self.run.settings(), self.run.facts)

    def require_labels(self, flag: str) -> None:
        """Raise OptionError for a flag that needs a class-conditional model, if this one is not."""
        if not self.sampler.is_class_conditional:
            raise OptionError(
                f"{flag}: {self.model.name()} takes no labels; train a conditional model, such as cgan or acgan"
            )

    def label_of(self, name: str | None) -> int | None:
        """The number of the class to generate, None for a model without labels.

        Raises: OptionError for an unknown class, for a class without a class-conditional model, and the reverse.
        """
        if name is not None:
            self.require_labels(f"--class {name}")
            return self.class_index(name)
        if self.sampler.is_class_conditional:
            raise OptionError(
                f"{self.model.name()} takes labels: give --class, for example --class {self.run.facts.classes[-1]}"
            )
        return None

    def labels_for(self, seeds: Sequence[int], name: str | None) -> np.ndarray | None:
        """Labels of samples, int32 (seeds,): one class, or every class in turn; None for a model without labels.

        Raises: OptionError.
        """
        if name is None:
            return self.sampler.cycle_labels(seeds)
        self.require_labels(f"--class {name}")
        return np.full(len(seeds), self.class_index(name), np.int32)

    def class_index(self, name: str) -> int:
        """The number of a class of the run's data. Raises: OptionError."""
        from gancli.data import class_index

        return class_index(name, self.run.facts.classes, self.run.facts.name)


def is_unconditional(run: Run) -> bool:
    """Whether a run's model generates from z alone, without labels or captions."""
    return not {"label", "caption"} & set(run.model_class.data_requirements(run.options()).columns)


def is_text_conditional(run: Run) -> bool:
    """Whether a run's model generates from z and a caption."""
    return "caption" in run.model_class.data_requirements(run.options()).columns
