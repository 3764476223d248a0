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
from typing import ParamSpec, TypeVar

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
    generators; the random states of Python, NumPy and TensorFlow; TensorFlow's graph options and log level.

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
    python, numpy, seed = random.getstate(), np.random.get_state(), context._seed
    internal = None if seed is None else context._rng.getstate()  # there is none before a seed is set
    try:
        yield
    finally:
        random.setstate(python)
        np.random.set_state(numpy)
        context._set_global_seed(seed)
        if internal is not None:
            context._rng.setstate(internal)


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
    """TensorFlow's graph options and the level of its Python log."""
    optimizer, log = tf.config.optimizer, tf.get_logger()
    options, level = optimizer.get_experimental_options(), log.level
    backend.configure_tensorflow(tf)
    log.setLevel("ERROR")
    try:
        yield
    finally:
        added = backend.GRAPH_OPTIONS.keys() - options.keys()
        optimizer.set_experimental_options(options | dict.fromkeys(added, True))
        log.setLevel(level)
