#!/usr/bin/env bash
# Do the labels of a NIfTI label map survive set_data_dtype(np.uint8)?
#
# Segmentations are whole numbers, often computed as floats; BraTS has the labels 0, 1, 2 and 4. To store them in bytes,
# the type of the file is set, and the image saved.
#
# Answer (nibabel 5.4.2, numpy 2.4.6, Python 3.11): no, if the array is of floats. The file then gets a slope that spreads
# the values over all 256 bytes, so that 0, 1, 2, 4 are stored as 0, 64, 127, 255 and read as 0, 1.0039, 1.9922, 4.0000,
# without a warning. With 16 bits the values look right in four digits, and still none is equal to 1. Arrays of integers
# whose values fit are stored as they are; so converting the array itself is safe.
#
# Output:
#   | nibabel 5.4.2, numpy 2.4.6
#   | float64, set_data_dtype(uint8)   stored 0 64 127 255   read 0.0000 1.0039 1.9922 4.0000   voxels equal to 1: 0 of 2
#   | float32, set_data_dtype(uint8)   stored 0 64 127 255   read 0.0000 1.0039 1.9922 4.0000   voxels equal to 1: 0 of 2
#   | float64, set_data_dtype(int16)   stored -32768 -16384 0 32767   read 0.0000 1.0000 2.0000 4.0000   voxels equal to 1: 0 of 2
#   | int64, set_data_dtype(uint8)     stored 0 1 2 4   read 0.0000 1.0000 2.0000 4.0000   voxels equal to 1: 2 of 2
#   | int16, set_data_dtype(uint8)     stored 0 1 2 4   read 0.0000 1.0000 2.0000 4.0000   voxels equal to 1: 2 of 2
#   | uint8                            stored 0 1 2 4   read 0.0000 1.0000 2.0000 4.0000   voxels equal to 1: 2 of 2
#
# Run: bash findings/nifti-labels-as-bytes.sh     (downloads nibabel into a temporary folder; half a minute)
# Exits with 1 if the output differs.
set -euo pipefail

place="$(mktemp -d)"
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place"
"$place/bin/pip" install --quiet nibabel==5.4.2 numpy==2.4.6

"$place/bin/python" - 2>/dev/null >"$place/seen" <<'PY'
import warnings

import nibabel
import numpy as np

warnings.simplefilter("error")  # a warning would be part of the answer
print(f"nibabel {nibabel.__version__}, numpy {np.__version__}")
LABELS = np.array([0, 1, 2, 4, 1, 0, 2, 4]).reshape(2, 2, 2)
for kind, stored in (
    ("float64", "uint8"),
    ("float32", "uint8"),
    ("float64", "int16"),
    ("int64", "uint8"),
    ("int16", "uint8"),
    ("uint8", ""),
):
    image = nibabel.Nifti1Image(LABELS.astype(kind), np.eye(4), dtype=kind)
    if stored:
        image.set_data_dtype(np.dtype(stored))
    again = nibabel.Nifti1Image.from_bytes(image.to_bytes())
    bytes_in_file = np.unique(again.dataobj.get_unscaled())
    values = np.asanyarray(again.dataobj)
    title = kind + (f", set_data_dtype({stored})" if stored else "")
    listed = " ".join(f"{value:.4f}" for value in np.unique(values))
    print(
        f"{title:32} stored {' '.join(map(str, bytes_in_file))}   read {listed}   "
        f"voxels equal to 1: {(values == 1).sum()} of {(LABELS == 1).sum()}"
    )
PY

if ! diff <(sed -n 's/^#   | //p' "${BASH_SOURCE[0]}") "$place/seen"; then
    echo "The output has changed: < before, > now." >&2
    exit 1
fi
cat "$place/seen"
echo "The output is the same as before."
