"""Data from strangers: refused in words and by name; nothing in them is run, no memory filled, no other file read."""

import io
import zipfile

import h5py
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from gancli import data
from gancli.core.errors import DataError


def png(size=(200, 200)):
    buffer = io.BytesIO()
    Image.effect_noise(size, 50).save(buffer, "PNG")
    return buffer.getvalue()


@pytest.mark.parametrize("name", ["../x.png", "/tmp/x.png", "C:/x.png", "a/../../x.png", "..\\x.png"])
def test_path_tricks_in_a_zip_are_refused(tmp_path, name):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr(name, png((8, 8)))
    with pytest.raises(DataError, match="points outside"):
        data.load(str(tmp_path / "a.zip"))


def test_links_and_bombs_in_a_zip_are_refused(tmp_path):
    link = zipfile.ZipInfo("link.png")
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(tmp_path / "link.zip", "w") as archive:
        archive.writestr(link, "/etc/passwd")
    with pytest.raises(DataError, match="is a link"):
        data.load(str(tmp_path / "link.zip"))
    with (
        zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("x.png", "w") as file,
    ):
        for _ in range(501):
            file.write(bytes(1_000_000))
    with pytest.raises(DataError, match="decompression bomb"):
        data.load(str(tmp_path / "bomb.zip"))


@pytest.mark.parametrize("ending", ["zip", "npz", "h5"])
@pytest.mark.parametrize("content", [b"", b"text", b"PK\x03\x04"], ids=["empty", "text", "cut"])
def test_a_file_that_is_not_what_its_name_says_is_refused(tmp_path, ending, content):
    (tmp_path / f"a.{ending}").write_bytes(content)
    with pytest.raises(DataError, match=rf"a\.{ending} is not a readable"):
        data.load(str(tmp_path / f"a.{ending}"))


class Trap:
    """Unpickling it would leave a file behind."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return (open, (str(self.path), "w"))


def test_pickles_in_npz_are_never_opened(tmp_path):
    marker = tmp_path / "marker"
    np.savez(tmp_path / "a.npz", images=np.array([Trap(marker)], object))
    with pytest.raises(DataError, match="not loaded"):
        data.load(str(tmp_path / "a.npz"))
    assert not marker.exists()


def test_an_array_that_claims_more_than_it_holds_is_refused(tmp_path):
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, {"descr": "|u1", "fortran_order": False, "shape": (10**13, 8, 8)})
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as archive:
        archive.writestr("images.npy", header.getvalue() + bytes(100))
    with pytest.raises(DataError, match="cut short"):
        data.load(str(tmp_path / "a.npz"))


IMAGES = np.zeros((6, 8, 8), np.uint8)


@pytest.mark.parametrize(
    ("arrays", "reason"),
    [
        ({"pictures": IMAGES}, "expected x_train, or images"),
        ({"images": IMAGES[:0]}, "not empty"),
        ({"images": IMAGES[0]}, "shape"),
        ({"images": np.zeros((6, 8, 8, 2), np.uint8)}, "shape"),
        ({"images": np.full((6, 8, 8), np.nan)}, "NaN"),
        ({"images": IMAGES.astype(float) + 300}, "pixels from 300"),
        ({"images": IMAGES.astype(complex)}, "complex"),
        ({"images": IMAGES, "labels": np.zeros(5, int)}, "for 6 images"),
        ({"images": IMAGES, "labels": np.full(6, -1)}, "from -1"),
        ({"images": IMAGES, "labels": np.full(6, 0.5)}, "whole numbers"),
        ({"images": IMAGES, "labels": np.arange(6), "classes": np.array(["a", "b"])}, "for 2 classes"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
@pytest.mark.parametrize("ending", ["npz", "h5"])
def test_wrong_arrays_are_refused_in_words(tmp_path, arrays, reason, ending):
    path = tmp_path / f"a.{ending}"
    if ending == "npz":
        np.savez(path, **arrays)
    else:
        with h5py.File(path, "w") as file:
            for key, array in arrays.items():
                if key != "classes":
                    file[key] = array
            file.attrs["classes"] = '["a", "b"]' if "classes" in arrays else "[]"
        reason = reason.replace("complex", "not numbers")
    with pytest.raises(DataError, match=reason):
        data.load(str(path))


def test_links_external_storage_and_bombs_in_hdf5_are_refused(tmp_path):
    secret = tmp_path / "secret"
    secret.write_bytes(bytes(64))
    ways = {
        "link": lambda file: file.__setitem__("images", h5py.ExternalLink(str(tmp_path / "other.h5"), "/images")),
        "another file": lambda file: file.create_dataset(
            "images", (1, 8, 8), np.uint8, external=[(str(secret), 0, 64)]
        ),
        "claims": lambda file: file.create_dataset("images", (10**9, 64, 64), np.uint8, chunks=(1, 64, 64)),
    }
    for reason, fill in ways.items():
        with h5py.File(tmp_path / "a.h5", "w") as file:
            fill(file)
        with pytest.raises(DataError, match=reason):
            data.load(str(tmp_path / "a.h5"))


def test_a_zip_member_of_an_unknown_compression_is_named(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("x.png", png((8, 8)))
    content = (tmp_path / "a.zip").read_bytes()
    start = content.index(b"PK\x01\x02")
    content = content[:8] + b"\x09\x00" + content[10 : start + 10] + b"\x09\x00" + content[start + 12 :]
    (tmp_path / "a.zip").write_bytes(content)
    with pytest.raises(DataError, match=r"x\.png"):
        data.load(str(tmp_path / "a.zip"))


@pytest.mark.parametrize("cut", [1, 60, 200])
def test_an_array_cut_anywhere_is_refused(tmp_path, cut):
    whole = io.BytesIO()
    np.lib.format.write_array(whole, IMAGES)
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as archive:
        archive.writestr("images.npy", whole.getvalue()[:-cut])
    with pytest.raises(DataError, match=r"a\.npz"):
        data.load(str(tmp_path / "a.npz"))


@pytest.mark.parametrize(
    "labels", [np.full(6, np.inf), np.array([["a"]] * 5), np.array(3)], ids=["inf", "too few", "scalar"]
)
@pytest.mark.parametrize("ending", ["npz", "h5"])
def test_odd_labels_are_refused_in_words(tmp_path, labels, ending):
    path = tmp_path / f"a.{ending}"
    if ending == "npz":
        np.savez(path, images=IMAGES, labels=labels)
    else:
        with h5py.File(path, "w") as file:
            file["images"] = IMAGES
            file["labels"] = labels.astype("S1") if labels.dtype.kind == "U" else labels
    with pytest.raises(DataError, match=r"labels"):
        data.load(str(path))


# --- whatever a stranger's bytes are


def npz(path, header, body=b"", *, version=(1, 0)):
    """A .npz whose only array has this text as its header."""
    text = header.encode("latin1")
    length = len(text).to_bytes(2 if version == (1, 0) else 4, "little")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("images.npy", b"\x93NUMPY" + bytes(version) + length + text + body)


HEADER = "{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}}}\n"


@pytest.mark.parametrize(
    "header",
    [
        HEADER.format(descr="'|O'", shape="(6, 8, 8)"),
        HEADER.format(descr="'|u1'", shape="(-6, 8, 8)"),
        HEADER.format(descr="'|u1'", shape="(6, -8, -8)"),
        HEADER.format(descr="'|u1'", shape="(1" + "0" * 3000 + ", 8)"),
        HEADER.format(descr="'|u1'", shape="'eight'"),
        HEADER.format(descr="'|S64'", shape="(6,)"),
        HEADER.format(descr="'<M8[s]'", shape="(6, 8, 1)"),
        HEADER.format(descr="[('a', '|u1')]", shape="(6, 8, 8)"),
        HEADER.format(descr="'|V0'", shape="(1000000000000, 8, 8)"),
        "__import__('os').system('touch marker')",
        "(" * 9000,
        "[" * 60000,
        "",
        "\0" * 64,
    ],
    ids=lambda header: header[:50],
)
@pytest.mark.parametrize("version", [(1, 0), (2, 0), (3, 0), (9, 9)], ids=str)
def test_an_array_with_any_header_is_refused_and_nobody_is_told_to_unpickle_it(tmp_path, monkeypatch, header, version):
    monkeypatch.chdir(tmp_path)
    npz(tmp_path / "a.npz", header, bytes(6 * 8 * 8), version=version)
    with pytest.raises(DataError, match=r"\ba\b") as error:
        data.load("a.npz")
    assert "allow_pickle" not in str(error.value)
    assert not (tmp_path / "marker").exists()


def test_arrays_that_unpack_to_far_more_than_they_store_are_refused(tmp_path):
    npz(tmp_path / "a.npz", HEADER.format(descr="'|u1'", shape="(240000, 32, 32)"), bytes(240_000 * 32 * 32))
    assert (tmp_path / "a.npz").stat().st_size < 400_000
    with pytest.raises(DataError, match="claims 246 MB but stores"):
        data.load(str(tmp_path / "a.npz"))


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("descr", ["<u2", ">u2", "<f4", ">f8", "|u1", "<i8", "<f2"])
def test_arrays_of_any_byte_order_and_layout_are_the_same_images(tmp_path, order, descr):
    values = np.random.default_rng(0).integers(0, 256, (6, 8, 8)).astype(np.uint8)
    scale = {"u2": 257, "f4": 1 / 255, "f8": 1 / 255, "f2": 1 / 255}.get(descr[1:], 1)
    stored = np.asarray(values.astype(float) * scale, np.dtype(descr), order=order)
    np.savez(tmp_path / "a.npz", images=stored)
    images = data.load(str(tmp_path / "a.npz")).train["image"]
    assert np.abs(images[..., 0].astype(int) - values).max() <= (1 if descr == "<f2" else 0)


KINDS = ["npz", "h5", "zip", "png"]


def specimen(kind, folder):
    """A sound file of each kind."""
    images = np.random.default_rng(0).integers(0, 256, (6, 8, 8)).astype(np.uint8)
    picture = io.BytesIO()
    Image.fromarray(images[0]).save(picture, "PNG")
    path = folder / f"a.{kind}"
    if kind == "npz":
        np.savez_compressed(path, images=images, labels=np.arange(6) % 2)
    elif kind == "h5":
        with h5py.File(path, "w") as file:
            file.create_dataset("images", data=images, chunks=(2, 8, 8), compression="gzip", fletcher32=True)
            file["labels"] = np.arange(6) % 2
            file.attrs["classes"] = '["a", "b"]'
    elif kind == "zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for index in range(3):
                archive.writestr(f"{index}.png", picture.getvalue())
    else:
        (folder / "set").mkdir(exist_ok=True)
        path = folder / "set" / "x.png"
        path.write_bytes(picture.getvalue())
    return path


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=100)
@given(drawn=st.data())
def test_a_flipped_byte_or_a_cut_anywhere_is_refused_or_harmless(tmp_path_factory, kind, drawn):
    """Never another kind of error, and no endless reading; what has a checksum is not read wrongly."""
    path = specimen(kind, tmp_path_factory.mktemp("hostile"))
    content = bytearray(path.read_bytes())
    where = int(len(content) * drawn.draw(st.floats(0, 1, exclude_max=True)))
    if drawn.draw(st.booleans()):
        content[where] ^= drawn.draw(st.integers(1, 255))
    else:
        del content[where:]
    path.write_bytes(content)
    try:
        dataset = data.load(str(path.parent if kind == "png" else path))
        dataset.facts()
        dataset.take(np.arange(len(dataset)))
    except DataError as error:
        assert path.stem in str(error) or kind == "zip"  # there the picture's name


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=100)
@given(content=st.binary(max_size=200))
def test_bytes_of_no_sense_behind_a_right_beginning_are_refused(tmp_path_factory, kind, content):
    path = specimen(kind, tmp_path_factory.mktemp("hostile"))
    path.write_bytes(path.read_bytes()[: len(content) // 2] + content)
    with pytest.raises(DataError):
        data.load(str(path.parent if kind == "png" else path)).facts()


@pytest.mark.parametrize("column", ["images", "labels"])
def test_a_damaged_block_of_a_h5_file_is_exit_3_and_names_it(gancli, tmp_path, column):
    """The header is sound, so that the file opens: the damage is met when the block is read."""
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        images = np.random.default_rng(0).integers(0, 256, (2000, 8, 8, 1)).astype(np.uint8)
        file.create_dataset("images", data=images, chunks=(8, 8, 8, 1), fletcher32=True)
        file.create_dataset("labels", data=np.arange(2000) % 3, chunks=(8,), fletcher32=True)
        at = file[column].id.get_chunk_info(200).byte_offset
    content = bytearray(path.read_bytes())
    content[at] ^= 1
    path.write_bytes(content)
    for args in (["data", "check", path], ["train", "--model", "gan", "--data", path, "--dry-run"]):
        answer = gancli(*args)
        assert answer.code == 3, answer
        assert "a.h5" in answer.err
        assert f"'{column}' is damaged" in answer.err


@pytest.mark.parametrize("text", ["[" * 100_000, "{}", "5", '["a", 5]', '["a"', "\\ud800"])
def test_odd_class_names_in_a_h5_file_are_refused(tmp_path, text):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["images"] = IMAGES
        file.create_dataset("classes", data=0)
        file.attrs.create("classes", text, dtype=h5py.string_dtype())
    with pytest.raises(DataError, match="not a JSON list of texts"):
        data.load(str(tmp_path / "a.h5"))


def test_names_of_no_encoding_in_a_h5_file_are_shown(tmp_path):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file[b"pict\xff"] = IMAGES
        file["labels"] = np.arange(6)
    with pytest.raises(DataError, match=r"holds .*labels .*expected x_train, or images"):
        data.load(str(tmp_path / "a.h5"))
