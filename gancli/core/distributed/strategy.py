"""Several devices: a training distributed over replicas by tf.distribute, and what the workers have to agree on.

A single device has no strategy, and nothing here affects its training.
"""

from __future__ import annotations

import contextlib
import functools
import re
from collections.abc import Callable, Iterable, Iterator

from gancli.core.backend import Tensor, graph_function, tf
from gancli.core.distributed import replica_ops
from gancli.core.distributed.cluster import SINGLE_WORKER, Team
from gancli.core.errors import OptionError, WorkerError
from gancli.core.options import whole

MOST_VIRTUAL = 16  # CPUs
LEAST_SHARE = 2  # rows of a batch: BatchNorm and losses of pairs need two
Step = Callable[[dict[str, Tensor], Tensor], dict[str, Tensor]]


class Devices:
    """The devices of a training.

    Attributes: `strategy`, None for one device; `team`, the workers; `replicas`, their number over all workers.
    """

    def __init__(self, strategy: tf.distribute.Strategy | None = None, team: Team = SINGLE_WORKER) -> None:
        self.strategy, self.team = strategy, team
        self.replicas = strategy.num_replicas_in_sync if strategy else 1
        self._can_notify = False  # whether the other workers are waiting in `all_gather_int`

    @property
    def is_chief(self) -> bool:
        """Whether this process is the only worker, or the chief of several: it writes the run."""
        return self.team.index == 0

    def scope(self) -> contextlib.AbstractContextManager:
        """The context in which variables are created, with a copy on each device."""
        return self.strategy.scope() if self.strategy else contextlib.nullcontext()

    def generator(self, seed: int) -> tf.random.Generator:
        """The random generator of a training. `broadcast_initial_state` gives each replica a stream of its own; the
        first replica has that of a single device.

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
        """A step that every replica takes on its share of the rows, int32 (batches, batch size).

        The distributed step returns the means of the metrics over the replicas.
        """
        if not self.strategy:
            return step
        names: list[str] = []

        def share(columns: dict[str, Tensor], rows: Tensor) -> Tensor:
            size = rows.shape[1] // self.replicas
            first = tf.distribute.get_replica_context().replica_id_in_sync_group * size
            metrics = step(columns, rows[:, first : first + size])
            names[:] = sorted(metrics)
            return tf.stack([metrics[name] for name in names])

        def shared(columns: dict[str, Tensor], rows: Tensor) -> dict[str, Tensor]:
            # Gathered here, so that only the rows of a step are copied to the other devices, not all data.
            gathered = {name: tf.gather(column, tf.reshape(rows, [-1])) for name, column in columns.items()}
            rows = tf.reshape(tf.range(tf.size(rows)), (-1, rows.shape[1]))
            means = self.strategy.reduce("MEAN", self.strategy.run(share, args=(gathered, rows)), axis=None)
            return dict(zip(names, tf.unstack(means), strict=True))

        return shared

    def broadcast_initial_state(
        self, variables: Iterable[tf.Variable], streams: Iterable[tf.Variable], position: Iterable[int]
    ) -> list:
        """Before the first step: copy the chief's variables to all replicas, then give each its own random stream.

        streams: the variables, int64, that are states of random generators. The first replica's copies, which are saved
        in checkpoints, stay unchanged, and the others are derived from them. Returns: the chief's `position`, a list of
        integers.
        """
        position = [self.all_gather_int(number)[0] for number in position]
        if self.strategy:
            streams = list(streams)
            with self.collective_errors():
                if self.team.size > 1:
                    self._run(replica_ops.copy_from_first, list(variables))
                for stream in streams:
                    stream.assign(stream.numpy())  # from the first copy in this process to the others
                self._run(replica_ops.separate_streams, streams)
        return position

    def all_gather_int(self, number: int) -> list[int]:
        """The number of each worker, the chief's first; waits for all workers.

        Raises: WorkerError if a worker was lost or has ended the training.
        """
        if self.team.size == 1:
            return [number]
        with self.collective_errors():
            rows = self._gather(tf.constant([[number, 0]], tf.int64)).numpy()
        rows = rows[:: self.replicas // self.team.size].tolist()
        for worker, (_, code) in enumerate(rows):
            if code:
                self._can_notify = False
                name = self.team.name(worker)
                raise WorkerError(f"{name} ended the training with exit code {code}: see its output", code)
        return [number for number, _ in rows]

    def notify_exit(self, code: int) -> None:
        """Notify the other workers, if they are waiting, that this one ends with an exit code."""
        if self._can_notify:
            self._can_notify = False
            with contextlib.suppress(tf.errors.OpError):
                self._gather(tf.constant([[0, code]], tf.int64))

    @contextlib.contextmanager
    def collective_errors(self) -> Iterator[None]:
        """Around collective operations. Raises: WorkerError if another worker is lost meanwhile."""
        self._can_notify = False
        try:
            yield
        except tf.errors.OpError as error:
            if self.team.size == 1 or isinstance(error, tf.errors.ResourceExhaustedError):
                raise
            raise WorkerError(
                "another worker was lost, and the training ends: start all workers again with --resume to continue "
                f"from the last checkpoint (TensorFlow: {_reason(error)})"
            ) from error
        self._can_notify = self.team.size > 1

    def _run(self, function: Callable[[list[tf.Variable]], None], variables: list[tf.Variable]) -> None:
        graph_function(self.strategy.run)(function, args=(variables,))

    @functools.cached_property
    def _gather(self) -> Callable[[Tensor], Tensor]:
        """A graph that concatenates int64 (1, numbers) of all replicas along the first axis."""

        def gather(numbers: Tensor) -> Tensor:
            return self.strategy.gather(self.strategy.run(tf.identity, args=(numbers,)), axis=0)

        return graph_function(gather)


SINGLE_DEVICE = Devices()


def _reason(error: tf.errors.OpError) -> str:
    """The informative line of TensorFlow's message."""
    lines = [line.strip() for line in error.message.splitlines() if line.strip()]
    return next((line for line in lines if "abort" in line or "heartbeat" in line), lines[-1] if lines else repr(error))


def choose(wish: str, batch_size: int, team: Team = SINGLE_WORKER) -> Devices:
    """The devices of --devices, of this machine or of each machine of a team.

    wish: a number, or "all". Raises: OptionError if there are fewer, or they cannot share a batch equally.
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
    """The strategy of the first devices of this machine: the same object each time, as it numbers its collectives."""
    names = [f"{kind}:{number}" for number in range(count)]
    if kind == "CPU":  # collectives of CPUs would be mixed up with those of another strategy
        return tf.distribute.MirroredStrategy(names, cross_device_ops=tf.distribute.ReductionToOneDevice())
    return tf.distribute.MirroredStrategy(names)


def _count(wish: str, gpus: int) -> int:
    if wish.casefold() == "all":
        return max(1, gpus)
    if not re.fullmatch("0*[1-9][0-9]*", wish):
        raise OptionError(f"--devices {wish}: expected a number of at least 1, or all")
    most = gpus or MOST_VIRTUAL
    count = whole(wish, most)
    if count is None:
        plural = "s" if gpus > 1 else ""
        there = f"{gpus} GPU{plural}" if gpus else f"no GPU, and can use up to {most} virtual CPUs"
        raise OptionError(f"--devices {wish}: this machine has {there}")
    return count


def check_share(batch_size: int, replicas: int) -> None:
    """Raise OptionError unless the replicas can take equal shares of a batch."""
    if batch_size % replicas or batch_size < LEAST_SHARE * replicas:
        near = max(LEAST_SHARE, round(batch_size / replicas)) * replicas
        raise OptionError(
            f"--batch-size {batch_size}, the batch of all devices together, does not give {replicas} devices equal "
            f"shares of {LEAST_SHARE} or more: try --batch-size {near}"
        )


def _make_virtual_cpus(count: int) -> None:
    """Split the CPU into `count` devices, which must happen before TensorFlow's first computation."""
    cpu = tf.config.list_physical_devices("CPU")[0]
    with contextlib.suppress(RuntimeError):  # TensorFlow has computed already: the number is fixed
        tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * count)
    there = len(tf.config.list_logical_devices("CPU"))
    if there < count:
        raise OptionError(f"--devices {count}: TensorFlow already runs with {there} in this process; set them up first")
