"""The graph of a training: a stage's step traced once, and repeated without leaving TensorFlow."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Iterator, Mapping

from gancli.core.backend import Tensor, np, tf
from gancli.models.base import Model, Stage
from gancli.training.input_pipeline import Batches


class CompiledStage:
    """A stage's step, traced once, and a graph that repeats it.

    Attributes: `batches_per_step`, how many batches the step draws; `names` of its scalars, sorted.
    """

    def __init__(self, stage: Stage, model: Model, columns: dict[str, tf.TensorSpec]) -> None:
        def step(columns: dict[str, Tensor], rows: Tensor) -> dict[str, Tensor]:
            batches = Batches(model, columns, rows)
            for network in model.networks.values():
                network.slope = None
            scalars = stage.step(batches)
            scalars |= {f"{name}_gradient": net.slope for name, net in model.networks.items() if net.slope is not None}
            self.batches_per_step = batches.taken
            return {name: tf.cast(value, tf.float32) for name, value in scalars.items()}

        rows = tf.TensorSpec((None, model.options.batch_size), tf.int32)
        shared = tf.function(model.devices.distribute_step(step), jit_compile=model.uses_xla())
        with _as_one_replica_sees_it(model):
            self._step = shared.get_concrete_function(columns, rows)
        self.names = sorted(self._step.structured_outputs)
        count, sums = tf.TensorSpec((), tf.int32), tf.TensorSpec((len(self.names),), tf.float64)
        self._chunk = tf.function(self._repeat).get_concrete_function(columns, rows, count, sums)

    def _repeat(
        self, columns: dict[str, Tensor], rows: Tensor, steps: Tensor, sums: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Up to `steps` steps, ended by the first whose scalars are not all finite. Each adds its scalars to `sums`."""
        nothing = tf.zeros(len(self.names))

        def goes_on(done: Tensor, sums: Tensor, last: Tensor) -> Tensor:
            return (done < steps) & tf.reduce_all(tf.math.is_finite(last))

        def one(done: Tensor, sums: Tensor, last: Tensor) -> tuple[Tensor, Tensor, Tensor]:
            first = done * self.batches_per_step
            scalars = self._step(columns, rows[first : first + self.batches_per_step])
            last = tf.stack([scalars[name] for name in self.names])
            return done + 1, sums + tf.cast(last, tf.float64), last

        return tf.while_loop(goes_on, one, (0, sums, nothing), parallel_iterations=1)

    def run(
        self, columns: dict[str, Tensor], rows: np.ndarray, steps: int, sums: Mapping[str, float] | None = None
    ) -> tuple[int, dict[str, float], dict[str, float]]:
        """Take up to so many steps. sums: of the scalars over earlier steps; 0 where there are none.

        Returns: steps done, the sums with these steps added one after the other in float64, the scalars of the last.
        """
        before = [(sums or {}).get(name, 0.0) for name in self.names]
        done, sums, last = self._chunk(columns, tf.constant(rows), tf.constant(steps), tf.constant(before, tf.float64))
        sums, last = (dict(zip(self.names, values.numpy().tolist(), strict=True)) for values in (sums, last))
        return int(done), sums, last


@contextlib.contextmanager
def _as_one_replica_sees_it(model: Model) -> Iterator[None]:
    """While a step is traced its batch is a device's share: a model's file says batch size and means that."""
    whole_config, whole_options = model.config, model.options
    share = whole_options.batch_size // model.devices.replicas
    steps = model.total_steps()
    model.options = dataclasses.replace(whole_options, batch_size=share)
    model.config = dataclasses.replace(whole_config, steps=steps, epochs=None)
    try:
        yield
    finally:
        model.config, model.options = whole_config, whole_options
