"""Checkpoints: whole or refused, written so that a kill loses nothing, read so that a hostile one does no harm."""

import hashlib
import io

import h5py
import numpy as np
import pytest

from gancli import checkpoints
from gancli.checkpoints import MAGIC, USER_BLOCK, Position
from gancli.errors import DivergedError

ARRAYS = {
    "generator/weights/dense/kernel": np.random.default_rng(0).normal(size=(30, 20)).astype(np.float32),
    "generator/optimizer/iterations": np.int64(7),
    "noise": np.arange(3, dtype=np.int64),
}


@pytest.fixture
def path(tmp_path):
    checkpoints.write(tmp_path / "step-1.h5", ARRAYS, Position(1, 0, 1, 2))
    return tmp_path / "step-1.h5"


def forge(path, fill, **facts):
    """A file with a right checksum around an HDF5 file of any content."""
    buffer = io.BytesIO()
    with h5py.File(buffer, "w", userblock_size=USER_BLOCK) as file:
        fill(file)
        file.attrs.update(vars(Position()) | facts)
    body = buffer.getvalue()
    head = f"{MAGIC} 1\nsha256 {hashlib.sha256(body[USER_BLOCK:]).hexdigest()}\n".encode().ljust(USER_BLOCK, b"\n")
    path.write_bytes(head + body[USER_BLOCK:])


def test_what_was_written_comes_back_to_the_bit(path):
    arrays, position = checkpoints.read(path)
    assert checkpoints.digest(arrays) == checkpoints.digest(ARRAYS)
    assert position == Position(1, 0, 1, 2)
    with h5py.File(path) as file:  # any HDF5 reader can open it
        assert np.array_equal(file["noise"], ARRAYS["noise"])


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_numbers_that_are_not_finite_are_never_saved(path, bad):
    before = path.read_bytes()
    with pytest.raises(DivergedError, match="kernel"):
        checkpoints.write(path, ARRAYS | {"generator/weights/dense/kernel": np.full(3, bad, np.float32)}, Position(2))
    assert path.read_bytes() == before
