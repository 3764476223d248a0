"""DICOM files: real ones that pydicom ships, and some that it writes."""

from pathlib import Path

import numpy as np

from tests.helpers.specimens import Specimen

NAME = "DICOM files"


def write(path, frames, *, kind="MONOCHROME2", **tags):
    """Frames uint16 or int16 (count, height, width), or uint8 (count, height, width, 3), as an uncompressed file."""
    import pydicom
    from pydicom.dataset import FileDataset, FileMetaDataset
    from pydicom.uid import ExplicitVRLittleEndian, generate_uid

    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1.7"
    meta.MediaStorageSOPInstanceUID = generate_uid()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    found = FileDataset(str(path), {}, file_meta=meta, preamble=bytes(128))
    found.Rows, found.Columns = frames.shape[1:3]
    found.NumberOfFrames = len(frames)
    found.SamplesPerPixel = 3 if frames.ndim == 4 else 1
    if frames.ndim == 4:
        found.PlanarConfiguration = 0
    found.PhotometricInterpretation = kind
    found.BitsAllocated = found.BitsStored = 8 * frames.dtype.itemsize
    found.HighBit = found.BitsStored - 1
    found.PixelRepresentation = int(frames.dtype.kind == "i")
    found.PixelData = frames.tobytes()
    for name, value in tags.items():
        setattr(found, name, value)
    path.parent.mkdir(parents=True, exist_ok=True)
    pydicom.dcmwrite(path, found, enforce_file_format=True)
    return path


def series(folder):
    """A series without endings: five slices of 12 bits in values of Hounsfield, and one file of four frames."""
    values = np.random.default_rng(0).integers(0, 4096, (9, 8, 8)).astype(np.uint16)
    for number in range(5):
        write(folder / "CT" / f"IM{number:04}", values[number : number + 1], RescaleSlope=1, RescaleIntercept=-1024)
    write(folder / "CT" / "cine.dcm", values[5:])
    return folder / "CT"


def real(folder):
    """A slice of a computed tomography and one of a magnetic resonance, as pydicom ships them."""
    from pydicom.data import get_testdata_file

    (folder / "real").mkdir()
    for name in ("CT_small.dcm", "MR_small.dcm", "MR_small_RLE.dcm"):
        (folder / "real" / name).write_bytes(Path(get_testdata_file(name, download=False)).read_bytes())
    return folder / "real"


SPECIMENS = [
    Specimen(
        "a series without endings",
        series,
        NAME,
        {"train": 9},
        ("image",),
        remarks=(
            "1 DICOM files of several frames: 4 images",
            "rescaled by slope and intercept: 1 and -1024 of 5 images",
        ),
        needs=("pydicom",),
    ),
    Specimen(
        "real files",
        real,
        NAME,
        {"train": 3},
        ("image",),
        remarks=("center 600, width 1,600 of 2 images", "1 and -1024 of 1 images", "3 axial"),
        needs=("pydicom",),
    ),
]
