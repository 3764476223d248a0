"""gancli as a library: its settings of Keras and TensorFlow hold inside a scope, and those of the program outside.

A training seeds every random number generator, restarts Keras' layer names and sets precision and graph options. In a
program that imports gancli these are the program's own, so `library_scope` puts them back. The program `gancli` itself
owns its process: it calls `backend.own_process` and needs no scope.
"""

from __future__ import annotations

import contextlib
import functools
import random
from collections.abc import Callable, Iterator
from typing import Any, ParamSpec, TypeVar

from gancli.core import backend
from gancli.core.backend import keras, np, tf

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")
_depth = [0]


def in_library_scope(function: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
    """Decorate a public function so that it runs inside a `library_scope`."""

    @functools.wraps(function)
    def run(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Result:
        with library_scope():
            return function(*args, **kwargs)

    return run


@contextlib.contextmanager
def library_scope() -> Iterator[None]:
    """Inside, gancli's settings; afterwards those from before. Scopes may be nested; threads are not separated.

    Kept for the program: of Keras the dtype policy, float type, epsilon, image data format, layer names and seed
    generators; the random states of Python, NumPy and TensorFlow; TensorFlow's graph options, eager
    functions and log level.

    Raises: OptionError if Keras runs on another backend than TensorFlow.
    """
    if _depth[0] or backend.owns_process():
        yield
        return
    backend.start()
    with _random_states(), _keras_state(), _tensorflow_options():
        _depth[0] += 1
        try:
            yield
        finally:
            _depth[0] -= 1


@contextlib.contextmanager
def _random_states() -> Iterator[None]:
    """The random states of Python, NumPy and TensorFlow's eager operations."""
    from tensorflow.python.eager import context as eager  # its seed can be set by public names, but not read

    context = eager.context()
    python, numpy = random.getstate(), np.random.get_state()
    seed, operation_seeds = context._seed, getattr(context, "_rng", None)  # there is none before a seed is set
    context._seed = None
    # Seeding, and Keras' clear_session, drop the kernels of all operations, and with them the streams of those that
    # have a seed, in the program's functions too; gancli draws from generators with a state of their own.
    context._set_global_seed = functools.partial(_seed_operations, context)
    context.clear_kernel_cache = lambda: None
    try:
        yield
    finally:
        del context._set_global_seed, context.clear_kernel_cache
        context._seed, context._rng = seed, operation_seeds
        np.random.set_state(numpy)
        random.setstate(python)


def _seed_operations(context: Any, seed: int | None) -> None:
    """What TensorFlow's context does with a global seed, except to drop the kernels of operations."""
    context._seed, context._rng = seed, random.Random(None if seed is None else int(seed))


@contextlib.contextmanager
def _keras_state() -> Iterator[None]:
    """Keras' settings, and its global state as a whole: a new one inside."""
    from keras.src.backend.common import global_state  # layer names and the seed generator have no public names

    config = keras.config
    before = config.floatx(), config.epsilon(), config.image_data_format()
    trackers = global_state.GLOBAL_STATE_TRACKER, global_state.GLOBAL_SETTINGS_TRACKER
    global_state.GLOBAL_STATE_TRACKER = type(trackers[0])()
    global_state.GLOBAL_SETTINGS_TRACKER = type(trackers[1])()
    backend.configure_keras(keras)
    try:
        yield
    finally:
        global_state.GLOBAL_STATE_TRACKER, global_state.GLOBAL_SETTINGS_TRACKER = trackers
        config.set_floatx(before[0])
        config.set_epsilon(before[1])
        config.set_image_data_format(before[2])


@contextlib.contextmanager
def _tensorflow_options() -> Iterator[None]:
    """TensorFlow's graph options, whether its functions run as graphs, and the level of its Python log."""
    config, log = tf.config, tf.get_logger()
    options, level = config.optimizer.get_experimental_options(), log.level
    is_eager, jit = config.functions_run_eagerly(), config.optimizer.get_jit()
    backend.configure_tensorflow(tf)
    config.run_functions_eagerly(False)
    config.optimizer.set_jit(False)
    log.setLevel("ERROR")
    try:
        yield
    finally:
        added = backend.GRAPH_OPTIONS.keys() - options.keys()
        config.optimizer.set_experimental_options(options | dict.fromkeys(added, True))
        config.optimizer.set_jit(jit)
        config.run_functions_eagerly(is_eager)
        log.setLevel(level)
