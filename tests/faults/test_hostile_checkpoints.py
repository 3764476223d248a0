"""Checkpoints from strangers: arrays of numbers are all that is ever taken from them."""

import io
import pickle
import zipfile

import h5py
import numpy as np
import pytest
from helpers.forgery import ARRAYS, forge

from gancli.core.errors import CheckpointError
from gancli.runs import checkpoints
from gancli.runs.checkpoints import Position


class Trap:
    """Unpickling it would leave a file behind."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return (open, (str(self.path), "w"))


@pytest.fixture
def path(tmp_path):
    checkpoints.write(tmp_path / "step-1.h5", ARRAYS, Position((1,), 2))
    return tmp_path / "step-1.h5"


def pickled(tmp_path):
    return pickle.dumps(Trap(tmp_path / "marker"))


def zipped(tmp_path):
    """The shape of a .keras file whose layer runs code when Keras loads it."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("config.json", '{"module": "keras.layers", "class_name": "Lambda", "config": {"function": 1}}')
    return buffer.getvalue()


def hdf5(tmp_path):
    """Keras' weights, or any other HDF5 file."""
    with h5py.File(tmp_path / "b.h5", "w") as file:
        file["noise"] = np.arange(3)
    return (tmp_path / "b.h5").read_bytes()


@pytest.mark.parametrize(
    "content",
    [b"", b"text", b"\x89HDF\r\n\x1a\n", b"\0" * 600, pickled, zipped, hdf5],
    ids=["empty", "text", "signature", "zeros", "pickle", "keras", "hdf5"],
)
def test_another_file_is_refused_and_nothing_in_it_is_run(tmp_path, content):
    (tmp_path / "a.h5").write_bytes(content if isinstance(content, bytes) else content(tmp_path))
    with pytest.raises(CheckpointError, match=r"a\.h5 is not a gancli checkpoint"):
        checkpoints.read(tmp_path / "a.h5")
    assert not (tmp_path / "marker").exists()


def test_a_newer_format_is_refused_in_words(path):
    content = path.read_bytes().replace(b"checkpoint 1", b"checkpoint 9", 1)
    path.write_bytes(content)
    with pytest.raises(CheckpointError, match="newer gancli"):
        checkpoints.read(path)


def secret(file):
    file["noise"] = h5py.ExternalLink("/etc/hostname", "/")


def soft(file):
    file["noise"] = h5py.SoftLink("/other")


def external(file):
    file.create_dataset("noise", (4,), np.uint8, external=[("/etc/hostname", 0, 4)])


def virtual(file):
    layout = h5py.VirtualLayout((4,), np.uint8)
    layout[:] = h5py.VirtualSource("/etc/hostname", "x", (4,))
    file.create_virtual_dataset("noise", layout)


def bomb(file):
    file.create_dataset("noise", (10**12,), np.float32, chunks=(1024,), compression="gzip")


@pytest.mark.parametrize("fill", [external, virtual, bomb])
def test_a_hostile_file_with_a_right_checksum_is_refused(tmp_path, fill):
    forge(tmp_path / "bad.h5", fill)
    with pytest.raises(CheckpointError, match="noise"):
        checkpoints.read(tmp_path / "bad.h5")


@pytest.mark.parametrize("fill", [secret, soft])
def test_links_are_not_followed(tmp_path, fill):
    forge(tmp_path / "bad.h5", fill)
    arrays, _ = checkpoints.read(tmp_path / "bad.h5")
    assert arrays == {}


@pytest.mark.parametrize("dtype", ["S8", "O", "c8", [("a", "f4")]], ids=str)
def test_arrays_of_something_else_than_numbers_are_refused(tmp_path, dtype):
    kind = h5py.string_dtype() if dtype == "O" else np.dtype(dtype)
    forge(tmp_path / "bad.h5", lambda file: file.create_dataset("noise", (3,), kind))
    with pytest.raises(CheckpointError, match="noise"):
        checkpoints.read(tmp_path / "bad.h5")
