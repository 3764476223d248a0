"""The compiled training step: traced once per stage, and repeated inside TensorFlow."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Iterator, Mapping

from gancli.core.backend import Tensor, graph_function, np, tf
from gancli.models.base import Model, Stage
from gancli.models.precision import uses_xla
from gancli.training.input_pipeline import Batches


class CompiledStage:
    """The step of a stage, traced once, and a graph that repeats it.

    Attributes: `batches_per_step`, the number of batches that a step takes; `names` of its metrics, sorted.
    """

    def __init__(self, stage: Stage, model: Model, columns: dict[str, tf.TensorSpec]) -> None:
        def step(columns: dict[str, Tensor], rows: Tensor) -> dict[str, Tensor]:
            batches = Batches(model, columns, rows)
            for network in model.networks.values():
                network.grad_norm = None
            scalars = stage.step(batches)
            scalars |= {
                f"{name}_gradient": net.grad_norm for name, net in model.networks.items() if net.grad_norm is not None
            }
            self.batches_per_step = batches.num_batches
            return {name: tf.cast(value, tf.float32) for name, value in scalars.items()}

        rows = tf.TensorSpec((None, model.options.batch_size), tf.int32)
        shared = graph_function(model.devices.distribute_step(step), jit_compile=uses_xla(model))
        with _options_of_one_replica(model):
            self._step = shared.get_concrete_function(columns, rows)
        self.names = sorted(self._step.structured_outputs)
        count, sums = tf.TensorSpec((), tf.int32), tf.TensorSpec((len(self.names),), tf.float64)
        self._chunk = graph_function(self._repeat).get_concrete_function(columns, rows, count, sums)

    def _repeat(
        self, columns: dict[str, Tensor], rows: Tensor, steps: Tensor, sums: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Up to `steps` steps, ending with the first whose metrics are not all finite. Metrics are added to `sums`."""
        zeros = tf.zeros(len(self.names))

        def should_continue(done: Tensor, sums: Tensor, last: Tensor) -> Tensor:
            return (done < steps) & tf.reduce_all(tf.math.is_finite(last))

        def one_step(done: Tensor, sums: Tensor, last: Tensor) -> tuple[Tensor, Tensor, Tensor]:
            first = done * self.batches_per_step
            scalars = self._step(columns, rows[first : first + self.batches_per_step])
            last = tf.stack([scalars[name] for name in self.names])
            return done + 1, sums + tf.cast(last, tf.float64), last

        return tf.while_loop(should_continue, one_step, (0, sums, zeros), parallel_iterations=1)

    def run(
        self, columns: dict[str, Tensor], rows: np.ndarray, steps: int, sums: Mapping[str, float] | None = None
    ) -> tuple[int, dict[str, float], dict[str, float]]:
        """Run up to `steps` steps; they end early after metrics that are not finite.

        columns: of the data. rows: int32 (steps * batches_per_step, batch size), the rows of each batch in the columns.
        sums: of the metrics over earlier steps; 0 for those that are missing. Returns: steps done, the sums with these
        steps added one after the other in float64, the metrics of the last step.
        """
        before = [(sums or {}).get(name, 0.0) for name in self.names]
        done, sums, last = self._chunk(columns, tf.constant(rows), tf.constant(steps), tf.constant(before, tf.float64))
        sums, last = (dict(zip(self.names, values.numpy().tolist(), strict=True)) for values in (sums, last))
        return int(done), sums, last


@contextlib.contextmanager
def _options_of_one_replica(model: Model) -> Iterator[None]:
    """While a step is traced, the batch size in the model's options is the share of one replica."""
    whole_config, whole_options = model.config, model.options
    share = whole_options.batch_size // model.devices.replicas
    steps = model.total_steps()
    model.options = dataclasses.replace(whole_options, batch_size=share)
    model.config = dataclasses.replace(whole_config, steps=steps, epochs=None)
    try:
        yield
    finally:
        model.config, model.options = whole_config, whole_options
