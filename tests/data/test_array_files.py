"""Arrays of general files: every order of axes, form of labels and key ends as the same images and classes."""

import gzip
import itertools
import struct

import h5py
import numpy as np
import pytest

from gancli import data
from gancli.core.errors import DataError
from gancli.data import Request, array_set, load_images, open_images
from gancli.data.array_files import key_words, mat5, matlab
from gancli.data.containers.source_files import image_file
from tests.helpers.specimens import encoded, pixels, put

GRAY, COLOR = pixels(20, 12, 12), pixels(20, 12, 12, 3)
LABELS = np.arange(20) % 4


def npz(folder, **arrays):
    np.savez(folder / "a.npz", **arrays)
    return folder / "a.npz"


def hdf5(folder, **arrays):
    with h5py.File(folder / "a.h5", "w") as file:
        for key, values in arrays.items():
            file[key] = values
    return folder / "a.h5"


def mat(folder, **arrays):
    from scipy.io import savemat

    savemat(folder / "a.mat", arrays)
    return folder / "a.mat"


def loaded(path, **options):
    return data.load(str(path), Request(**options))


def texts(dataset):
    return " | ".join(remark.text for remark in dataset.remarks)


# --- axes

ORDERS = {
    "channels last": (COLOR, COLOR),
    "channels first": (COLOR.transpose(0, 3, 1, 2), COLOR),
    "images last": (COLOR.transpose(1, 2, 3, 0), COLOR),
    "one channel last": (GRAY[..., None], GRAY),
    "one channel first": (GRAY[:, None], GRAY),
    "no channels": (GRAY, GRAY),
    "no channels, images last": (GRAY.transpose(1, 2, 0), GRAY),
    "oblong, channels first": (COLOR[:, :, :8].transpose(0, 3, 1, 2), COLOR[:, :, :8]),
    "oblong": (GRAY[:, :8], GRAY[:, :8]),
    "rows": (GRAY.reshape(20, -1), GRAY),
}


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("write", [npz, hdf5, mat])
@pytest.mark.parametrize("has_labels", [True, False])
def test_every_order_of_axes_ends_as_the_same_images(tmp_path, order, write, has_labels):
    stored, expected = ORDERS[order]
    if write is mat and order == "rows":
        stored = GRAY.swapaxes(1, 2).reshape(20, -1)
    more = {"labels": LABELS} if has_labels else {}
    dataset = loaded(write(tmp_path, images=stored, **more), least=1)
    assert np.array_equal(dataset.train["image"][:].reshape(expected.shape), expected)
    assert not has_labels or np.array_equal(dataset.train["label"], LABELS)


@pytest.mark.parametrize("order", ["channels first", "images last", "rows"])
def test_a_column_for_each_image_is_turned(tmp_path, order):
    dataset = loaded(npz(tmp_path, data=GRAY.reshape(20, -1).T, label=LABELS[None]))
    assert np.array_equal(dataset.train["image"][..., 0], GRAY)


def test_flat_colors_are_planes_in_arrays_and_side_by_side_in_csv(tmp_path):
    dataset = loaded(npz(tmp_path, data=COLOR.transpose(0, 3, 1, 2).reshape(20, -1)))
    assert np.array_equal(dataset.train["image"], COLOR)
    assert "a plane of each color" in texts(dataset)
    put(tmp_path / "a.csv", "\n".join(",".join(map(str, row)) for row in COLOR.reshape(20, -1).tolist()))
    dataset = loaded(tmp_path / "a.csv")
    assert np.array_equal(dataset.train["image"], COLOR)
    assert "side by side" in texts(dataset)


def test_emnist_is_turned_upright_in_each_of_its_formats(tmp_path):
    rows = [",".join(map(str, [1, *image.T.ravel().tolist()])) for image in GRAY]
    put(tmp_path / "emnist-letters-train.csv", "\n".join(rows))
    assert np.array_equal(loaded(tmp_path / "emnist-letters-train.csv").train["image"][..., 0], GRAY)
    columns = GRAY.swapaxes(1, 2).reshape(20, -1)
    path = mat(tmp_path, dataset={"train": {"images": columns, "labels": LABELS[:, None] + 1}})
    dataset = loaded(path)
    assert np.array_equal(dataset.train["image"][..., 0], GRAY)
    assert dataset.classes == ("1", "2", "3", "4")


@pytest.mark.parametrize("scale", [1, 1 / 255])
def test_transparent_images_are_put_on_white(tmp_path, scale):
    images = np.concatenate([COLOR, np.zeros((20, 12, 12, 1), np.uint8)], axis=-1)
    images[:10, ..., 3] = 255
    dataset = loaded(npz(tmp_path, images=images * scale if scale != 1 else images))
    assert np.array_equal(dataset.train["image"][:10], COLOR[:10])
    assert (dataset.train["image"][10:] == 255).all()


# --- labels


@pytest.mark.parametrize(
    "labels",
    [
        LABELS,
        LABELS[:, None],
        LABELS[None],
        LABELS.reshape(20, 1, 1, 1),
        LABELS.astype(float),
        np.eye(4)[LABELS],
        np.eye(4, dtype=np.float32)[LABELS].T,
        np.eye(4)[LABELS] * 2 - 1,
    ],
    ids=lambda values: f"{values.shape} {values.dtype}",
)
@pytest.mark.parametrize("write", [npz, hdf5, mat])
def test_labels_of_every_form_are_the_same_classes(tmp_path, labels, write):
    dataset = loaded(write(tmp_path, x=GRAY, y=labels))
    assert np.array_equal(dataset.train["label"], LABELS)
    assert dataset.classes == ("0", "1", "2", "3")


def test_texts_are_one_list_of_classes_over_all_parts(tmp_path):
    names = np.array(["b", "a", "c", "b"])[LABELS]
    dataset = loaded(npz(tmp_path, x_train=GRAY, y_train=names, x_test=GRAY[:2], y_test=np.array(["d", "a"])))
    assert dataset.classes == ("a", "b", "c", "d")
    assert [dataset.classes[at] for at in dataset.train["label"]] == names.tolist()
    assert [dataset.classes[at] for at in dataset.test["label"]] == ["d", "a"]


def test_several_0_and_1_for_each_image_are_attributes(tmp_path):
    values = (pixels(20, 14) > 127).astype(np.uint8)
    dataset = loaded(npz(tmp_path, train_images=GRAY, train_labels=values, test_images=GRAY, test_labels=values))
    assert np.array_equal(dataset.train["attributes"], values)
    assert np.array_equal(dataset.test["attributes"], values)
    assert dataset.attributes == tuple(map(str, range(14)))


def test_labels_1_to_10_of_svhn_are_digits_and_others_are_not(tmp_path):
    dataset = loaded(mat(tmp_path, X=COLOR.transpose(1, 2, 3, 0), y=np.arange(20)[:, None] % 10 + 1))
    assert dataset.train["label"].tolist() == [(number % 10 + 1) % 10 for number in range(20)]
    dataset = loaded(mat(tmp_path, X=COLOR.transpose(1, 2, 3, 0), y=np.arange(20)[:, None] % 11 + 1))
    assert dataset.classes[-1] == "11"


# --- keys


@pytest.mark.parametrize("write", [npz, hdf5, mat])
def test_unknown_keys_are_all_named_with_their_shapes(tmp_path, write):
    with pytest.raises(DataError) as caught:
        loaded(write(tmp_path, foo=GRAY, bar=np.zeros((2, 3)), baz=np.zeros((1, 1))))
    assert all(
        word in str(caught.value) for word in ("foo (20, 12, 12)", "bar (2, 3)", "baz (1, 1)", "expected x_train")
    )


def test_objects_are_named_and_block_nothing_else(tmp_path):
    objects = np.array([{}, {}], object)
    dataset = loaded(npz(tmp_path, imgs=GRAY, metadata=objects, labels=LABELS))
    assert "not used: metadata" in texts(dataset)
    with pytest.raises(DataError, match="of Python objects, which are not loaded"):
        loaded(npz(tmp_path, train=objects, valid=objects))


@pytest.mark.parametrize(
    ("key", "part", "column"),
    [
        ("x_train", "train", "image"),
        ("trainX", "train", "image"),
        ("Xtrain", "train", "image"),
        ("ytest", "test", "label"),
        ("val_labels", "validation", "label"),
        ("dataset.train.images", "train", "image"),
        ("kmnist-test-imgs/arr_0", "test", "image"),
        ("kmnist-test-labels/arr_0", "test", "label"),
        ("camelyonpatch_level_2_split_valid_y/y", "validation", "label"),
        ("t10k-images", "test", "image"),
        ("image_labels", "", "label"),
        ("metadata", "", ""),
        ("mean", "", ""),
        ("latents/values", "", ""),
    ],
)
def test_what_keys_mean(key, part, column):
    assert key_words.meaning_of(key)[:2] == (part, column)


# --- files to score and to show


@pytest.mark.parametrize("write", [npz, hdf5])
@pytest.mark.parametrize("key", ["arr_0", "imgs", "images"])
def test_other_keys_and_orders_are_scored_and_shown(tmp_path, write, key):
    path = write(tmp_path, **{key: COLOR.transpose(0, 3, 1, 2)})
    assert np.array_equal(load_images(path, (12, 12, 3)), COLOR)
    assert np.array_equal(open_images([path], (12, 12, 3))[0], COLOR)


def test_samples_of_other_programs_are_scored(gancli, tmp_path, stripes_file, stripes):
    np.savez(tmp_path / "samples.npz", stripes[:50], np.arange(50) % 2)
    answer = gancli("eval-parzen", "--images", tmp_path / "samples.npz", "--data", stripes_file)
    assert answer.code == 0, answer.err


# --- MATLAB


def matlab_values(folder, compressed, **arrays):
    from scipy.io import savemat

    savemat(folder / "m.mat", arrays, do_compression=compressed)
    columns, skipped = mat5.columns(image_file(folder / "m.mat"))
    return {key: column.read() for key, column in columns.items()}, skipped


@pytest.mark.parametrize("compressed", [False, True])
@pytest.mark.parametrize("dtype", ["u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8", "f4", "f8", "?"])
def test_numbers_of_matlab_are_those_that_scipy_reads(tmp_path, compressed, dtype):
    values = (pixels(3, 4, 5) % 2 if dtype == "?" else pixels(3, 4, 5) // 2).astype(dtype)
    found, _ = matlab_values(tmp_path, compressed, a=values, small=values[:1, :1, :1], empty=values[:0])
    assert found["a"].dtype == values.dtype
    assert np.array_equal(found["a"], values)
    assert np.array_equal(found["small"], values[:1, :1, :1])
    assert found["empty"].shape == (0, 4, 5)


@pytest.mark.parametrize("compressed", [False, True])
def test_structs_cells_and_texts_of_matlab(tmp_path, compressed):
    inner = {"images": GRAY, "writer": {"age": np.array([3])}}
    names = np.array(["ant", "wildebeest"], object)
    structs = np.array([(1, 2), (3, 4)], [("a", "O"), ("b", "O")])
    found, skipped = matlab_values(
        tmp_path, compressed, dataset=inner, names=names, title="text", many=structs, odd=np.array([1j]), last=LABELS
    )
    assert np.array_equal(found["dataset.images"], GRAY)
    assert found["dataset.writer.age"].tolist() == [[3]]
    assert found["names"].tolist() == names.tolist()
    assert found["title"].tolist() == ["text"]
    assert found["last"].ravel().tolist() == LABELS.tolist()
    assert skipped == ["many (array of structs (1, 2))", "odd (complex numbers)"]


def test_matlab_files_of_big_endian_machines(tmp_path):
    """Byte by byte: header, a matrix of two int16 by three."""
    values = np.arange(6, dtype=">i2").reshape(2, 3)
    body = struct.pack(">IIII", 6, 8, 10, 0)  # flags: the class int16
    body += struct.pack(">IIii", 5, 8, 2, 3) + struct.pack(">HH4s", 1, 1, b"a\0\0\0")
    body += struct.pack(">II", 3, 12) + values.tobytes(order="F") + bytes(4)
    head = b"MATLAB 5.0 MAT-file".ljust(124) + b"\1\0MI"
    path = put(tmp_path / "a.mat", head + struct.pack(">II", 14, len(body)) + body)
    columns, _ = matlab.columns(image_file(path))
    assert np.array_equal(columns["a"].read(), values)


# --- CSV


def csv_rows(rows, header=""):
    return (header + "\n" if header else "") + "".join(",".join(map(str, row)) + "\n" for row in rows)


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("quote", ["", '"'])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("compressed", [True, False])
def test_csv_in_every_spelling(tmp_path, end, quote, delimiter, compressed):
    header = ["label", *(f"pixel{at}" for at in range(144))]
    rows = [header, *([label, *image.ravel().tolist()] for label, image in zip(LABELS, GRAY, strict=True))]
    lines = [delimiter.join(f"{quote}{cell}{quote}" for cell in row) for row in rows]
    text = end.join(lines).encode()
    path = put(tmp_path / ("a.csv.gz" if compressed else "a.csv"), gzip.compress(text) if compressed else text)
    dataset = loaded(path)
    assert np.array_equal(dataset.train["image"][..., 0], GRAY)
    assert np.array_equal(dataset.train["label"], LABELS)


@pytest.mark.parametrize(("scale", "word"), [(1 / 255, "0:1"), (16, "12 bits"), (2 / 255, "")])
def test_csv_of_other_numbers(tmp_path, scale, word):
    values = GRAY.reshape(20, -1).astype(int) * scale
    values = values - 1 if scale == 2 / 255 else values
    values = values.astype(int) if scale == 16 else values
    put(tmp_path / "a.csv", csv_rows(values.tolist()))
    image = loaded(tmp_path / "a.csv").train["image"][..., 0]
    assert np.abs(image.astype(int) - GRAY).max() <= 1
    assert word in texts(loaded(tmp_path / "a.csv"))


@pytest.mark.parametrize(
    "content",
    [
        "id,label\na.png,3\nb.png,4\n",
        "image_id," + ",".join(map(str, range(16))) + "\n000001.jpg" + ",1" * 16 + "\n",
        "sepal length,sepal width,petal length,petal width,species\n" + "5.1,3.5,1.4,0.2,setosa\n" * 3,
        "image,caption\na.jpg,A dog runs .\n",
        "a\nb\n",
        "",
        "0,1,2\n",
    ],
)
def test_other_tables_are_left_to_other_readers(tmp_path, content):
    from gancli.data.array_files.csv_files import columns

    assert columns.of(image_file(put(tmp_path / "a.csv", content))) is None


def test_csv_beside_pictures_is_no_data_set_of_its_own(tmp_path):
    put(tmp_path / "labels.csv", csv_rows([[1, *range(16)]] * 3))
    put(tmp_path / "a.png", encoded(GRAY[0]))
    assert data.inspect(str(tmp_path)).pictures is not None


def test_one_of_several_sets_is_read_and_it_is_reported(tmp_path):
    for name, part in itertools.product(("emnist-balanced", "emnist-letters"), ("train", "test")):
        put(tmp_path / f"{name}-{part}.csv", csv_rows([[1, *image.ravel().tolist()] for image in GRAY[:3]]))
    dataset = loaded(tmp_path)
    assert (len(dataset), len(dataset.test["image"])) == (3, 3)
    assert "emnist-letters-test.csv, emnist-letters-train.csv: emnist-balanced-test.csv" in texts(dataset)


# --- on disk


@pytest.fixture
def little_memory(monkeypatch):
    monkeypatch.setattr(array_set, "total_memory", lambda: COLOR.nbytes)


@pytest.mark.usefixtures("little_memory")
def test_images_larger_than_half_of_the_memory_stay_on_disk(tmp_path):
    dataset = loaded(hdf5(tmp_path, x=COLOR, y=LABELS.reshape(20, 1, 1, 1)))
    assert isinstance(dataset.train["image"], h5py.Dataset)
    assert np.array_equal(dataset.take(np.array([3, 1])), COLOR[[3, 1]])
    assert np.array_equal(dataset.train["label"], LABELS)
    assert "they stay on disk" in texts(dataset)


@pytest.mark.usefixtures("little_memory")
@pytest.mark.parametrize(
    ("images", "options"), [(COLOR.transpose(0, 3, 1, 2), {}), (COLOR, {"image_size": 8}), (COLOR // 255, {})]
)
def test_images_that_must_be_changed_do_not_stay_on_disk(tmp_path, images, options):
    with pytest.raises(DataError, match="more than half of the memory"):
        loaded(hdf5(tmp_path, x=images, y=LABELS), **options)


# --- what is not read


@pytest.mark.parametrize("name", ["a.pt", "a.amat", "a.mp4", "a.7z", "a.heic", "a.rds"])
def test_files_that_are_not_read_are_named_with_what_converts_them(gancli, tmp_path, name):
    for number in range(3):
        put(tmp_path / "set" / f"{number}{name}", b"x")
    answer = gancli("data", "check", tmp_path / "set")
    ending = name.partition(".")[2]
    assert (answer.code, f"holds no pictures, but 3 files that end in .{ending}" in answer.err) == (3, True), answer.err
    answer = gancli("data", "check", tmp_path / "set" / f"0{name}")
    assert (answer.code, f"a file that ends in .{ending}" in answer.err) == (3, True), answer.err
    assert f"0{name}" in answer.err.partition("): ")[2]


def test_smallnorb_is_named(tmp_path):
    put(tmp_path / "training-dat.mat", struct.pack("<6i", 0x1E3D4C55, 4, 2, 2, 96, 96) + bytes(2 * 2 * 96 * 96))
    with pytest.raises(DataError, match=r"matrix of smallNORB and no MATLAB file.*offset=24"):
        loaded(tmp_path / "training-dat.mat")
