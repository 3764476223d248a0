#!/usr/bin/env bash
# What does safetensors.numpy write of arrays whose rows do not follow one another in memory, and of bfloat16?
#
# gancli export --format hub writes weights from numpy; weights of other programs are often transposed.
#
# Answer (numpy 2.4.6, Python 3.11): up to safetensors 0.7.0 what the array holds. 0.8.0 writes the memory from the array's
# first number on: a transposed array comes back with its numbers in another order, a view of some columns or a repeated row
# with numbers that it does not hold, and there is no warning (reported: github.com/safetensors/safetensors/issues/825).
# bfloat16 of ml_dtypes is written as BF16 by both, and neither can read it: a KeyError. np.ascontiguousarray helps, but
# turns a scalar into an array of shape (1,); np.asarray(array, order="C") does not.
#
# Output:
#   | safetensors 0.7.0
#   |   transposed: as it was
#   |   big-endian and transposed: as it was
#   |   every second column: as it was
#   |   a row, repeated: as it was
#   |   bfloat16: written as BF16, read: KeyError: 'BF16'
#   | safetensors 0.8.0
#   |   transposed: its numbers in another order
#   |   big-endian and transposed: its numbers in another order
#   |   every second column: other numbers
#   |   a row, repeated: other numbers
#   |   bfloat16: written as BF16, read: KeyError: 'BF16'
#   | a scalar, by np.ascontiguousarray: (1,), by np.asarray with order C: ()
#
# Run: bash findings/safetensors-of-views.sh     (downloads small packages into a temporary folder; half a minute)
# Exits with 1 if the output differs.
set -euo pipefail

place="$(mktemp -d)"
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place"

cat >"$place/show.py" <<'PY'
import importlib.metadata
import warnings

import ml_dtypes
import numpy as np
from safetensors.numpy import load, save

warnings.simplefilter("error")  # a warning would be part of the answer
square = np.arange(12, dtype=np.float32).reshape(3, 4)
arrays = {
    "transposed": square.T,
    "big-endian and transposed": square.astype(">f4").T,
    "every second column": square[:, ::2],
    "a row, repeated": np.broadcast_to(square[0], (3, 4)),
}


def outcome(array):
    """What comes back of an array that was written."""
    back = load(save({"a": array}))["a"]
    if np.array_equal(back, array):
        return "as it was"
    same = sorted(back.ravel().tolist()) == sorted(array.ravel().tolist())
    return "its numbers in another order" if same else "other numbers"


print(f"safetensors {importlib.metadata.version('safetensors')}")
for name, array in arrays.items():
    print(f"  {name}: {outcome(array)}")
content = save({"a": square.astype(ml_dtypes.bfloat16)})
written = "BF16" if b'"BF16"' in content else "another dtype"
try:
    load(content)
    read = "read"
except Exception as error:
    read = f"read: {type(error).__name__}: {error}"
print(f"  bfloat16: written as {written}, {read}")
PY
{
    for version in 0.7.0 0.8.0; do
        "$place/bin/pip" install --quiet "safetensors==$version" numpy==2.4.6 ml_dtypes==0.6.0
        "$place/bin/python" "$place/show.py"
    done
    "$place/bin/python" -c 'import numpy as np; x = np.float32(1); print(f"a scalar, by np.ascontiguousarray: {np.ascontiguousarray(x).shape}, by np.asarray with order C: {np.asarray(x, order=chr(67)).shape}")'
} >"$place/seen"

if ! diff <(sed -n 's/^#   | //p' "${BASH_SOURCE[0]}") "$place/seen"; then
    echo "The output has changed: < before, > now." >&2
    exit 1
fi
cat "$place/seen"
echo "The output is the same as before."
