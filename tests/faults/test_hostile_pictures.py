"""Pictures, volumes and texts from strangers: cut, flipped, claiming too much; refused by name, and soon."""

import gzip
import io
import struct
import time
import zipfile

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from gancli import data
from gancli.core.errors import DataError
from gancli.data import Request
from gancli.data.expansion import tiff_directories
from tests.helpers.specimens import encoded, pixels, put
from tests.helpers.specimens.dicom import write as write_dicom
from tests.helpers.specimens.nifti import write as write_nifti
from tests.helpers.specimens.texts import story, wrapped

FRAMES = np.random.default_rng(0).integers(0, 4096, (3, 8, 8)).astype(np.uint16)


def stack(path):
    first, *others = [Image.fromarray(one) for one in pixels(4, 8, 8)]
    first.save(path, save_all=True, append_images=others)


def doubles(path):
    pytest.importorskip("tifffile").imwrite(path, pixels(1, 8, 8)[0] / 255, photometric="minisblack")


def dicom(path):
    pytest.importorskip("pydicom")
    write_dicom(path, FRAMES, RescaleSlope=1, RescaleIntercept=-1024, WindowCenter=40, WindowWidth=400)


def volume(path):
    pytest.importorskip("nibabel")
    write_nifti(path, FRAMES.astype(np.int16))


def snli(path):
    rows = [f"neutral\t{one}\t{two}" for one, two in zip(story(120), story(120, 500), strict=True)]
    put(path, "\n".join(["gold_label\tsentence1\tsentence2", *rows]))


def wiki(path):
    put(path, " = Ships = \n = = Later = = \n" + "\n".join(f" {one} " for one in story(120)))


WRITERS = {
    "x.ppm": lambda path: put(path, encoded(pixels(1, 8, 8, 3)[0], "PPM")),
    "x.pgm": lambda path: put(path, b"P2\n8 8\n255\n" + b" ".join(b"%d" % value for value in range(64))),
    "x.jp2": lambda path: put(path, encoded(pixels(1, 8, 8, 3)[0], "JPEG2000")),
    "x.avif": lambda path: put(path, encoded(pixels(1, 8, 8, 3)[0], "AVIF")),
    "unnamed": lambda path: put(path, encoded(pixels(1, 8, 8, 3)[0])),
    "x.tif": stack,
    "x.tiff": doubles,
    "x.dcm": dicom,
    "x.nii": volume,
    "x.nii.gz": volume,
    "x.txt": lambda path: put(path, wrapped(story(200))),
    "u.txt": lambda path: put(path, "\n".join(story(200)).encode("utf-16-le")),
    "l.txt": lambda path: put(path, "\n".join(f"schön: {one}" for one in story(200)).encode("latin-1")),
    "s.txt": snli,
    "w.txt": wiki,
}
RARE = st.one_of(st.integers(1, 255), st.sampled_from([0x80, 0x7F, 0xFF]))


def whole(name, folder):
    (folder / "set").mkdir(exist_ok=True)
    WRITERS[name](folder / "set" / name)
    return folder / "set" / name


@pytest.mark.parametrize("name", WRITERS)
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(drawn=st.data())
def test_a_flipped_byte_or_a_cut_anywhere_is_refused_by_name_or_harmless(tmp_path_factory, name, drawn):
    path = whole(name, tmp_path_factory.mktemp("hostile"))
    content = bytearray(path.read_bytes())
    edge = drawn.draw(st.booleans())  # headers are where it hurts
    where = drawn.draw(st.integers(0, min(len(content) - 1, 400 if edge else len(content) - 1)))
    if drawn.draw(st.booleans()):
        for at in range(where, min(where + drawn.draw(st.integers(1, 4)), len(content))):
            content[at] ^= drawn.draw(RARE)
    else:
        del content[where:]
    path.write_bytes(content)
    target = path if name.endswith(".txt") else path.parent
    try:
        dataset = data.load(str(target), Request(8))
        assert len(dataset)
    except DataError as error:
        assert path.name.partition(".")[0] in str(error) or "holds no pictures" in str(error), error


@pytest.mark.parametrize("name", ["x.tif", "x.dcm", "x.nii.gz", "x.ppm"])
def test_a_damaged_file_in_a_zip_is_named_too(tmp_path, name):
    path = whole(name, tmp_path)
    content = path.read_bytes()
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr(f"good/{name}", content)
        archive.writestr(f"bad/{name}", content[: len(content) * 2 // 3])
    with pytest.raises(DataError, match="bad/x"):
        data.load(str(tmp_path / "a.zip"))
    found = data.load(str(tmp_path / "a.zip"), Request(8, skip_bad=True))
    assert len(found) >= 1


def test_directories_of_a_tiff_that_form_a_circle_end(tmp_path):
    path = whole("x.tif", tmp_path)
    content = bytearray(path.read_bytes())
    pages = tiff_directories.read(io.BytesIO(bytes(content)))
    start = struct.unpack("<I", content[4:8])[0]
    count = struct.unpack_from("<H", content, start)[0]
    content[start + 2 + 12 * count : start + 6 + 12 * count] = struct.pack("<I", start)
    assert len(pages) == 4
    assert len(tiff_directories.read(io.BytesIO(bytes(content)))) == 1
    path.write_bytes(content)
    before = time.monotonic()
    assert len(data.load(str(path.parent))) == 1
    assert time.monotonic() - before < 5


@pytest.mark.parametrize("count", [4097, 65535])
def test_a_directory_of_too_many_tags_is_no_list_of_pages(count):
    with pytest.raises(ValueError, match="too many"):
        tiff_directories.read(io.BytesIO(b"II*\0\x08\0\0\0" + struct.pack("<H", count) + bytes(100)))


def test_a_page_that_claims_a_huge_picture_is_refused(tmp_path):
    path = whole("x.tif", tmp_path)
    content = bytearray(path.read_bytes())
    for tag in (256, 257):
        at = 0
        while (at := content.find(struct.pack("<HHI", tag, 4, 1), at + 1)) >= 0:
            content[at + 8 : at + 12] = struct.pack("<I", 60_000)
    path.write_bytes(content)
    with pytest.raises(DataError, match="decompression bomb"):
        data.load(str(path.parent))


@pytest.mark.parametrize(
    ("tag", "value", "reason"),
    [
        ("Rows", 60_000, "more than the file holds"),
        ("NumberOfFrames", "90000", "more than the file holds"),
        ("NumberOfFrames", "-3", "more than the file holds"),
        ("BitsAllocated", 4096, "more than the file holds"),
        ("BitsStored", 40, "of 16 bits"),
        ("SamplesPerPixel", 7, "more than the file holds|7 samples"),
    ],
)
def test_a_dicom_file_that_claims_more_than_it_holds_is_refused_before_memory_is_taken(tmp_path, tag, value, reason):
    pydicom = pytest.importorskip("pydicom")
    path = whole("x.dcm", tmp_path)
    found = pydicom.dcmread(path)
    setattr(found, tag, value)
    found.save_as(path)
    with pytest.raises(DataError, match=rf"x\.dcm: .*({reason})"):
        data.load(str(path.parent))


def test_a_dicom_file_that_is_packed_as_a_whole_is_not_unpacked(tmp_path):
    pytest.importorskip("pydicom")
    path = whole("x.dcm", tmp_path)
    content = path.read_bytes().replace(b"1.2.840.10008.1.2.1\0", b"1.2.840.10008.1.2.1.99")
    path.write_bytes(content)
    with pytest.raises(DataError, match="deflated"):
        data.load(str(path.parent))


def header_of(shape, *, kind=16, offset=352.0, size=348):
    """The header of a NIfTI file of this shape, by the bytes of its definition; kind 16 is float32."""
    head = bytearray(352)
    struct.pack_into("<i", head, 0, size)
    struct.pack_into("<8h", head, 40, len(shape), *shape, *[1] * (7 - len(shape)))
    struct.pack_into("<hh", head, 70, kind, 32)
    struct.pack_into("<8f", head, 76, *[1.0] * 8)
    struct.pack_into("<f", head, 108, offset)
    head[344:348] = b"n+1\0"
    return bytes(head)


@pytest.mark.parametrize("ending", ["nii", "nii.gz"])
@pytest.mark.parametrize(
    ("shape", "options"),
    [
        ((30_000, 30_000, 30_000), {}),
        ((8, 8, 32_000, 32_000), {}),
        ((8, 8, -3), {}),
        ((0, 8, 8), {}),
        ((8, 8, 3), {"kind": 1792}),  # complex
        ((8, 8, 3), {"kind": 999}),
        ((8, 8, 3), {"offset": 1e12}),
        ((8, 8, 3), {"offset": -5.0}),
        ((8, 8, 3), {"offset": float("nan")}),
        ((8, 8, 3), {"size": 999}),
        ((2, 2, 2, 2, 2, 2, 2), {}),
    ],
    ids=str,
)
def test_a_volume_that_claims_anything_is_refused(tmp_path, ending, shape, options):
    pytest.importorskip("nibabel")
    content = header_of(shape, **options) + bytes(8 * 8 * 3 * 4)
    put(tmp_path / "set" / f"x.{ending}", gzip.compress(content) if ending.endswith("gz") else content)
    before = time.monotonic()
    with pytest.raises(DataError, match=rf"x(#\d+)?\.{ending}"):
        data.load(str(tmp_path / "set"))
    assert time.monotonic() - before < 5


def test_a_volume_that_unpacks_to_far_more_is_refused(tmp_path):
    pytest.importorskip("nibabel")
    with gzip.open(tmp_path / "x.nii.gz", "wb") as file:
        file.write(header_of((8, 8, 3)))
        for _ in range(50):
            file.write(bytes(1_000_000))
    assert len(data.load(str(tmp_path))) == 3  # what is behind the volume is not unpacked


@pytest.mark.parametrize(
    "line", [b"P6 99999999 99999999 255\n", b"P6 60000 60000 255\n", b"P5 -3 8 255\n", b"P6 8 8 0\n"]
)
def test_a_portable_map_that_claims_too_much_is_refused(tmp_path, line):
    put(tmp_path / "x.ppm", line + bytes(300))
    with pytest.raises(DataError, match=r"x\.ppm"):
        data.load(str(tmp_path))


def test_a_text_that_unpacks_to_too_much_is_refused(tmp_path, monkeypatch):
    from gancli.data.formats import sentences

    monkeypatch.setattr(sentences, "LARGEST", 1_000_000)
    (tmp_path / "a.txt.gz").write_bytes(gzip.compress(b"a b c.\n" * 1_000_000))
    with pytest.raises(DataError, match="holds more than"):
        data.load(str(tmp_path / "a.txt.gz"))


@pytest.mark.parametrize("kind", ["mark", "sentences", "nested"])
def test_no_text_takes_long(tmp_path, kind):
    """Patterns that look for the end of a sentence take time that grows with the text, not faster."""
    text = {"mark": "a." * 200_000, "sentences": "." * 400_000, "nested": '"(' * 200_000}[kind]
    before = time.monotonic()
    lines = [text, *story(150)]
    put(tmp_path / "a.txt", "\n".join([wrapped(story(150)), "", text[:300_000], "", wrapped(lines[1:])]))
    data.load(str(tmp_path / "a.txt"))
    assert time.monotonic() - before < 10
