"""What the replicas of a training do together inside a step; on one device, nothing.

A replica is a device that holds a copy of every weight and takes an equal share of every batch.
"""

from __future__ import annotations

from collections.abc import Callable

from gancli.core.backend import Tensor, keras, tf

STREAM = 0x5DEECE66D  # between the keys of two replicas' random numbers; any odd number would do


def count() -> int:
    """How many devices take this step together."""
    return tf.distribute.get_strategy().num_replicas_in_sync


def mean_over_replicas(values: list[Tensor]) -> list[Tensor]:
    """The means of values over the replicas that take this step."""
    return tf.distribute.get_replica_context().all_reduce("MEAN", values) if values and count() > 1 else values


def repeat(times: int, one: Callable[..., object], *given: object) -> None:
    """Call one(index, *given) for so many indices in a loop inside the graph: it is traced once.

    given: tensors. Under a strategy `one` must hold no other tensors made in the step: there are as many as replicas.
    """

    def loop(call: Callable[[Tensor], object]) -> None:
        def body(index: Tensor) -> tuple[Tensor]:
            call(index)
            return (index + 1,)

        tf.while_loop(lambda index: index < times, body, (tf.constant(0),), parallel_iterations=1)

    def together(strategy: tf.distribute.Strategy, *given: object) -> None:
        loop(lambda index: strategy.run(one, args=(index, *given)))

    if tf.distribute.has_strategy():  # replicas cannot meet inside a loop of their own, so the loop is around them
        tf.distribute.get_replica_context().merge_call(together, args=given)
    else:
        loop(lambda index: one(index, *given))


def synchronize_batchnorm(network: keras.Model) -> None:
    """Let BatchNorm take mean and variance of the whole batch, over all devices, and not of each one's share."""
    for layer in network.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.synchronized = True
        elif isinstance(layer, keras.Model):
            synchronize_batchnorm(layer)


def take_from_first(variables: list[tf.Variable]) -> None:
    """Every copy becomes the first replica's: the sum of it and of zeros."""
    context = tf.distribute.get_replica_context()
    is_first = tf.equal(context.replica_id_in_sync_group, 0)
    for kind in dict.fromkeys(variable.dtype for variable in variables):  # numbers of one type travel together
        alike = [variable for variable in variables if variable.dtype == kind]
        told = [tf.where(is_first, variable.read_value(), tf.zeros_like(variable)) for variable in alike]
        for variable, value in zip(alike, context.all_reduce("SUM", told), strict=True):
            variable.assign(value)


def part(streams: list[tf.Variable]) -> None:
    """Move each replica's key, the last number of Philox's state and the first of Keras' seeds."""
    replica = tf.cast(tf.distribute.get_replica_context().replica_id_in_sync_group, tf.int64)
    for stream in streams:
        size = stream.shape[0]
        key = tf.one_hot(2 if size == 3 else 0, size, dtype=tf.int64)
        stream.assign(stream.read_value() + tf.cast(key * replica * STREAM, stream.dtype))
