"""Checkpoints made by hand: arrays for one, and files with a right checksum around whatever is asked for."""

import hashlib
import io

import h5py
import numpy as np

from gancli.runs.checkpoints import MAGIC, USER_BLOCK

ARRAYS = {
    "generator/weights/dense/kernel": np.random.default_rng(0).normal(size=(30, 20)).astype(np.float32),
    "generator/optimizer/iterations": np.int64(7),
    "noise": np.arange(3, dtype=np.int64),
}


def forge(path, fill, **facts):
    """A file with a right checksum around an HDF5 file of any content."""
    buffer = io.BytesIO()
    with h5py.File(buffer, "w", userblock_size=USER_BLOCK) as file:
        fill(file)
        facts = {"done": np.zeros(0, np.int64), "batches": 0} | facts
        file.attrs.update({name: value for name, value in facts.items() if value is not None})
    body = buffer.getvalue()
    head = f"{MAGIC} 1\nsha256 {hashlib.sha256(body[USER_BLOCK:]).hexdigest()}\n".encode().ljust(USER_BLOCK, b"\n")
    path.write_bytes(head + body[USER_BLOCK:])
