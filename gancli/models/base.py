"""Model: one paper's networks and training step; Stage: a part of its training."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from gancli.core import options
from gancli.core.backend import Tensor, keras, np, tf
from gancli.core.distributed import replica_ops
from gancli.core.errors import OptionError
from gancli.core.names.case import with_dashes
from gancli.core.options import option
from gancli.models import exports, learning_rates, regularization
from gancli.models.config import TrainingConfig
from gancli.models.data_requirements import DataRequirements
from gancli.models.input_pipeline import InputPipeline
from gancli.models.metric_names import SHARED, Metrics
from gancli.models.precision import POLICIES, compute_precision
from gancli.nn import memory_limit, optimizers
from gancli.nn.layer_tree import seed_layers

if TYPE_CHECKING:
    from gancli.core.distributed.strategy import Devices
    from gancli.data.dataset import DataFacts, Dataset
    from gancli.nn.network import Network

FILES = "gancli_model_file_"  # modules of files that the user has named begin so
ALL_MODELS = """In all models, whatever their papers say: layers compute in bfloat16 where the CPU accelerates it
(--precision float32 for the papers' arithmetic, which is the default of progan, r3gan, sngan and toy); weights and
optimizers stay in float32; Adam's epsilon is 1e-7, Keras' default, where Kingma & Ba 2015 and most authors' code have
1e-8."""
Batch = dict[str, Tensor]
Batches = Iterator[Batch]


class Stage(NamedTuple):
    """A part of a training: name, number of steps, and one step, batches -> {name of a metric: scalar}.

    is_asked: whether it is part of this training. is_scored: whether generated images change in it.
    """

    name: str
    steps: int
    step: Callable[[Batches], dict[str, Tensor]]
    is_asked: bool = True
    is_scored: bool = True


class Model(ABC):
    """One paper's networks, options and training step.

    Attributes: `config` and `options`, the settings; `data`, facts of the data set; `columns` of a batch; `networks` by
    their names in checkpoints (those that a class declares are attributes too); `pipeline`, which makes the batches;
    `random`, the generator of all noise; `state`, what else training changes; `devices`.
    """

    Config: ClassVar[type[TrainingConfig]] = TrainingConfig
    Pipeline: ClassVar[type[InputPipeline]] = InputPipeline
    config: TrainingConfig
    options: Any  # an instance of the class's Options
    data: DataFacts
    networks: dict[str, Network]
    pipeline: InputPipeline
    devices: Devices
    state: dict[str, keras.Variable]
    columns: tuple[str, ...] = ("image",)
    model_name: ClassVar[str] = ""  # of a model from outside, if it is not that of its class
    default_steps: ClassVar[int] = 10_000
    presets: ClassVar[Mapping[str, Mapping[str, object]]] = {}  # for --preset: options by the name of the preset
    metrics: ClassVar[Metrics] = SHARED  # how its step's metrics are shown; a model adds those that it alone has
    ema_networks: ClassVar[tuple[str, ...]] = ("generator",)  # networks whose weights --ema averages
    adversaries: ClassVar[tuple[str, ...]] = ("discriminator",)  # networks that regularization applies to
    equalized_networks: ClassVar[tuple[str, ...]] = ()  # those of --equalized-lr, if not all
    unpublished_networks: ClassVar[tuple[str, ...]] = ()  # of its losses alone, with weights of others
    inference_networks: ClassVar[Mapping[str, exports.InferenceNetwork]] = exports.decoder()  # the main one first
    xla_unsupported_reason: ClassVar[str] = ""  # the part of its step that XLA cannot compile
    xla_faster_on_cpu: ClassVar[bool] = False  # whether its step in float32 was measured to be faster

    @dataclass(frozen=True)
    class Options(options.Options):
        """What papers set. A model adds its own."""

        batch_size: int = option(64, "batch size", low=2, high=65536)
        learning_rate: float = option(2e-4, "learning rate", above=0, high=1, may_change=True)
        beta1: float = option(0.5, "beta1 of Adam", low=0, below=1)
        lr_schedule: str = option(
            "constant", "learning rate over the training (linear, cosine: decay to 0)", choices=learning_rates.SCHEDULES
        )
        lr_decay_start: int | None = option(
            None, "step at which the decay starts (default: linear halfway, cosine at once)", low=0, may_change=True
        )
        ema: float = option(0.999, "EMA decay of the weights used for sampling (0 disables)", low=0, below=1)

    def __init__(
        self, config: TrainingConfig, chosen: Options, data: DataFacts, devices: Devices | None = None
    ) -> None:
        from gancli.core.distributed.strategy import SINGLE_DEVICE

        _describe(self, config, chosen, data)
        self.devices, self.state = devices or SINGLE_DEVICE, {}
        keras.utils.clear_session(free_memory=False)  # layer names count from one; Python collects garbage itself
        keras.utils.set_random_seed(config.seed)  # the weights
        before = keras.config.dtype_policy()
        with self.devices.scope(), memory_limit.enforce():
            keras.config.set_dtype_policy(POLICIES[compute_precision(config)])
            try:
                self.networks = self.build(data)
            finally:  # also if the data are refused
                keras.config.set_dtype_policy(before)
            regularization.prepare(self)
            for name in set(self.ema_networks) & self.networks.keys() if chosen.ema else ():
                self.networks[name].enable_ema(chosen.ema, getattr(chosen, "ema_rampup", 0.0) or None)
        for name, network in self.networks.items():
            if config.sync_batchnorm and self.devices.strategy:
                replica_ops.synchronize_batchnorm(network.model)
            if name.isidentifier():
                setattr(self, name, network)
        self.random = self.devices.generator(config.seed)
        seed_layers(self.networks, config.seed)

    @classmethod
    def name(cls) -> str:
        """The name of its file, if it is gancli's or named by the user; else `model_name`, or my-gan for MyGAN."""
        if cls.__module__.startswith(("gancli.models.", FILES)):
            return cls.__module__.rsplit(".", 1)[-1].replace("_", "-")
        return vars(cls).get("model_name") or with_dashes(cls.__name__)

    @classmethod
    def data_requirements(cls, chosen: Options) -> DataRequirements:
        """What a training with these options needs of its data."""
        return DataRequirements(cls.columns)

    @classmethod
    def example(cls, config: TrainingConfig, chosen: Options) -> DataFacts | None:
        """Facts of example data for `gancli models`; None if the default of --data fits the model."""
        return None

    @classmethod
    def check(cls, config: TrainingConfig, chosen: Options) -> None:
        """Raise OptionError for options that contradict one another."""
        config.check()
        learning_rates.check(chosen)
        if cls.data_requirements(chosen).native_resolution and config.image_size is not None:
            raise OptionError(
                f"--image-size {config.image_size}: this model trains on crops of images at their own sizes; use --crop"
            )
        if cls.xla_unsupported_reason and config.jit == "on":
            raise OptionError(f"--jit on: XLA has no kernel that {cls.xla_unsupported_reason}; leave it out")

    @abstractmethod
    def build(self, data: DataFacts) -> dict[str, Network]:
        """The networks, by their names in checkpoints."""

    @abstractmethod
    def train_step(self, batches: Batches) -> dict[str, Tensor]:
        """One training step, traced into a graph: batches are tensors. Returns the metrics to record."""

    def stages(self) -> list[Stage]:
        """The parts of the training, in order."""
        return [Stage("train", self.total_steps(), self.train_step)]

    def on_stage_start(self, number: int, dataset: Dataset) -> None:  # noqa: B027 (most models need nothing)
        """Set weights from the data before the first step of a stage; repeated when a training resumes there."""

    def resolved_options(self) -> dict[str, object]:
        """Values of the options that were left to the model; the start of a decay stays in a longer training."""
        chosen = self.options
        start = learning_rates.decay_start(chosen, self.total_steps()) if learning_rates.decays(chosen) else None
        return {} if start is None else {"lr_decay_start": start}

    def conditioning(self, batch: Batch) -> tuple[Tensor, ...]:
        """Inputs of the networks besides images: one-hot labels, if the model is class-conditional."""
        return (one_hot(batch["label"], self.data.classes),) if "label" in self.columns else ()

    def batches_per_step(self) -> int:
        """Batches per training step, of the longest stage."""
        return 1

    def total_steps(self) -> int:
        """Length of the training, from --steps or --epochs."""
        if self.config.epochs is not None:
            return max(1, round(self.config.epochs * self.pipeline.batches_per_epoch() / self.batches_per_step()))
        return self.config.steps or self.default_steps

    def adam(self, side: str = "") -> keras.optimizers.Optimizer:
        """A new Adam optimizer with the learning rate and beta1 of the options.

        side: "g" of a generator, "d" of a discriminator, which may have a rate of its own.
        """
        return optimizers.adam(learning_rates.scheduled(self, side), beta1=self.options.beta1)

    def variables(self) -> dict[str, tf.Variable]:
        """All state that training changes, by name: networks, optimizers, noise."""
        named = {"noise": self.random.state} | {f"state/{name}": one.value for name, one in self.state.items()}
        for name, network in self.networks.items():
            named |= {f"{name}/{path}": variable.value for path, variable in network.variables().items()}
        return named


def outline(model_class: type[Model], config: TrainingConfig, chosen: Model.Options, data: DataFacts) -> Model:
    """A model without networks, for what its settings alone decide: columns, size of z, stages; TensorFlow is not
    imported. Raises: DataError if the data do not fit the model."""
    model = object.__new__(model_class)
    _describe(model, config, chosen, data)
    return model


def _describe(model: Model, config: TrainingConfig, chosen: Model.Options, data: DataFacts) -> None:
    requirements = model.data_requirements(chosen)
    requirements.check(data, model.name())
    model.columns = requirements.columns
    model.config, model.options, model.data = config, chosen, data
    model.pipeline = model.Pipeline(model)


def one_hot(labels: Tensor | np.ndarray, classes: Sequence[str]) -> Tensor:
    """Labels int (batch,) as one-hot rows, float32 (batch, classes)."""
    return tf.one_hot(labels, len(classes))


def random_streams(model: Model) -> list[tf.Variable]:
    """The variables that random numbers come from: the noise, and the seeds of layers."""
    states = (network.model.non_trainable_variables for network in model.networks.values())
    return [model.random.state, *(one.value for some in states for one in some if one.dtype.startswith("int"))]


def has_ema(model: Model) -> bool:
    """Whether any network keeps an EMA of its weights."""
    return any(network.average is not None for network in model.networks.values())


def use_raw_weights(model: Model) -> None:
    """Generate with the weights themselves from now on, not with their EMA."""
    for network in model.networks.values():
        network.average = None


def parameter_count(model: keras.Model) -> tuple[int, int]:
    """Trainable parameters, and the others (moving statistics; seeds not counted)."""
    return tuple(
        sum(math.prod(variable.shape) for variable in weights)
        for weights in (model.trainable_weights, model.non_trainable_weights)
    )
