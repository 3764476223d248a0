"""A day of training in half a minute: the memory does not grow, and neither does the time that a step takes."""

import importlib.util
import itertools
import os
import time

import numpy as np
import pytest
from trainings import start

from gancli import training

CHUNKS, LEAST, SECONDS = 6000, 1500, 30  # of training: so many, and no longer than this
CHUNKS_A_DAY = 2 * 24 * 60 * 60  # a chunk takes half a second (gancli.pace), and each may end in a record
MOST = 200  # megabytes that a day may add
HAS_TENSORBOARD = importlib.util.find_spec("tensorboard") is not None
OFTEN = {"log_every": 1, "sample_every": 250, "save_every": 250, "eval_every": 500, "eval_samples": 50}


def resident_megabytes():
    with open("/proc/self/statm", encoding="ascii") as file:  # noqa: PTH123
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def test_a_day_of_training_neither_fills_the_memory_nor_slows_down(tmp_path, stripes_file):
    """One chunk a step, each with a record, events and a look at the health; pictures, scores, checkpoints among them.

    The slope of the memory over the second half, times the chunks of a day, is what a day would add. What is kept of
    every record (1.7 kB) would be 300 MB, a number that TensorFlow keeps for every event as much.
    """
    chosen = OFTEN | {"steps": 10**6, "jit": "off", "eval_score": "parzen", "tensorboard": HAS_TENSORBOARD}
    moments = training.train(*start(tmp_path, stripes_file, **chosen))
    began, memory, times = time.monotonic(), [], []
    for _ in itertools.islice(moments, CHUNKS):
        times.append(time.monotonic())
        memory.append(resident_megabytes())
        if times[-1] - began > SECONDS:
            break
    moments.close()
    if len(memory) < LEAST:
        pytest.skip(f"{len(memory)} chunks in {SECONDS} seconds: too busy a machine to tell")
    half = len(memory) // 2
    growth = np.polyfit(np.arange(half), memory[-half:], 1)[0] * CHUNKS_A_DAY
    print(f"{len(memory)} chunks, {memory[-1]:.0f} MB; a day would add {growth:.0f} MB")
    assert growth < MOST
    early, late = np.diff(times)[half // 2 : half], np.diff(times)[-half // 2 :]
    assert np.percentile(late, 25) < 2 * np.percentile(early, 25)  # of the quick ones, as others use the machine too
