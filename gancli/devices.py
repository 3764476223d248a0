"""Several devices: a training shared out among replicas by tf.distribute.

One device has no strategy, and nothing here touches its training.
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterable

from gancli import replicas
from gancli.backend import Tensor, tf
from gancli.errors import OptionError

MOST_VIRTUAL = 16  # CPUs
LEAST_SHARE = 2  # rows of a batch: BatchNorm and the terms of pairs need two
Step = Callable[[dict[str, Tensor], Tensor], dict[str, Tensor]]


class Devices:
    """What a training runs on.

    Attributes: `strategy`, None for one device; `replicas`, how many there are.
    """

    def __init__(self, strategy: tf.distribute.Strategy | None = None) -> None:
        self.strategy = strategy
        self.replicas = strategy.num_replicas_in_sync if strategy else 1

    def scope(self) -> contextlib.AbstractContextManager:
        """Where variables are made, a copy on each device."""
        return self.strategy.scope() if self.strategy else contextlib.nullcontext()

    def generator(self, seed: int) -> tf.random.Generator:
        """The noise of a training. `begin` gives each replica numbers of its own; the first has those of one device."""
        plain = tf.random.Generator.from_seed(seed, alg="philox")
        if not self.strategy:
            return plain
        with self.scope():
            state = tf.Variable(plain.state, trainable=False)
        # Made outside the scope: TensorFlow would mix the replica's number into the key, of a single replica too.
        return tf.random.Generator(state=state, alg="philox")

    def everywhere(self, step: Step) -> Step:
        """A step that every replica takes on its share of the rows: int32 (batches, batch size).

        Returns: the means over the replicas of what it tells.
        """
        if not self.strategy:
            return step
        names: list[str] = []

        def share(columns: dict[str, Tensor], rows: Tensor) -> Tensor:
            size = rows.shape[1] // self.replicas
            first = tf.distribute.get_replica_context().replica_id_in_sync_group * size
            told = step(columns, rows[:, first : first + size])
            names[:] = sorted(told)
            return tf.stack([told[name] for name in names])

        def shared(columns: dict[str, Tensor], rows: Tensor) -> dict[str, Tensor]:
            # Gathered here, so that a step's rows go to the other devices and not the whole data.
            gathered = {name: tf.gather(column, tf.reshape(rows, [-1])) for name, column in columns.items()}
            rows = tf.reshape(tf.range(tf.size(rows)), (-1, rows.shape[1]))
            told = self.strategy.reduce("MEAN", self.strategy.run(share, args=(gathered, rows)), axis=None)
            return dict(zip(names, tf.unstack(told), strict=True))

        return shared

    def begin(self, streams: Iterable[tf.Variable]) -> None:
        """Before the first step: give each replica random numbers of its own.

        streams: the variables, int64, that random numbers come from. The first replica's copies, which are those that
        are saved, stay as they are, so that the others follow from them.
        """
        if self.strategy:
            streams = list(streams)
            for stream in streams:
                stream.assign(stream.numpy())  # the first copy, to the others
            tf.function(self.strategy.run, autograph=False)(replicas.part, args=(streams,))


ONE = Devices()


def choose(wish: str, batch_size: int) -> Devices:
    """The devices that --devices asks for.

    wish: a number, or "all". Raises: OptionError if there are not so many, or they cannot share a batch equally.
    """
    gpus = tf.config.list_physical_devices("GPU")
    count = _count(wish, len(gpus))
    if count == 1:
        return ONE
    check_share(batch_size, count)
    if not gpus:
        _make_virtual_cpus(count)
    return Devices(_mirrored("GPU" if gpus else "CPU", count))


@functools.cache
def _mirrored(kind: str, count: int) -> tf.distribute.Strategy:
    """The strategy of the first devices of this machine: the same one each time, as it numbers what it exchanges."""
    names = [f"{kind}:{number}" for number in range(count)]
    if kind == "CPU":  # summed on the first: what CPUs exchange otherwise cannot be told from another strategy's
        return tf.distribute.MirroredStrategy(names, cross_device_ops=tf.distribute.ReductionToOneDevice())
    return tf.distribute.MirroredStrategy(names)


def _count(wish: str, gpus: int) -> int:
    if wish == "all":
        return max(1, gpus)
    if not wish.isdecimal() or int(wish) < 1:
        raise OptionError(f"--devices {wish}: expected a number from 1 on, or all")
    most = gpus or MOST_VIRTUAL
    if int(wish) > most:
        there = f"{gpus} GPU{'s' * (gpus > 1)}" if gpus else f"no GPU, and can try up to {most} virtual CPUs"
        raise OptionError(f"--devices {wish}: this machine has {there}")
    return int(wish)


def check_share(batch_size: int, replicas: int) -> None:
    """Raise OptionError unless so many replicas can take equal shares of a batch."""
    if batch_size % replicas or batch_size < LEAST_SHARE * replicas:
        near = max(LEAST_SHARE, round(batch_size / replicas)) * replicas
        raise OptionError(
            f"--batch-size {batch_size}, the batch of all devices together, does not give {replicas} of them equal "
            f"shares of {LEAST_SHARE} or more: try --batch-size {near}"
        )


def _make_virtual_cpus(count: int) -> None:
    """Split the CPU into so many devices, which must happen before TensorFlow's first computation."""
    (cpu, *_), made = tf.config.list_physical_devices("CPU"), tf.config.LogicalDeviceConfiguration
    with contextlib.suppress(RuntimeError):  # TensorFlow computes already: there are those that there are
        tf.config.set_logical_device_configuration(cpu, [made()] * count)
    there = len(tf.config.list_logical_devices("CPU"))
    if there < count:
        raise OptionError(f"--devices {count}: TensorFlow has begun with {there} in this process; ask for them first")
