"""Operations across the replicas of a training inside a step; on one device, no operations.

A replica is a device that holds a copy of every weight and takes an equal share of every batch.
"""

from __future__ import annotations

from collections.abc import Callable

from gancli.core.backend import Tensor, keras, tf

STREAM = 0x5DEECE66D  # between the random-number keys of two replicas; any odd number would do


def count() -> int:
    """The number of replicas that take this step."""
    return tf.distribute.get_strategy().num_replicas_in_sync


def mean_over_replicas(values: list[Tensor]) -> list[Tensor]:
    """The mean of each tensor, of any shape, over the replicas that take this step; the tensors themselves for one."""
    return tf.distribute.get_replica_context().all_reduce("MEAN", values) if values and count() > 1 else values


def repeat(times: int, body: Callable[..., object], *tensors: object) -> None:
    """Call body(index, *tensors) for each index below `times` in a loop inside the graph: it is traced once.

    Under a strategy `body` must not capture other tensors of the step, as each replica has its own.
    """

    def loop(call: Callable[[Tensor], object]) -> None:
        def next_index(index: Tensor) -> tuple[Tensor]:
            call(index)
            return (index + 1,)

        tf.while_loop(lambda index: index < times, next_index, (tf.constant(0),), parallel_iterations=1)

    def on_all_replicas(strategy: tf.distribute.Strategy, *tensors: object) -> None:
        loop(lambda index: strategy.run(body, args=(index, *tensors)))

    if tf.distribute.has_strategy():  # replicas cannot communicate inside loops of their own, so one loop is around all
        tf.distribute.get_replica_context().merge_call(on_all_replicas, args=tensors)
    else:
        loop(lambda index: body(index, *tensors))


def synchronize_batchnorm(network: keras.Model) -> None:
    """Let BatchNorm use mean and variance of the whole batch over all devices, not of each device's share."""
    for layer in network.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.synchronized = True
        elif isinstance(layer, keras.Model):
            synchronize_batchnorm(layer)


def copy_from_first(variables: list[tf.Variable]) -> None:
    """Assign the first replica's values to the copies of all replicas, as the sum of them and zeros."""
    context = tf.distribute.get_replica_context()
    is_first = tf.equal(context.replica_id_in_sync_group, 0)
    for kind in dict.fromkeys(variable.dtype for variable in variables):  # values of one dtype are reduced together
        alike = [variable for variable in variables if variable.dtype == kind]
        values = [tf.where(is_first, variable.read_value(), tf.zeros_like(variable)) for variable in alike]
        for variable, value in zip(alike, context.all_reduce("SUM", values), strict=True):
            variable.assign(value)


def separate_streams(streams: list[tf.Variable]) -> None:
    """Give each replica a key of its own: the last number of Philox's state, the first of Keras' seeds."""
    replica = tf.cast(tf.distribute.get_replica_context().replica_id_in_sync_group, tf.int64)
    for stream in streams:
        size = stream.shape[0]
        key = tf.one_hot(2 if size == 3 else 0, size, dtype=tf.int64)
        stream.assign(stream.read_value() + tf.cast(key * replica * STREAM, stream.dtype))


def state_variable(value: object, name: str) -> keras.Variable:
    """State of a training that all replicas change alike, such as a moving average; float32 of the value's shape."""
    return keras.Variable(
        value, dtype="float32", trainable=False, synchronization="on_write", aggregation="only_first_replica", name=name
    )
