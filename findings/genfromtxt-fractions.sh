#!/usr/bin/env bash
# What does `numpy.genfromtxt` make of a fraction in a table of pixels that is read as whole numbers?
#
# Pixels of 0 to 1 in a CSV file, read with the type of images: one of two readers of the same library says that it is
# wrong.
#
# Answer (numpy 2.4.6, Python 3.11): no error and no warning. As int64 each fraction, and each empty cell, becomes -1;
# as uint8 each fraction becomes 0, so an image in 0 to 1 is black but for its ones. `numpy.loadtxt` raises a ValueError
# for all of these. 256 as uint8 is an error in both. gancli reads CSV files with loadtxt, with warnings as errors.
#
# Output:
#   | numpy 2.4.6
#   | 0.2,0.9,1 as int64: loadtxt ValueError, genfromtxt [-1, -1, 1]
#   | 0.2,0.9,1 as uint8: loadtxt ValueError, genfromtxt [0, 0, 1]
#   | 0,0.9,1 as int64: loadtxt ValueError, genfromtxt [0, -1, 1]
#   | 0,0.9,1 as uint8: loadtxt ValueError, genfromtxt [0, 0, 1]
#   | 0,,1 as int64: loadtxt ValueError, genfromtxt [0, -1, 1]
#   | 0,,1 as uint8: loadtxt ValueError, genfromtxt OverflowError
#   | 0,256,1 as int64: loadtxt [0, 256, 1], genfromtxt [0, 256, 1]
#   | 0,256,1 as uint8: loadtxt ValueError, genfromtxt OverflowError
#
# Run: bash findings/genfromtxt-fractions.sh     (downloads NumPy into a temporary folder; half a minute)
# Exits with 1 if the output differs.
set -euo pipefail

place="$(mktemp -d)"
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place"
"$place/bin/pip" install --quiet numpy==2.4.6

cat >"$place/show.py" <<'PY'
import importlib.metadata
import io
import warnings

import numpy as np

warnings.simplefilter("error")
print("numpy", importlib.metadata.version("numpy"))


def read(reader, text, dtype):
    try:
        return str(reader(io.StringIO(text), dtype=dtype, delimiter=",").tolist())
    except Exception as error:
        return type(error).__name__


for text in ("0.2,0.9,1", "0,0.9,1", "0,,1", "0,256,1"):
    for dtype in (np.int64, np.uint8):
        found = [f"{reader.__name__} {read(reader, text, dtype)}" for reader in (np.loadtxt, np.genfromtxt)]
        print(f"{text} as {dtype.__name__}: {', '.join(found)}")
PY
"$place/bin/python" "$place/show.py" >"$place/seen"

if ! diff <(sed -n 's/^#   | //p' "${BASH_SOURCE[0]}") "$place/seen"; then
    echo "The output has changed: < before, > now." >&2
    exit 1
fi
cat "$place/seen"
echo "The output is the same as before."
