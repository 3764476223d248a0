"""A day of training in half a minute: the memory does not grow, and neither does the time that a step takes."""

import json
import subprocess

import numpy as np
import pytest
from helpers import programs

CHUNKS, LEAST, SECONDS = 6000, 1500, 30  # of training: so many, and no longer than this
CHUNKS_A_DAY = 2 * 24 * 60 * 60  # a chunk takes half a second (training/throughput.py), and each may end in a record
MOST = 200  # megabytes that a day may add


def test_a_day_of_training_neither_fills_the_memory_nor_slows_down(tmp_path, stripes_file):
    """How far the peak of the last third lies above that of the middle third is what a day would add so many times.

    Peaks, as now and then some memory is given back for a while. What is kept of
    every record (1.7 kB) would be 300 MB, a number that TensorFlow keeps for every event as much.
    """
    command = programs.command("day", stripes_file, tmp_path, CHUNKS, SECONDS)
    ended = subprocess.run(command, capture_output=True, text=True, check=True, env=programs.environment())
    found = json.loads(ended.stdout)
    memory, times = np.array(found["megabytes"]), np.array(found["seconds"])
    if len(memory) < LEAST:
        pytest.skip(f"{len(memory)} chunks in {SECONDS} seconds: too busy a machine to tell")
    half, third = len(memory) // 2, len(memory) // 3
    growth = (memory[-third:].max() - memory[third:-third].max()) / third * CHUNKS_A_DAY
    print(f"{len(memory)} chunks, {memory[-1]:.0f} MB; a day would add {growth:.0f} MB")
    assert growth < MOST
    early, late = np.diff(times)[half // 2 : half], np.diff(times)[-half // 2 :]
    assert np.percentile(late, 25) < 2 * np.percentile(early, 25)  # of the quick ones, as others use the machine too
