"""Model: one paper's system; Stage: a part of its training."""

from __future__ import annotations

import inspect
import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from gancli.core import options
from gancli.core.backend import Tensor, has_fast_bfloat16, keras, np, tf
from gancli.core.distributed import replica_ops
from gancli.core.errors import DataError, OptionError
from gancli.core.options import option
from gancli.imaging import images
from gancli.models.config import TrainingConfig
from gancli.nn import memory_limit, optimizers

if TYPE_CHECKING:
    from gancli.core.distributed.strategy import Devices
    from gancli.data.dataset import DataFacts, Dataset, Request
    from gancli.nn.network import Network

POLICIES = {"float32": "float32", "bfloat16": "mixed_bfloat16", "float16": "mixed_float16"}  # Keras' names
LAYER_SEEDS = 2**31 - 2  # Keras takes the seed of a layer modulo this on TensorFlow
ALL_MODELS = """In all models, whatever their papers say: layers compute in bfloat16 where the CPU is fast at it
(--precision float32 for the papers' arithmetic; toy has it by default), weights and optimizers stay in float32; Adam's
epsilon is 1e-7, Keras' default, where Kingma & Ba 2015 and most authors' code have 1e-8."""
Batch = dict[str, Tensor]
Batches = Iterator[Batch]


class Stage(NamedTuple):
    """A part of a training: its name, its number of steps, one step: batches -> {name of a scalar: scalar}, whether it
    is asked for now, and whether what is drawn moves in it, so that a score tells something."""

    name: str
    steps: int
    step: Callable[[Batches], dict[str, Tensor]]
    is_asked: bool = True
    is_scored: bool = True


class Model(ABC):
    """One paper's system: its options, its networks and its train step.

    Attributes: `options`, `data` (DataFacts), `columns` of the data that a batch holds, `networks` by name (each also
    an attribute), `random` (the noise), `devices` that hold them.
    """

    columns: ClassVar[tuple[str, ...]] = ("image",)
    default_steps: ClassVar[int] = 10_000
    ema_networks: ClassVar[tuple[str, ...]] = ("generator",)  # networks whose weights --ema averages
    native_resolution: ClassVar[bool] = (
        False  # whether pictures keep theirs, and crops of the side --crop are cut in a batch
    )
    xla_unsupported_reason: ClassVar[str] = ""  # what its step does that XLA cannot compile
    xla_faster_on_cpu: ClassVar[bool] = False  # whether its step in float32 was measured to gain from XLA on a CPU

    Config: ClassVar[type[TrainingConfig]] = TrainingConfig

    @dataclass(frozen=True)
    class Options(options.Options):
        """What papers set. A model adds its own."""

        batch_size: int = option(64, "batch size", low=2, high=65536)
        learning_rate: float = option(2e-4, "learning rate of Adam", above=0, high=1, may_change=True)
        beta1: float = option(0.5, "beta1 of Adam", low=0, below=1)
        ema: float = option(0.999, "EMA decay of the weights used for sampling (0 disables)", low=0, below=1)

    def __init__(
        self, config: TrainingConfig, chosen: Options, data: DataFacts, devices: Devices | None = None
    ) -> None:
        from gancli.core.distributed.strategy import SINGLE_DEVICE

        self.columns = self.columns_of(chosen)
        missing = [name for name in self.columns if name not in data.columns]
        if missing:
            raise DataError(
                f"{self.name()} needs {', '.join(missing)} and '{data.name}' has {', '.join(data.columns)}: "
                "give other --data"
            )
        self.check_shape(data.shape, data.name)
        self.config, self.options, self.data, self.devices = config, chosen, data, devices or SINGLE_DEVICE
        keras.utils.clear_session()  # layer names count from one
        keras.utils.set_random_seed(config.seed)  # the weights
        with self.devices.scope(), memory_limit.kept():
            keras.config.set_dtype_policy(POLICIES[self.precision()])
            try:
                self.networks = self.build(data)
            finally:  # also where the data are refused
                keras.config.set_dtype_policy("float32")
            for name in set(self.ema_networks) & self.networks.keys() if chosen.ema else ():
                self.networks[name].enable_ema(chosen.ema)
        for network in self.networks.values() if config.sync_batchnorm and self.devices.strategy else ():
            replica_ops.synchronize_batchnorm(network.layers)
        vars(self).update(self.networks)
        self.random = self.devices.generator(config.seed)
        self._seed_layers()

    def _seed_layers(self) -> None:
        """Give each layer that draws random numbers, such as dropout, its own stream, derived from `--seed` and the
        name of its state in checkpoints. A checkpoint holds these states, so a resume continues the streams it finds.
        """
        for network_name, network in self.networks.items():
            for path, variable in network.seed_states().items():
                source = np.random.SeedSequence([self.config.seed, *f"{network_name}/{path}".encode()])
                variable.assign([int(source.generate_state(1)[0]) % LAYER_SEEDS, 0])

    @abstractmethod
    def build(self, data: DataFacts) -> dict[str, Network]:
        """The networks, by their name in checkpoints."""

    @abstractmethod
    def train_step(self, batches: Batches) -> dict[str, Tensor]:
        """One step of training: traced into a graph, so batches are tensors. Returns what is to be recorded."""

    def given(self, batch: Batch) -> tuple[Tensor, ...]:
        """What the networks are given of a batch besides its images: labels, one-hot, where the model takes some."""
        return (self.one_hot(batch["label"]),) if "label" in self.columns else ()

    def one_hot(self, labels: Tensor | np.ndarray) -> Tensor:
        """Labels int (batch,) as one-hot rows, float32 (batch, classes)."""
        return tf.one_hot(labels, len(self.data.classes))

    def gathered(self, columns: Batch, rows: Tensor) -> Batch:
        """These rows, int32 (batch,), of the columns that are held: images float32 (batch, h, w, channels) in [-1, 1],
        all else as it is."""
        batch = {name: tf.gather(column, rows) for name, column in columns.items()}
        return {name: images.from_uint8(value) if value.dtype == tf.uint8 else value for name, value in batch.items()}

    def resolved(self) -> dict[str, object]:
        """Options that were left to the model, as they are for this training."""
        return {}

    def held(self, dataset: Dataset) -> dict[str, np.ndarray]:
        """What a training holds of the data: its `columns`, with a row for each of the data, as batches have them."""
        return {name: dataset.train[name] for name in self.columns}

    def begin(self, number: int, dataset: Dataset) -> None:  # noqa: B027 (most models need nothing)
        """Before the first step of the stage of this number: take from the data what its first weights need.

        Asked again it does the same, as where a training is resumed there.
        """

    def stages(self) -> list[Stage]:
        """The parts of the training, in order."""
        return [Stage("train", self.total_steps(), self.train_step)]

    def training_count(self) -> int:
        """How many images are trained on."""
        return self.data.count - self.data.held_out(asked=self.config.hold_out)

    def training_rows(self, dataset: Dataset) -> np.ndarray:
        """Which rows of the data are trained on, int32 (training_count,)."""
        rows = dataset.split()[0] if self.config.hold_out or dataset.validation else np.arange(len(dataset))
        return rows.astype(np.int32)

    def arranged(self, order: np.ndarray, random: np.random.Generator) -> np.ndarray:
        """The order of an epoch, int (training_count,), as the model wants it; `random` is the epoch's own."""
        return order

    def snapshots(self) -> tuple[int, ...]:
        """The steps of --snapshots, in order."""
        return self.config.snapshot_steps()

    def batches_per_epoch(self) -> int:
        """Whole batches in a pass over the images that are trained on."""
        return self.training_count() // self.options.batch_size

    def batches_per_step(self) -> int:
        """Batches that a step takes, of the longest stage."""
        return 1

    def total_steps(self) -> int:
        """The length of the training, from --steps or --epochs."""
        if self.config.epochs is not None:
            return max(1, round(self.config.epochs * self.batches_per_epoch() / self.batches_per_step()))
        return self.config.steps or self.default_steps

    def has_averages(self) -> bool:
        """Whether a moving average of weights is drawn with."""
        return any(network.average is not None for network in self.networks.values())

    def use_raw_weights(self) -> None:
        """Draw with the weights as they are from now on, not with their averages."""
        for network in self.networks.values():
            network.average = None

    def adam(self) -> keras.optimizers.Optimizer:
        """An Adam optimizer with the options' step size and beta1."""
        return optimizers.adam(self.options.learning_rate, beta1=self.options.beta1)

    def precision(self) -> str:
        """ "float32", "bfloat16" or "float16": the option, "auto" resolved for this machine."""
        if self.config.precision != "auto":
            return self.config.precision
        return "bfloat16" if has_fast_bfloat16() and self.config.jit != "on" else "float32"

    def uses_xla(self) -> bool:
        """Whether the step is compiled with XLA: the option, "auto" resolved for this machine.

        On a CPU convolutions lose tenfold by it, products in bfloat16 gain nothing, and of the dense models only `gan`
        gains (a sixth). On a GPU it was not measured.
        """
        if self.devices.strategy:
            return False  # on CPUs the replicas cannot meet inside it, and on GPUs it has not been tried
        if self.config.jit != "auto":
            return self.config.jit == "on"
        on_cpu = not tf.config.list_physical_devices("GPU")
        return self.xla_faster_on_cpu and on_cpu and self.precision() == "float32"

    def streams(self) -> list[tf.Variable]:
        """Those of the variables that random numbers come from: the noise, and the networks' seeds."""
        held = (network.layers.non_trainable_variables for network in self.networks.values())
        return [self.random.state, *(one.value for some in held for one in some if one.dtype.startswith("int"))]

    def variables(self) -> dict[str, tf.Variable]:
        """All state that training changes, by name: networks, optimizers, noise."""
        named = {"noise": self.random.state}
        for name, network in self.networks.items():
            named |= {f"{name}/{path}": variable.value for path, variable in network.variables().items()}
        return named

    @classmethod
    def name(cls) -> str:
        """The model's name on the command line: that of its file."""
        return cls.__module__.rsplit(".", 1)[-1].replace("_", "-")

    @classmethod
    def paper(cls) -> str:
        """The docstring of the model's file: the paper, and how this differs from it."""
        return inspect.cleandoc(inspect.getmodule(cls).__doc__)

    @classmethod
    def example(cls, config: TrainingConfig, chosen: Options) -> DataFacts | None:
        """Facts of data that the networks can be shown for; None where the default of --data fits the model."""
        return None

    @classmethod
    def request(cls, config: TrainingConfig, chosen: Options, data_dir: str | None = None) -> Request:
        """What is asked of the data's source for a training with these options."""
        from gancli.data.dataset import Request

        more = {"pixel_range": config.pixel_range, "needs_maps": "map" in cls.columns_of(chosen)}
        if cls.native_resolution:
            return Request(None, config.color, data_dir, least=config.crop, **more)
        return Request(config.image_size, config.color, data_dir, cls.fitting_size, config.crop, **more)

    @classmethod
    def columns_of(cls, chosen: Options) -> tuple[str, ...]:
        """The columns of the data that a training with these options needs."""
        return cls.columns

    @classmethod
    def pretrained_sources(cls, chosen: Options) -> dict[str, str]:
        """What a new training borrows from, by its kind (launch.LENDERS): a run's folder, a labelled data
        set whose classifier is meant, or a network of Keras'."""
        return {}

    @classmethod
    def options_from_pretrained(
        cls, config: TrainingConfig, chosen: Options, facts: DataFacts, lent: Mapping[str, object]
    ) -> tuple[Options, DataFacts]:
        """The options and facts of a training that borrows from these, by their kind. Raises: OptionError if it
        cannot."""
        return chosen, facts

    def load_pretrained(self, lent: Mapping[str, object]) -> None:  # noqa: B027 (most models need nothing)
        """Take what is borrowed, before the first step."""

    @classmethod
    def check(cls, config: TrainingConfig, chosen: Options) -> None:
        """Raise OptionError for options that contradict one another."""
        config.check()
        if cls.native_resolution and config.image_size is not None:
            raise OptionError(
                f"--image-size {config.image_size}: crops are taken of pictures at their own sizes; give --crop"
            )
        if cls.xla_unsupported_reason and config.jit == "on":
            raise OptionError(f"--jit on: XLA has no kernel that {cls.xla_unsupported_reason}; leave it out")

    @classmethod
    def fitting_size(cls, side: int) -> int:
        """The nearest side of an image that this model takes; any, unless it says otherwise."""
        return side

    @classmethod
    def check_shape(cls, shape: tuple[int, int, int], name: str) -> None:
        """Raise DataError if the model cannot take images of this shape."""
        if cls.native_resolution and len(shape) == 3:
            return
        if len(shape) != 3:
            raise DataError(f"{cls.name()} needs images, and '{name}' holds other data: give other --data")
        if shape[0] != shape[1] or cls.fitting_size(shape[0]) != shape[0]:
            raise DataError(
                f"{cls.name()} cannot take images of {shape[1]}x{shape[0]} from '{name}': "
                f"try --image-size {cls.fitting_size(max(shape[:2]))}"
            )


def parameter_count(model: keras.Model) -> tuple[int, int]:
    """Trainable parameters, and the others (moving statistics; seeds not counted)."""
    return tuple(
        sum(math.prod(variable.shape) for variable in weights)
        for weights in (model.trainable_weights, model.non_trainable_weights)
    )
