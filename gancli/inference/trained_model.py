"""A trained run for inference: what its record decides at once; its weights, the step and a sampler when first used."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gancli.core.backend import np, tf
from gancli.core.errors import OptionError
from gancli.imaging import images
from gancli.inference.sampling import BATCH, Sampler
from gancli.inference.style_space.sampler import StyleSampler
from gancli.models import regularization
from gancli.models.base import has_ema
from gancli.models.capabilities import Decoder, StyleBased, TextEncoder

if TYPE_CHECKING:
    from gancli.data import Dataset, Remark
    from gancli.inference.style_space.truncation import Truncation
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
    """A model restored from a checkpoint of a run when its weights are first used.

    Attributes that import no TensorFlow: `run`; `outline`, the model without networks; `is_class_conditional` and
    `takes_texts`, whether its decoder takes labels or texts; `reporting`; `truncation` of its samples, None for none;
    `warnings`, why its output means little, as far as it was used. Those that load the checkpoint: `model`, `step`,
    `weights` in words, `sampler`.
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

        Raises: CheckpointError, OptionError if they do not exist.
        """
        run.need_checkpoint(checkpoint, weights)
        self.run = run
        self.reporting = reporting
        self.outline = run.outline()
        self.is_class_conditional = "label" in self.outline.columns
        self.takes_texts = isinstance(self.outline, Decoder) and isinstance(self.outline, TextEncoder)
        self.truncation: Truncation | None = None
        self.warnings: list[str] = []
        self._wanted = checkpoint, weights

    @functools.cached_property
    def _loaded(self) -> tuple[Model, int]:
        checkpoint, weights = self._wanted
        model, step = self.run.model(checkpoint, weights=weights, warn=self._warn)
        regularization.fold(model)
        if not step:
            self._doubt(f"step 0 of {self.run.path} is before any training, so its output is noise: train it first")
        return model, step

    @property
    def model(self) -> Model:
        """The model with the weights of the checkpoint. Raises: CheckpointError if it is damaged."""
        return self._loaded[0]

    @property
    def step(self) -> int:
        """The step of the checkpoint. Raises: as `model`."""
        return self._loaded[1]

    @functools.cached_property
    def weights(self) -> str:
        """ "raw", or "ema" and its decay. Raises: as `model`."""
        return f"ema {self.model.options.ema:g}" if has_ema(self.model) else "raw"

    @functools.cached_property
    def sampler(self) -> Sampler:
        """Generates images. Warns if all images of the first class or text are alike.

        Raises: OptionError for a model that generates no images; as `model`.
        """
        model = Decoder.of(self.model)
        sampler = StyleSampler(model) if isinstance(model, StyleBased) else Sampler(model)
        if self.step and images.are_alike(sampler.seeds(list(range(BATCH)))):
            what = f"of class {self.run.facts.classes[0]}" if self.is_class_conditional else f"of seeds 0-{BATCH - 1}"
            self._doubt(
                f"the images {what} at step {self.step:,} of {self.run.path} are all alike: the generator is hardly "
                "trained, or has collapsed; train longer, or start anew with another --seed"
            )
        if isinstance(sampler, StyleSampler):
            sampler.truncation = self.truncation
        return sampler

    def truncate(self, truncation: Truncation | None) -> None:
        """Truncate all further samples, or stop it. Raises: OptionError for a model that this is impossible with."""
        if truncation is not None:
            truncation.check(StyleBased.of(self.outline))
        self.truncation = truncation
        if "sampler" in vars(self) and isinstance(self.sampler, StyleSampler):
            self.sampler.truncation = truncation

    @property
    def which(self) -> str:
        """The checkpoint and weights that were asked for, in words; loads nothing."""
        checkpoint, weights = self._wanted
        return (f"checkpoint {checkpoint}" if checkpoint.isdecimal() else f"the {checkpoint} checkpoint") + (
            f", {weights} weights" if weights else ""
        )

    def _warn(self, text: str) -> None:
        self.reporting.note(f"warning: {text}")

    def _doubt(self, text: str) -> None:
        self.warnings.append(text)
        self._warn(text)

    def about(self) -> dict[str, object]:
        """Run, step and weights, and the truncation and warnings if there are any, for a result."""
        about = {"run": str(self.run.path), "step": self.step, "weights": self.weights}
        about |= {} if self.truncation is None else self.truncation.about()
        return about | ({"warnings": self.warnings} if self.warnings else {})

    def dataset(self, data_dir: str | None = None, source: str | Dataset | None = None) -> Dataset:
        """The run's data set; its remarks are reported. source: its name or path, if the data were moved, or itself."""
        dataset = self.run.dataset(data_dir, source)
        self.reporting.remarks(dataset.remarks)
        return dataset

    def points(self, seeds: Iterable[int]) -> np.ndarray:
        """Points generated from these seeds, float32 (seeds, size), for a model that generates points."""
        return self.model.decode(tf.constant(self.model.latents(seeds))).numpy()

    @property
    def is_unconditional(self) -> bool:
        """Whether the model generates from z alone, without labels or texts."""
        return not (self.is_class_conditional or self.takes_texts)

    def untrained(self) -> Model:
        """The same model with its initial weights."""
        model = self.run.model_class(*self.run.settings(), self.run.facts)
        regularization.fold(model)
        return model

    def require_labels(self, flag: str) -> None:
        """Raise OptionError for a flag that needs a class-conditional model, if this one is not."""
        if not self.is_class_conditional:
            raise OptionError(
                f"{flag}: {self.outline.name()} takes no labels; train a conditional model, such as cgan or acgan"
            )

    def label_of(self, name: str | None) -> int | None:
        """The number of the class to generate, None for a model without labels.

        Raises: OptionError for an unknown class, for a class without a class-conditional model, and the reverse.
        """
        if name is not None:
            self.require_labels(f"--class {name}")
            return self.class_index(name)
        if self.is_class_conditional:
            raise OptionError(
                f"{self.outline.name()} takes labels: give --class, for example --class {self.run.facts.classes[-1]}"
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
