"""A program with settings of its own, as somebody else writes it: with gancli in the middle, or without it.

    python -m helpers.other_program with|without FOLDER

It prints a JSON object: what its random streams gave, the digest of a plain Keras model trained before and after, and
the parts of the process's state that were changed in between, by the use of gancli that changed them.
"""

import gc
import hashlib
import json
import logging
import os
import random
import resource
import signal
import sys
import threading
import time
import warnings
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
LOGGERS = ("", "tensorflow", "absl", "matplotlib", "PIL", "h5py", "asyncio")
TIMES = ("images_per_second", "seconds")  # of a record of metrics
LIMITS = ("RLIMIT_AS", "RLIMIT_DATA", "RLIMIT_NOFILE", "RLIMIT_STACK")


def settings():
    """This program's own, none of them the default."""
    keras.config.set_floatx("float64")
    keras.config.set_epsilon(1e-5)
    keras.config.set_image_data_format("channels_first")
    keras.config.set_dtype_policy("mixed_bfloat16")
    keras.config.disable_traceback_filtering()
    keras.utils.set_random_seed(11)
    tf.random.set_global_generator(tf.random.Generator.from_seed(12))
    tf.config.optimizer.set_experimental_options({"constant_folding": False, "dependency_optimization": True})
    tf.config.optimizer.set_jit("autoclustering")
    tf.get_logger().setLevel("INFO")
    logging.getLogger("matplotlib").setLevel("DEBUG")
    warnings.filterwarnings("ignore", "none of ours")
    signal.signal(signal.SIGTERM, lambda *_: None)
    os.environ["MADE_BY"] = "the program"
    np.seterr(under="raise")
    np.set_printoptions(precision=3)


def state():
    """What gancli might change, by name."""
    wakeup = signal.set_wakeup_fd(-1)
    signal.set_wakeup_fd(wakeup)
    config = keras.config
    return {
        "policy": config.dtype_policy().name,
        "floatx": config.floatx(),
        "epsilon": config.epsilon(),
        "image data format": config.image_data_format(),
        "traceback filtering": config.is_traceback_filtering_enabled(),
        "graph options": tf.config.optimizer.get_experimental_options(),
        "jit": tf.config.optimizer.get_jit(),
        "soft placement": tf.config.get_soft_device_placement(),
        "threads of TensorFlow": [
            tf.config.threading.get_inter_op_parallelism_threads(),
            tf.config.threading.get_intra_op_parallelism_threads(),
        ],
        "eager functions": tf.config.functions_run_eagerly(),
        "levels of logs": {name: logging.getLogger(name).level for name in LOGGERS},
        "handlers of logs": {name: len(logging.getLogger(name).handlers) for name in LOGGERS},
        "warnings": [str(one) for one in warnings.filters],
        "environment": dict(os.environ),
        "signals": [str(signal.getsignal(number)) for number in SIGNALS],
        "wakeup": wakeup,
        "hidden modules": [name for name, module in sys.modules.items() if module is None],
        "path": list(sys.path),
        "hooks": [str(sys.excepthook), str(threading.excepthook), str(sys.displayhook), str(warnings.showwarning)],
        "recursion": sys.getrecursionlimit(),
        "collector": [gc.get_threshold(), gc.isenabled()],
        "limits": {name: resource.getrlimit(getattr(resource, name)) for name in LIMITS},
        "folder": str(Path.cwd()),
        "umask": [os.umask(0o22), os.umask(0o22)][1],
        "errors of NumPy": np.geterr(),
        "print options": str(np.get_printoptions()),
        "threads": sorted(thread.name for thread in threading.enumerate()),
        "streams": [id(sys.stdout), id(sys.stderr), sys.stdout.encoding],
    }


@tf.function
def graph_draw():
    return tf.random.uniform([2])


def draws():
    """The next numbers of every random stream, and the next layer name."""
    return [
        random.random(),
        np.random.rand(),
        tf.random.normal([2]).numpy().tolist(),
        tf.random.normal([2], seed=5).numpy().tolist(),
        tf.random.get_global_generator().normal([2]).numpy().tolist(),
        graph_draw().numpy().tolist(),
        np.asarray(keras.random.normal((2,), dtype="float32")).tolist(),
        keras.layers.Dense(1).name,
        keras.layers.Dropout(0.5).name,
    ]


def fit():
    """Train a plain model; the digest of its weights, and the names of its layers."""
    keras.utils.set_random_seed(3)
    layers = keras.layers
    model = keras.Sequential([keras.Input((4,)), layers.Dense(8, "relu"), layers.Dropout(0.5), layers.Dense(1)])
    model.compile("adam", "mse")
    x = np.random.rand(64, 4)
    model.fit(x, x.sum(axis=1, keepdims=True), epochs=2, verbose=0)
    digest = hashlib.sha256(b"".join(weight.tobytes() for weight in model.get_weights())).hexdigest()
    return [digest, [layer.name for layer in model.layers], [layer.dtype_policy.name for layer in model.layers]]


SMALL = {"steps": 4, "batch_size": 8, "width": 4, "log_every": 2, "sample_every": 2, "save_every": 2}


def uses(folder, runs):
    """Every use of gancli by name, each a function; those that fail raise what they should. runs: receives the runs."""
    import gancli

    class Failing(gancli.Callback):
        def on_chunk_end(self, report):
            raise RuntimeError("a callback of the program")

    class Pressing(gancli.Callback):
        def on_chunk_end(self, report):
            for _ in range(2):  # the second one must not end the program
                os.kill(os.getpid(), signal.SIGINT)

    def train(**more):
        runs.append(gancli.train("dcgan", data="digits", outdir=folder, progress=False, **SMALL, **more))

    def interrupt():
        try:
            train(callbacks=[Pressing()])
        except gancli.Interrupted as error:
            return error.run
        raise AssertionError("not interrupted")

    def expect(kind, function, *arguments, **named):
        try:
            function(*arguments, **named)
        except kind:
            return
        raise AssertionError(f"no {kind.__name__}")

    return {
        "train": train,
        "sample": lambda: runs[0].load().sample(4),
        "networks": lambda: runs[0].load().generator.predict(np.zeros((2, 100), np.float32), verbose=0),
        "DataError": lambda: expect(gancli.DataError, gancli.train, data="no-such-data", progress=False),
        "callback": lambda: expect(RuntimeError, train, callbacks=[Failing()]),
        "Ctrl-C": lambda: interrupt(),
        "Ctrl-C while sampling": lambda: expect(KeyboardInterrupt, runs[0].load().sample, interrupting_seeds()),
        "resume": lambda: runs[0].resume(steps=6, progress=False),
        "in a thread": lambda: in_thread(train),
        "eager functions": lambda: eagerly(runs[0].load().sample),
        "figure": lambda: runs[0].load()._repr_html_(),
    }


def interrupting_seeds():
    yield 1
    os.kill(os.getpid(), signal.SIGINT)
    time.sleep(1)  # Python raises KeyboardInterrupt here


def eagerly(function):
    """As in a program that is being debugged."""
    tf.config.run_functions_eagerly(True)
    began = state()
    function()
    assert state() == began
    tf.config.run_functions_eagerly(False)


def in_thread(function):
    failures = []

    def work():
        try:
            function()
        except BaseException as error:
            failures.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert not failures, failures


def main(with_gancli, folder):
    settings()
    found, runs = {"first": fit(), "before": draws()}, []
    changed = {}
    if with_gancli:
        for name, use in uses(folder, runs).items():
            before = state()
            use()
            after = state()
            differences = {key: [str(before[key]), str(after[key])] for key in before if before[key] != after[key]}
            changed |= {name: differences} if differences else {}
    found |= {"after": draws(), "second": fit()}
    try:  # Ctrl-C works as it did
        os.kill(os.getpid(), signal.SIGINT)
        signal.pause()
    except KeyboardInterrupt:
        found["interrupted"] = True
    if with_gancli:
        found["metrics"] = [{key: record[key] for key in record if key not in TIMES} for record in runs[0].metrics]
        found["images"] = hashlib.sha256(runs[0].load().sample(range(8)).tobytes()).hexdigest()
    print(json.dumps(found | {"changed": changed}))


if __name__ == "__main__":
    main(sys.argv[1] == "with", sys.argv[2])
