"""Several devices: a training shared out among replicas by tf.distribute, and what they have to agree on.

One device has no strategy, and nothing here touches its training.
"""

from __future__ import annotations

import contextlib
import functools
import re
from collections.abc import Callable, Iterable, Iterator

from gancli.core.backend import Tensor, tf
from gancli.core.distributed import replica_ops
from gancli.core.distributed.cluster import SINGLE_WORKER, Team
from gancli.core.errors import OptionError, WorkerError
from gancli.core.options import whole

MOST_VIRTUAL = 16  # CPUs
LEAST_SHARE = 2  # rows of a batch: BatchNorm and the terms of pairs need two
Step = Callable[[dict[str, Tensor], Tensor], dict[str, Tensor]]


class Devices:
    """What a training runs on.

    Attributes: `strategy`, None for one device; `team`, the workers; `replicas`, over all of them.
    """

    def __init__(self, strategy: tf.distribute.Strategy | None = None, team: Team = SINGLE_WORKER) -> None:
        self.strategy, self.team = strategy, team
        self.replicas = strategy.num_replicas_in_sync if strategy else 1
        self._can_notify = False  # whether the other workers wait where `agree` is heard

    @property
    def is_chief(self) -> bool:
        """Whether this process writes the run: the only one, or the chief of several."""
        return self.team.index == 0

    def scope(self) -> contextlib.AbstractContextManager:
        """Where variables are made, a copy on each device."""
        return self.strategy.scope() if self.strategy else contextlib.nullcontext()

    def generator(self, seed: int) -> tf.random.Generator:
        """The noise of a training. `broadcast_initial_state` gives each replica numbers of its own; the first has those
        of one device.

        The seed is the key of Philox (Salmon et al. 2011), so that streams of different seeds are independent. As
        TensorFlow's `from_seed` puts it, into the counter, seed 1 would draw the numbers of seed 0 from the fifth on.
        """
        first = tf.constant([0, 0, seed], tf.int64)  # counter (2), key
        if not self.strategy:
            return tf.random.Generator.from_state(first, alg="philox")
        with self.scope():
            state = tf.Variable(first, trainable=False)
        # Made outside the scope: TensorFlow would mix the replica's number into the key, of a single replica too.
        return tf.random.Generator(state=state, alg="philox")

    def distribute_step(self, step: Step) -> Step:
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

    def broadcast_initial_state(
        self, variables: Iterable[tf.Variable], streams: Iterable[tf.Variable], position: Iterable[int]
    ) -> list:
        """Before the first step: the chief's values everywhere, then random numbers of its own for each replica.

        streams: those of the variables, int64, that random numbers come from. The first replica's copies, which are
        those that are saved, stay as they are, so that the others follow from them. Returns: the chief's position.
        """
        position = [self.all_gather_int(number)[0] for number in position]
        if self.strategy:
            streams = list(streams)
            with self.collective_errors():
                if self.team.size > 1:
                    self._run(replica_ops.take_from_first, list(variables))
                for stream in streams:
                    stream.assign(stream.numpy())  # this process's first copy, to its others
                self._run(replica_ops.part, streams)
        return position

    def all_gather_int(self, number: int) -> list[int]:
        """What each worker says, the chief first; waits for them all.

        Raises: WorkerError if one was lost, or ended the training.
        """
        if self.team.size == 1:
            return [number]
        with self.collective_errors():
            said = self._gather(tf.constant([[number, 0]], tf.int64)).numpy()
        said = said[:: self.replicas // self.team.size].tolist()
        for worker, (_, code) in enumerate(said):
            if code:
                self._can_notify = False
                name = self.team.name(worker)
                raise WorkerError(f"{name} ended the training with exit code {code}: what it printed says why", code)
        return [number for number, _ in said]

    def notify_exit(self, code: int) -> None:
        """Tell the other workers, where they can be told, that this one ends with an exit code."""
        if self._can_notify:
            self._can_notify = False
            with contextlib.suppress(tf.errors.OpError):
                self._gather(tf.constant([[0, code]], tf.int64))

    @contextlib.contextmanager
    def collective_errors(self) -> Iterator[None]:
        """Around what the replicas compute together. Raises: WorkerError where another worker is lost meanwhile."""
        self._can_notify = False
        try:
            yield
        except tf.errors.OpError as error:
            if self.team.size == 1 or isinstance(error, tf.errors.ResourceExhaustedError):
                raise
            raise WorkerError(
                "another worker was lost, and the training ends: start all of them again with --resume to go on from "
                f"the last checkpoint (TensorFlow: {_reason(error)})"
            ) from error
        self._can_notify = self.team.size > 1

    def _run(self, function: Callable[[list[tf.Variable]], None], variables: list[tf.Variable]) -> None:
        tf.function(self.strategy.run, autograph=False)(function, args=(variables,))

    @functools.cached_property
    def _gather(self) -> Callable[[Tensor], Tensor]:
        """A graph that puts int64 (1, numbers) of all replicas below one another."""

        def gather(said: Tensor) -> Tensor:
            return self.strategy.gather(self.strategy.run(tf.identity, args=(said,)), axis=0)

        return tf.function(gather, autograph=False)


SINGLE_DEVICE = Devices()


def _reason(error: tf.errors.OpError) -> str:
    """The line of TensorFlow's message that says something."""
    lines = [line.strip() for line in error.message.splitlines() if line.strip()]
    return next((line for line in lines if "abort" in line or "heartbeat" in line), lines[-1] if lines else repr(error))


def choose(wish: str, batch_size: int, team: Team = SINGLE_WORKER) -> Devices:
    """The devices that --devices asks for, of this machine or of each of a team's.

    wish: a number, or "all". Raises: OptionError if there are not so many, or they cannot share a batch equally.
    """
    gpus = tf.config.list_physical_devices("GPU")
    count = _count(wish, len(gpus))
    if team.size > 1:
        if count > 1 and not gpus:
            raise OptionError(f"--devices {wish}: workers without GPUs have one device each; leave it out")
        check_share(batch_size, team.size * count)
        if gpus:
            tf.config.set_visible_devices(gpus[:count], "GPU")
        return Devices(team.strategy(), team)
    if count == 1:
        return SINGLE_DEVICE
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
    if not re.fullmatch("0*[1-9][0-9]*", wish):
        raise OptionError(f"--devices {wish}: expected a number from 1 on, or all")
    most = gpus or MOST_VIRTUAL
    count = whole(wish, most)
    if count is None:
        there = f"{gpus} GPU{'s' * (gpus > 1)}" if gpus else f"no GPU, and can try up to {most} virtual CPUs"
        raise OptionError(f"--devices {wish}: this machine has {there}")
    return count


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
