"""Arrays and tables from strangers: cut short, changed, too large or of objects, they are refused in one sentence."""

import functools
import gzip
import io
import struct
import tempfile
import tracemalloc
import zlib
from pathlib import Path

import h5py
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gancli import data
from gancli.core import safe_hdf5
from gancli.core.errors import DataError
from gancli.data import Request
from tests.helpers.specimens import pixels, put

IMAGES, LABELS = pixels(6, 8, 8), np.arange(6) % 2
MEGABYTE = 1_000_000


def npy_bytes(values=IMAGES, **options):
    buffer = io.BytesIO()
    np.save(buffer, values, **options)
    return buffer.getvalue()


def npz_bytes():
    buffer = io.BytesIO()
    np.savez_compressed(buffer, train_images=IMAGES, train_labels=LABELS, test_images=IMAGES)
    return buffer.getvalue()


def mat_bytes(compressed=False, **arrays):
    from scipy.io import savemat

    buffer = io.BytesIO()
    arrays = arrays or {"dataset": {"train": {"images": IMAGES, "labels": LABELS}}, "names": np.array(["a"], object)}
    savemat(buffer, arrays, do_compression=compressed)
    return buffer.getvalue()


def hdf5_bytes():
    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        file["imgs"], file["latents/classes"] = IMAGES, LABELS
    return buffer.getvalue()


def csv_bytes():
    rows = np.concatenate([LABELS[:, None], IMAGES.reshape(6, -1)], axis=1)
    return "".join(",".join(map(str, row)) + "\n" for row in rows.tolist()).encode()


FILES = {
    "a.npy": npy_bytes,
    "a.npz": npz_bytes,
    "a.mat": mat_bytes,
    "b.mat": functools.partial(mat_bytes, compressed=True),
    "a.h5": hdf5_bytes,
    "a.csv": csv_bytes,
    "a.csv.gz": lambda: gzip.compress(csv_bytes()),
}


def load_or_refuse(path):
    """The data set, or None if it was refused in one sentence that names the file. Any other error is a fault."""
    try:
        return data.load(str(path), Request(image_size=8))
    except DataError as error:
        assert path.name in str(error) or path.stem in str(error), error
        assert "\n" not in str(error)
        return None


@pytest.mark.parametrize("name", FILES)
def test_files_cut_short_anywhere_are_refused_or_hold_less(tmp_path, name):
    content = FILES[name]()
    for end in sorted({*range(0, 140, 7), *np.linspace(0, len(content) - 1, 40).astype(int).tolist()}):
        found = load_or_refuse(put(tmp_path / name, content[: min(end, len(content) - 1)]))
        assert found is None or name == "a.csv" or len(found) == 6


@pytest.mark.parametrize("name", FILES)
def test_changed_bytes_never_end_in_a_crash(name):
    content = FILES[name]()

    @settings(max_examples=60, deadline=None, derandomize=True)
    @given(st.lists(st.tuples(st.integers(0, len(content) - 1), st.integers(0, 255)), min_size=1, max_size=4))
    def check(changes):
        changed = bytearray(content)
        for place, value in changes:
            changed[place] = value
        with tempfile.TemporaryDirectory() as folder:
            load_or_refuse(put(Path(folder) / name, bytes(changed)))

    check()


# --- MATLAB, byte by byte


def element(kind, content):
    return struct.pack("<II", kind, len(content)) + content + bytes(-len(content) % 8)


def matrix(shape, content=b"", *, kind=9, name=b"images", size=None):
    """A matrix of a class, with content elements after its name."""
    body = element(6, struct.pack("<II", kind, 0)) + element(5, struct.pack(f"<{len(shape)}i", *shape))
    body += element(1, name) + content
    return struct.pack("<II", 14, len(body) if size is None else size) + body


def mat_file(path, *elements):
    return put(path, b"MATLAB 5.0 MAT-file".ljust(124) + b"\0\1IM" + b"".join(elements))


def compressed(content):
    packed = zlib.compress(content)
    return struct.pack("<II", 15, len(packed)) + packed


def nested(depth):
    """Structs in structs."""
    found = matrix((1, 1), element(2, b"\1"), name=b"")
    for _ in range(depth):
        field = element(5, struct.pack("<i", 2)) + element(1, b"a\0")
        found = matrix((1, 1), field + found, kind=2, name=b"")
    return found


HOSTILE = {
    "wrong count": matrix((8, 8, 6), element(2, bytes(10))),
    "a claim of terabytes": matrix((10**4, 10**4, 10**4), element(2, bytes(10))),
    "negative axes": matrix((-1, 8, 8), element(2, bytes(64))),
    "no type": matrix((8, 8), element(99, bytes(64))),
    "beyond its end": matrix((8, 8), element(2, bytes(64)), size=10**9),
    "structs in structs": nested(500),
    "structs in structs, compressed": compressed(nested(2000)),
    "an array of structs of a claimed size": matrix((10**9, 1), element(5, struct.pack("<i", 2)), kind=2),
    "a cell of a claimed size": matrix((10**4, 1), b"", kind=1),
    "no field": matrix((1, 1), element(5, struct.pack("<i", 0)) + element(1, b""), kind=2),
    "no zlib": struct.pack("<II", 15, 64) + bytes(range(64)),
    "a name without end": struct.pack("<II", 14, 100) + element(6, bytes(8)) + struct.pack("<II", 1, 2**31),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_hostile_matlab_files_are_refused_and_fill_no_memory(tmp_path, what):
    path = mat_file(tmp_path / "a.mat", HOSTILE[what])
    tracemalloc.start()
    assert load_or_refuse(path) is None
    assert tracemalloc.get_traced_memory()[1] < 20 * MEGABYTE
    tracemalloc.stop()


def test_a_bomb_in_a_matlab_file_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(safe_hdf5, "MAX_CLAIM", 10 * MEGABYTE)
    body = matrix((1000, 1000, 20), struct.pack("<II", 2, 20 * MEGABYTE) + bytes(20 * MEGABYTE))
    path = mat_file(tmp_path / "a.mat", compressed(body))
    tracemalloc.start()
    with pytest.raises(DataError, match="claims 20 MB but stores 0"):
        data.load(str(path))
    assert tracemalloc.get_traced_memory()[1] < 10 * MEGABYTE
    tracemalloc.stop()


@pytest.mark.parametrize("kind", [3, 16, 17, 5])
def test_objects_and_functions_of_matlab_are_named_and_not_built(tmp_path, kind):
    object_ = matrix((1, 1), bytes(64), kind=kind, name=b"handle")
    images = matrix((8, 8, 6), element(2, IMAGES.tobytes()))
    dataset = data.load(str(mat_file(tmp_path / "a.mat", object_, images)))
    assert len(dataset) == 6
    assert any("not read: handle" in remark.text for remark in dataset.remarks)


# --- CSV


@pytest.mark.parametrize(
    ("rows", "word"),
    [
        (["1" + ",7" * 64, "1" + ",7" * 63, ""], "columns changed"),
        (["1" + ",7" * 64, "1" + ",7" * 63 + ",x"], "could not convert"),
        (["1" + ",7" * 64, "1" + ",7" * 63 + ",nan"], "NaN"),
        (["1" + ",7" * 64, "1,7,", ""], "columns changed"),
        (["label," + ",".join(f"pixel{at}" for at in range(64))], "supported data set"),
        (["emotion,pixels,Usage", "1," + " ".join("7" * 64) + ",Elsewhere"], "usage 'elsewhere'"),
        (["emotion,pixels,Usage", "1," + " ".join("7" * 64) + ",Training", "1,2 3,Training"], "expected 64"),
        (["emotion,pixels,Usage", "1," + " ".join("7" * 64) + ",Training", "1"], "a row of 1 cells"),
    ],
)
def test_damaged_rows_are_refused_in_words(tmp_path, rows, word):
    path = put(tmp_path / "a.csv", "\n".join(rows))
    with pytest.raises(DataError, match=word):
        data.load(str(path))


def test_a_bomb_in_gzip_is_refused_before_it_is_unpacked(tmp_path, monkeypatch):
    monkeypatch.setattr(safe_hdf5, "MAX_CLAIM", 10 * MEGABYTE)
    row = b"1" + b",0" * 64 + b"\n"
    path = tmp_path / "a.csv.gz"
    with gzip.open(path, "wb", 9) as file:
        for _ in range(12):
            file.write(row * (MEGABYTE // len(row)))
    with pytest.raises(DataError, match="unpacks to more than"):
        data.load(str(path))


def test_a_line_without_end_is_refused(tmp_path, monkeypatch):
    from gancli.data.array_files.csv_files import numbers

    monkeypatch.setattr(numbers, "MOST_LINE", 10_000)
    put(tmp_path / "a.csv", csv_bytes() + b"1,2," * 5_000)
    with pytest.raises(DataError, match="a line of more than"):
        for _ in numbers.blocks(data.inspect.__globals__["layouts"].open_container(tmp_path / "a.csv").files[0], 1000):
            pass


# --- HDF5 and NumPy


def test_links_and_references_in_other_keys_are_not_followed(tmp_path):
    with h5py.File(tmp_path / "other.h5", "w") as file:
        file["imgs"] = IMAGES
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["imgs"] = h5py.ExternalLink(str(tmp_path / "other.h5"), "/imgs")
        file["labels"] = LABELS
    with pytest.raises(DataError, match="is a link to another place"):
        data.load(str(tmp_path / "a.h5"))
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["imgs"] = IMAGES
        file["more"] = h5py.ExternalLink(str(tmp_path / "nowhere.h5"), "/")
        file["loop"] = h5py.SoftLink("/")
        file["group/again"] = file["/"]
    assert len(data.load(str(tmp_path / "a.h5"))) == 6


def test_more_arrays_than_anyone_has_are_refused(tmp_path):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        for number in range(2100):
            file.create_group(str(number))
    with pytest.raises(DataError, match="more than 2,000 arrays"):
        data.load(str(tmp_path / "a.h5"))


def test_objects_in_numpy_files_are_never_opened(tmp_path):
    put(tmp_path / "a.npy", npy_bytes(np.array([{}], object), allow_pickle=True))
    with pytest.raises(DataError, match="holds Python objects"):
        data.load(str(tmp_path / "a.npy"))


def test_files_that_do_not_belong_together_are_refused(tmp_path):
    put(tmp_path / "x_train.npy", npy_bytes())
    put(tmp_path / "y_train.npy", npy_bytes(np.arange(5)))
    with pytest.raises(DataError, match="for 6 images"):
        data.load(str(tmp_path))
    put(tmp_path / "x_test.npy", npy_bytes(pixels(3, 9, 9)))
    put(tmp_path / "y_train.npy", npy_bytes(LABELS))
    with pytest.raises(DataError, match="9x9"):
        data.load(str(tmp_path))
