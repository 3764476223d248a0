"""Keras' own training loop with reported progress, for networks that are no models of this project."""

from __future__ import annotations

import itertools

from gancli.core.backend import keras, np
from gancli.core.progress import counting


def fit(
    model: keras.Model, x: np.ndarray, y: np.ndarray, *, what: str, batch_size: int, epochs: int, **settings: object
) -> None:
    """Train a compiled Keras model on arrays of equal length. what: the name of the work. settings: of Keras' `fit`."""
    steps = itertools.count(1)
    with counting(what, epochs * -(-len(x) // batch_size)) as advance:
        report = keras.callbacks.LambdaCallback(on_train_batch_end=lambda batch, logs: advance(next(steps)))
        model.fit(x, y, batch_size=batch_size, epochs=epochs, verbose=0, callbacks=[report], **settings)
