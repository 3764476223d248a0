"""Checkpoints: whole or refused, written so that a kill loses nothing, read so that a hostile one does no harm."""

import h5py
import numpy as np
import pytest
from helpers.forgery import ARRAYS, forge

from gancli.core.errors import DivergedError
from gancli.models.base import Stage
from gancli.runs import checkpoints
from gancli.runs.checkpoints import Position


@pytest.fixture
def path(tmp_path):
    checkpoints.write(tmp_path / "step-1.h5", ARRAYS, Position((1,), 2))
    return tmp_path / "step-1.h5"


def test_what_was_written_comes_back_to_the_bit(path):
    arrays, position = checkpoints.read(path)
    assert checkpoints.digest(arrays) == checkpoints.digest(ARRAYS)
    assert position == Position((1,), 2)
    with h5py.File(path) as file:  # any HDF5 reader can open it
        assert np.array_equal(file["noise"], ARRAYS["noise"])


@pytest.mark.parametrize(
    ("of_old", "done"),
    [({"step": 7, "stage": 0, "stage_step": 7}, (7,)), ({"step": 7, "stage": 1, "stage_step": 3}, (4, 3))],
)
def test_the_position_of_checkpoints_from_before_stages_were_counted_apart_is_read(tmp_path, of_old, done):
    forge(tmp_path / "a.h5", lambda file: None, **of_old, done=None)
    assert checkpoints.read(tmp_path / "a.h5")[1] == Position(done, 0)


def test_a_position_tells_what_is_left_in_each_stage_whatever_their_order():
    position = Position().advanced(1, 5, 5).advanced(0, 2, 4)
    assert position == Position((2, 5), 9)
    assert position.step == 7
    stages = [Stage("a", 10, None), Stage("b", 5, None), Stage("c", 3, None), Stage("d", 4, None, is_asked=False)]
    assert position.left(stages) == [8, 0, 3, 0]


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_numbers_that_are_not_finite_are_never_saved(path, bad):
    before = path.read_bytes()
    with pytest.raises(DivergedError, match="kernel"):
        checkpoints.write(
            path, ARRAYS | {"generator/weights/dense/kernel": np.full(3, bad, np.float32)}, Position((2,))
        )
    assert path.read_bytes() == before
