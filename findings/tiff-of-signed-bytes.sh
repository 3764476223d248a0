#!/usr/bin/env bash
# Which whole numbers in a TIFF file does Pillow return as other numbers?
#
# Microscopes and scientific programs write signed and unsigned numbers of 8, 16 and 32 bits; the tag SampleFormat says
# which.
#
# Answer (Pillow 13.0.0, tifffile 2026.3.3, Python 3.11): signed bytes are opened as mode L, where -1 is 255 and -128 is
# 128, and unsigned numbers of 32 bits as mode I, where those from 2,147,483,648 on are negative; without an error or a
# warning. Signed numbers of 16 bits are right (mode I). gancli refuses the two that are wrong.
#
# Output:
#   | pillow 13.0.0, tifffile 2026.3.3, numpy 2.4.6
#   | int8 [-128, -1, 127]: mode L, [128, 255, 127]
#   | int16 [-32768, -1, 32767]: mode I, [-32768, -1, 32767]
#   | int32 [-2147483648, -1, 2147483647]: mode I, [-2147483648, -1, 2147483647]
#   | uint8 [0, 1, 255]: mode L, [0, 1, 255]
#   | uint16 [0, 1, 65535]: mode I;16, [0, 1, 65535]
#   | uint32 [0, 1, 4294967295]: mode I, [0, 1, -1]
#
# Run: bash findings/tiff-of-signed-bytes.sh     (downloads three packages into a temporary folder; half a minute)
# Exits with 1 if the output differs.
set -euo pipefail

place="$(mktemp -d)"
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place"
"$place/bin/pip" install --quiet pillow==13.0.0 tifffile==2026.3.3 numpy==2.4.6

cat >"$place/show.py" <<'PY'
import importlib.metadata
import io

import numpy as np
import tifffile
from PIL import Image

names = ("pillow", "tifffile", "numpy")
print(*(f"{name} {importlib.metadata.version(name)}" for name in names), sep=", ")
for name in ("int8", "int16", "int32", "uint8", "uint16", "uint32"):
    limits = np.iinfo(name)
    values = np.array([[limits.min, -1 if limits.min else 1, limits.max]], name)
    file = io.BytesIO()
    tifffile.imwrite(file, values)
    with Image.open(file) as picture:
        print(f"{name} {values.ravel().tolist()}: mode {picture.mode}, {np.asarray(picture).ravel().tolist()}")
PY
"$place/bin/python" "$place/show.py" >"$place/seen"

if ! diff <(sed -n 's/^#   | //p' "${BASH_SOURCE[0]}") "$place/seen"; then
    echo "The output has changed: < before, > now." >&2
    exit 1
fi
cat "$place/seen"
echo "The output is the same as before."
