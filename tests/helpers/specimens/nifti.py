"""NIfTI volumes: one that nibabel ships, and volumes that it writes, with label maps."""

from pathlib import Path

import numpy as np

from tests.helpers.specimens import Specimen

NAME = "NIfTI volumes"


def write(path, values, *, affine=None):
    """A volume (right, anterior, superior[, time]), or in the orientation of the affine."""
    import nibabel

    path.parent.mkdir(parents=True, exist_ok=True)
    nibabel.save(nibabel.Nifti1Image(values, np.eye(4) if affine is None else affine), path)
    return path


def real(folder):
    """The volume of anatomy that nibabel ships: big-endian, 33x41x25, its first axis pointing left."""
    import nibabel

    source = Path(nibabel.__file__).parent / "tests" / "data" / "anatomical.nii"
    (folder / "anatomical.nii").write_bytes(source.read_bytes())
    return folder / "anatomical.nii"


def with_maps(folder):
    """Two volumes and their label maps, compressed."""
    random = np.random.default_rng(0)
    for name in ("one", "two"):
        maps = (np.arange(8 * 8 * 3).reshape(8, 8, 3) % 3).astype(np.uint8)
        write(folder / "brats" / "images" / f"{name}.nii.gz", random.integers(0, 900, (8, 8, 3)).astype(np.int16))
        write(folder / "brats" / "labels" / f"{name}.nii.gz", maps)
    return folder / "brats"


SPECIMENS = [
    Specimen(
        "the anatomy of nibabel",
        real,
        NAME,
        {"train": 25},
        ("image",),
        remarks=("1 NIfTI volume: 25 images", "anatomical.nii (LAS)"),
        needs=("nibabel",),
    ),
    Specimen("volumes with label maps", with_maps, NAME, {"train": 6}, ("image", "map"), 3, needs=("nibabel",)),
]
