"""TrainingConfig: the settings of every training, whatever the model. What a paper sets is in the model's Options.

Flags, configuration files and `run.json` hold both in one flat table; the functions here take it apart and put it
together.
"""

from __future__ import annotations

import dataclasses
import keyword
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from gancli.core import options
from gancli.core.errors import OptionError
from gancli.core.options import Field, Options, option, whole

if TYPE_CHECKING:
    from gancli.models.base import Model

PRECISIONS = ("auto", "float32", "bfloat16", "float16")
SCORES = {"frechet": -1, "kid": -1, "parzen": 1, "psnr": 1, "miou": 1}  # of --eval-score; 1: higher is better
SAMPLE_SCORES = ("frechet", "kid", "parzen")  # those of images generated from z
MOST_STEPS = 10**12  # more than any training takes
GROUPS = ("Data", "Training", "Checkpoints", "Evaluation", "Distribution", "Regularization", "Model")  # as in help

_data, _training, _checkpoints, _evaluation, _distribution = (partial(option, group=name) for name in GROUPS[:-2])


@dataclass(frozen=True)
class TrainingConfig(Options):
    """Settings of data, training loop, checkpoints, evaluation and distribution."""

    data: str = _data("digits", "data set, by name or path (digits: 8x8, unless --image-size 28)", may_change=True)
    image_size: int | None = _data(
        None, "side of the images in pixels after resizing (default: unchanged)", low=4, high=1024
    )
    crop: int | None = _data(None, "side in pixels of a center crop before resizing (default: none)", low=4, high=4096)
    color: str = _data("auto", "color channels of the images", choices=("auto", "gray", "rgb"))
    pixel_range: str = _data("auto", "pixel values of black and white: 0:1, -1:1, 0:255, 0:4095, LOW:HIGH or auto")
    skip_bad: bool = _data(False, "leave out files that cannot be read, and list them, instead of stopping")
    hold_out: bool = _data(False, "exclude the validation images (10,000, or a fifth of a small set) from training")
    in_memory: str = _data(
        "auto",
        "keep images in memory (auto: if they take less than half of it)",
        choices=("auto", "yes", "no"),
        may_change=True,
    )
    steps: int | None = _training(None, "training length in generator steps", low=1, may_change=True)
    epochs: float | None = _training(None, "training length in epochs, instead of --steps", above=0, may_change=True)
    minutes: float | None = _training(
        None, "training length in minutes, instead of --steps, which are estimated", above=0, may_change=True
    )
    seed: int = _training(0, "random seed for weights, noise, dropout and data order", low=0, high=2**31 - 1)
    precision: str = _training(
        "auto",
        "compute precision of the layers (auto: bfloat16 where the CPU accelerates it, else float32)",
        choices=PRECISIONS,
    )
    jit: str = _training(
        "auto",
        "XLA compilation, which changes the random numbers (auto: where it is faster)",
        choices=("auto", "on", "off"),
    )
    save_every: int | None = _checkpoints(
        None, "steps between checkpoints (default: a tenth of the training)", low=1, may_change=True
    )
    keep: int = _checkpoints(3, "number of most recent checkpoints to keep", low=1, may_change=True)
    keep_every: int | None = _checkpoints(
        None, "also keep every checkpoint at a multiple of this step", low=1, may_change=True
    )
    sample_every: int | None = _checkpoints(
        None, "steps between sample images (default: a twentieth of the training)", low=1, may_change=True
    )
    snapshots: str = _checkpoints(
        "", "extra steps of sample images and kept checkpoints, such as 100,1000,5000", may_change=True
    )
    log_every: int = _checkpoints(50, "steps between two lines of metrics.jsonl", low=1, may_change=True)
    tensorboard: bool = _checkpoints(False, "also write TensorBoard events", may_change=True)
    eval_every: int | None = _evaluation(
        None, "steps between evaluations; the best checkpoint is kept (default: never)", low=1, may_change=True
    )
    eval_score: str = _evaluation("frechet", "metric that selects the best checkpoint", choices=SAMPLE_SCORES)
    eval_samples: int = _evaluation(2000, "number of generated images per evaluation", low=50, high=1_000_000)
    patience: int | None = _evaluation(
        None, "stop after this many evaluations without improvement (default: never)", low=1, may_change=True
    )
    on_divergence: str = _evaluation(
        "warn",
        "reaction to divergence (restore: once, at a quarter of the learning rate; a non-finite loss always stops)",
        choices=("warn", "stop", "restore"),
        may_change=True,
    )
    devices: str = _distribution(
        "1", "number of GPUs that share each batch, or all (without GPUs: virtual CPUs)", may_change=True
    )
    sync_batchnorm: bool = _distribution(False, "compute BatchNorm statistics over the whole batch, not per device")

    def higher_is_better(self) -> bool:
        """Whether the score of --eval-every is better the higher it is."""
        return SCORES[self.eval_score] > 0

    def snapshot_steps(self) -> tuple[int, ...]:
        """The steps of --snapshots, in order. Raises: OptionError."""
        steps = self.snapshots.replace(" ", "").split(",") if self.snapshots else []
        found = [whole(step, MOST_STEPS - 1, least=1) for step in steps]
        if None in found:
            raise OptionError(f"--snapshots {self.snapshots}: expected steps, such as 100,1000,2000,5000")
        return tuple(sorted(found))

    def check(self) -> None:
        """Raise OptionError for settings that contradict one another."""
        from gancli.data.images import value_ranges

        lengths = [name for name in ("steps", "minutes") if getattr(self, name) is not None]
        if self.epochs is not None and lengths:
            raise OptionError(f"--{lengths[0]} and --epochs both give the length of the training: give one")
        if self.patience and not self.eval_every:
            raise OptionError("--patience counts evaluations: set their interval with --eval-every")
        self.snapshot_steps()
        value_ranges.parse(self.pixel_range)


class Settings(NamedTuple):
    """All settings of a training: its config, and the options of its model."""

    config: TrainingConfig
    options: Any  # an instance of the Options of the model's class

    def to_mapping(self) -> dict[str, object]:
        """The flat table of both: the inverse of `from_mapping`."""
        return dataclasses.asdict(self.config) | dataclasses.asdict(self.options)

    def replace(self, changes: Mapping[str, object]) -> Settings:
        """The same with these changes, by name."""
        return Settings(
            *(
                dataclasses.replace(part, **{name: changes[name] for name in changes if hasattr(part, name)})
                for part in self
            )
        )


def fields_of(model_class: type[Model]) -> tuple[Field, ...]:
    """All options of a model's training: those of its Config, then those of its Options."""
    return (*options.fields(model_class.Config), *options.fields(model_class.Options))


def from_mapping(model_class: type[Model], values: Mapping[str, object]) -> Settings:
    """Settings from a flat table. Raises: OptionError for an unknown name or a bad value."""
    options.need_known(values, fields_of(model_class))
    return Settings(
        *(
            cls(**{field.name: values[field.name] for field in options.fields(cls) if field.name in values})
            for cls in (model_class.Config, model_class.Options)
        )
    )


def as_recorded(values: Mapping[str, object]) -> Settings:
    """Settings from the table in a `run.json` whose model is not loaded: its own options unchecked, as they are there.

    Raises: OptionError for a bad value of a setting that all trainings have.
    """
    common = {field.name for field in options.fields(TrainingConfig)}
    names = [name for name in values if re.fullmatch("[a-z][a-z0-9_]*", name) and not keyword.iskeyword(name)]
    own = [(name, object, dataclasses.field(default=None)) for name in names if name not in common]
    known = {name: values[name] for name in values if name in common}
    recorded = dataclasses.make_dataclass("RecordedOptions", own, frozen=True)
    return Settings(TrainingConfig(**known), recorded(**{name: values[name] for name, *_ in own}))


def from_record(model_class: type[Model], values: Mapping[str, object]) -> Settings:
    """Settings from the table in a `run.json`; an option that it lacks gets its value from before it existed.

    Raises: OptionError for an unknown name or a bad value.
    """
    known = fields_of(model_class)
    absent = {field.name: field.rule.absent for field in known if field.rule.absent is not None}
    return from_mapping(model_class, absent | options.renamed(values, known))
