"""DICOM and NIfTI: window, slope, inversion, frames and orientation, against the libraries' own values."""

import shutil
import sys
from pathlib import Path

import numpy as np
import pytest

from gancli import data
from gancli.core.errors import DataError
from gancli.data import Request
from tests.helpers.specimens import photo, put
from tests.helpers.specimens.dicom import write as write_dicom
from tests.helpers.specimens.nifti import write as write_nifti

RAMP = np.arange(64, dtype=np.uint16).reshape(1, 8, 8) * 64  # 0 to 4032


def loaded(path, **request):
    dataset = data.load(str(path), Request(color="gray", **request))
    return dataset.train["image"][..., 0].astype(int), [remark.text for remark in dataset.remarks]


def shipped(name):
    pytest.importorskip("pydicom")
    from pydicom.data import get_testdata_file

    return Path(get_testdata_file(name, download=False))


# --- DICOM


@pytest.mark.parametrize("function", ["LINEAR", "LINEAR_EXACT", "SIGMOID"])
@pytest.mark.parametrize("slope", [1, 2])
def test_a_window_is_applied_as_pydicom_does(tmp_path, function, slope):
    pixels = pytest.importorskip("pydicom.pixels")
    import pydicom

    tags = {"RescaleSlope": slope, "RescaleIntercept": -1024, "WindowCenter": 900, "WindowWidth": 1500}
    path = write_dicom(tmp_path / "a.dcm", RAMP, VOILUTFunction=function, **tags)
    dataset = pydicom.dcmread(path)
    shown = pixels.apply_windowing(pixels.apply_modality_lut(dataset.pixel_array, dataset), dataset)
    expected = 255 * (shown - shown.min()) / (shown.max() - shown.min())
    found, said = loaded(tmp_path)
    if function != "SIGMOID":
        assert np.abs(found[0] - expected).max() <= 1
    else:
        assert (np.diff(found[0].ravel()) >= 0).all()
        center = np.abs((RAMP[0] * slope - 1024.0) - 900).argmin()
        assert abs(found[0].ravel()[center] - 127.5) < 12
    assert any("DICOM windows are applied (center 900, width 1,500 of 1 images)" in one for one in said)


def test_a_pixel_range_replaces_the_windows(tmp_path):
    write_dicom(tmp_path / "a.dcm", RAMP, RescaleSlope=1, RescaleIntercept=-1024, WindowCenter=40, WindowWidth=80)
    found, said = loaded(tmp_path, pixel_range="-1024:3071")
    assert np.abs(found[0] - RAMP[0] / 4095 * 255).max() <= 1
    assert not any("windows" in one for one in said)


@pytest.mark.parametrize(
    "tags", [{}, {"WindowCenter": 2048, "WindowWidth": 4096}, {"RescaleSlope": 0.5, "RescaleIntercept": 3}]
)
def test_monochrome1_is_inverted(tmp_path, tags):
    pytest.importorskip("pydicom")
    for kind in ("MONOCHROME1", "MONOCHROME2"):
        write_dicom(tmp_path / kind / "a.dcm", RAMP * 16, kind=kind, **tags)
    one, said = loaded(tmp_path / "MONOCHROME1")
    two, _ = loaded(tmp_path / "MONOCHROME2")
    assert np.abs(one + two - 255).max() <= 5
    assert any("show low values bright (MONOCHROME1), inverted: a.dcm" in one for one in said)


def test_frames_of_several_files_are_images_in_order(tmp_path):
    pytest.importorskip("pydicom")
    frames = np.stack([np.full((8, 8), 10 * at, np.uint8) for at in range(12)])
    write_dicom(tmp_path / "set" / "a" / "cine.dcm", frames)
    write_dicom(tmp_path / "set" / "b" / "1.2.840.5", frames[3:4] + 100)  # the name of an instance: no ending
    dataset = data.load(str(tmp_path / "set"))
    assert dataset.train["image"][:, 0, 0, 0].tolist() == [*range(0, 120, 10), 130]
    assert dataset.train["label"].tolist() == [0] * 12 + [1]


def test_colors_are_read_as_they_look(tmp_path):
    pytest.importorskip("pydicom")
    colors = np.random.default_rng(0).integers(0, 256, (1, 8, 8, 3)).astype(np.uint8)
    write_dicom(tmp_path / "a.dcm", colors, kind="RGB")
    assert np.array_equal(data.load(str(tmp_path)).train["image"][0], colors[0])


@pytest.mark.parametrize(
    "names",
    [
        (
            "MR_small.dcm",
            "MR_small_RLE.dcm",
            "MR_small_bigendian.dcm",
            "MR_small_implicit.dcm",
            "MR_small_jp2klossless.dcm",
        ),
        ("SC_rgb_rle.dcm", "SC_rgb_rle_16bit.dcm", "SC_rgb_rle_32bit.dcm"),
        ("rtdose_1frame.dcm", "rtdose_expb_1frame.dcm", "rtdose_rle_1frame.dcm"),
    ],
    ids=["MR", "colors", "dose"],
)
def test_one_picture_in_several_syntaxes_is_the_same(tmp_path, names):
    for name in names:
        shutil.copy(shipped(name), tmp_path / name)
    found = data.load(str(tmp_path)).train["image"]
    assert len(found) == len(names)
    assert all(np.abs(one.astype(int) - found[0]).max() <= 1 for one in found)
    assert np.ptp(found[0]) > 100


def test_files_without_a_picture_are_left_out_and_a_compression_without_a_decoder_is_named(tmp_path):
    for name in ("rtplan.dcm", "CT_small.dcm", "test-SR.dcm"):
        shutil.copy(shipped(name), tmp_path / name)
    found, said = loaded(tmp_path)
    assert len(found) == 1
    assert "2 DICOM files hold no picture: rtplan.dcm, test-SR.dcm" in said
    shutil.copy(shipped("MR_small_jpeg_ls_lossless.dcm"), tmp_path / "ls.dcm")
    with pytest.raises(
        DataError, match=r"ls\.dcm: compressed as JPEG-LS Lossless Image Compression, for which no decoder"
    ):
        loaded(tmp_path)
    assert len(loaded(tmp_path, skip_bad=True)[0]) == 1


@pytest.mark.parametrize(("module", "file"), [("pydicom", "a.dcm"), ("nibabel", "a.nii.gz")])
def test_without_the_extra_a_sentence_says_what_to_install(tmp_path, monkeypatch, module, file):
    put(tmp_path / file, b"x")
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(DataError, match=rf"need {module}: pip install 'gancli\[medical\]'"):
        data.load(str(tmp_path))
    photo(tmp_path / "x.png")
    assert len(data.load(str(tmp_path))) == 1


# --- NIfTI


def block():
    """A volume (right, anterior, superior) whose values say where they are: up to 9 in each direction."""
    right, front, above = np.meshgrid(range(6), range(6), range(4), indexing="ij")
    return (right + 10 * front + 60 * above).astype(np.int16)


@pytest.mark.parametrize("axes", ["RAS", "LPS", "LAS", "PIR", "SAR"])
@pytest.mark.parametrize("ending", [".nii", ".nii.gz"])
def test_slices_are_the_same_whatever_axes_a_volume_is_stored_in(tmp_path, axes, ending):
    nibabel = pytest.importorskip("nibabel")
    from nibabel import orientations

    image = nibabel.Nifti1Image(block(), np.eye(4))
    change = orientations.ornt_transform(orientations.axcodes2ornt("RAS"), orientations.axcodes2ornt(axes))
    nibabel.save(image.as_reoriented(change), tmp_path / f"a{ending}")
    found, said = loaded(tmp_path, pixel_range="0:255")
    assert found.shape == (4, 6, 6)
    for above in range(4):
        expected = block()[:, ::-1, above].T  # the front at the top, left at the left
        assert np.array_equal(found[above], expected)
    assert any("1 NIfTI volume: 4 images" in one for one in said)
    assert any(f"turned to the axes RAS: a{ending} ({axes})" in one for one in said) == (axes != "RAS")


def test_volumes_in_time_follow_one_another(tmp_path):
    pytest.importorskip("nibabel")
    values = np.stack([block(), block() + 1], axis=-1)
    write_nifti(tmp_path / "a.nii.gz", values)
    found, _ = loaded(tmp_path, pixel_range="0:255")
    assert len(found) == 8
    assert np.array_equal(found[4:], found[:4] + 1)
    names = [file.name for file in data.inspect(str(tmp_path)).pictures.pictures]
    assert (names[0], names[-1]) == ("a#0000-0000.nii.gz", "a#0001-0003.nii.gz")


def test_label_maps_of_volumes_are_those_of_their_slices(tmp_path):
    pytest.importorskip("nibabel")
    write_nifti(tmp_path / "images" / "a.nii.gz", block())
    write_nifti(tmp_path / "labels" / "a.nii.gz", (block() % 3).astype(np.uint8))
    dataset = data.load(str(tmp_path), Request(pixel_range="0:255", color="gray"))
    assert np.array_equal(dataset.train["map"][:], dataset.train["image"][..., 0] % 3)


def test_slope_and_intercept_of_a_volume_are_applied(tmp_path):
    nibabel = pytest.importorskip("nibabel")
    image = nibabel.Nifti1Image(block(), np.eye(4))
    image.header.set_slope_inter(0.5, 10)
    nibabel.save(image, tmp_path / "a.nii")
    found, said = loaded(tmp_path, pixel_range="0:255")
    raw = nibabel.load(tmp_path / "a.nii").get_fdata()
    assert np.abs(found[1] - raw[:, ::-1, 1].T).max() <= 0.51
    assert any("rescaled by slope and intercept: a.nii" in one for one in said)


def test_a_volume_of_colors_is_in_colors(tmp_path):
    nibabel = pytest.importorskip("nibabel")
    colors = np.zeros((6, 6, 2), [("R", "u1"), ("G", "u1"), ("B", "u1")])
    colors["R"], colors["B"] = 200, np.arange(6)[:, None, None]
    nibabel.save(nibabel.Nifti1Image(colors, np.eye(4)), tmp_path / "a.nii")
    found = data.load(str(tmp_path)).train["image"]
    assert found.shape == (2, 6, 6, 3)
    assert found[0, 0, 3].tolist() == [200, 0, 3]
