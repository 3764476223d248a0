"""A program that trains, in a process that holds nothing else, and tells its memory and time chunk by chunk.

    python -m helpers.day DATA OUTDIR CHUNKS SECONDS

Each chunk is one step, with a record, events and a look at the health; pictures, scores and checkpoints come among
them. It prints one JSON object: resident megabytes and seconds, both after each chunk.
"""

import importlib.util
import itertools
import json
import os
import sys
import time
from pathlib import Path

from gancli.training import loop
from helpers.trainings import start

OFTEN = {"log_every": 1, "sample_every": 250, "save_every": 250, "eval_every": 500, "eval_samples": 50}
HAS_TENSORBOARD = importlib.util.find_spec("tensorboard") is not None


def resident_megabytes():
    """Of this process."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def main(data, outdir, chunks, seconds):
    """Train for so many chunks, but no longer than that."""
    chosen = OFTEN | {"steps": 10**6, "jit": "off", "eval_score": "parzen", "tensorboard": HAS_TENSORBOARD}
    moments = loop.train(*start(Path(outdir), data, **chosen))
    began, memory, times = time.monotonic(), [], []
    for _ in itertools.islice(moments, int(chunks)):
        times.append(time.monotonic() - began)
        memory.append(resident_megabytes())
        if times[-1] > float(seconds):
            break
    moments.close()
    json.dump({"megabytes": memory, "seconds": times}, sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
