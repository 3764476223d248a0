"""Checkpoints: whole or refused, written so that a kill loses nothing, read so that a hostile one does no harm."""

import hashlib
import io

import h5py
import numpy as np
import pytest

from gancli import checkpoints
from gancli.checkpoints import MAGIC, USER_BLOCK, Position
from gancli.errors import CheckpointError, DivergedError

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


@pytest.mark.parametrize(
    "content", [b"", b"text", b"\x89HDF\r\n\x1a\n", b"\0" * 600], ids=["empty", "text", "hdf5", "zeros"]
)
def test_another_file_is_refused(tmp_path, content):
    (tmp_path / "a.h5").write_bytes(content)
    with pytest.raises(CheckpointError, match=r"a\.h5"):
        checkpoints.read(tmp_path / "a.h5")


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


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_numbers_that_are_not_finite_are_never_saved(path, bad):
    before = path.read_bytes()
    with pytest.raises(DivergedError, match="kernel"):
        checkpoints.write(path, ARRAYS | {"generator/weights/dense/kernel": np.full(3, bad, np.float32)}, Position(2))
    assert path.read_bytes() == before
