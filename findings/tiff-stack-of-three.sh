#!/usr/bin/env bash
# Is a stack of three slices, saved by tifffile and opened again, a stack of three slices?
#
# A microscope's stack is an array (slices, height, width). tifffile saves it, and any reader sees one page per slice.
#
# Answer (tifffile 2026.3.3, pillow 13.0.0, numpy 2.4.6, Python 3.11): with two or five slices it is, with three or four it
# is one color picture. imwrite guesses the meaning of the axes: an array (3, H, W) or (4, H, W) of 8 or 16 bits is stored
# as the planes of RGB or RGBA in a single page, with a DeprecationWarning. tifffile returns the slices again, and all
# other readers see one picture. photometric="minisblack" prevents it. And of pages written one by one with write(), all
# are in the file, but imread returns the first alone, without contiguous=True.
#
# Output:
#   | tifffile 2026.3.3, pillow 13.0.0, numpy 2.4.6
#   | imwrite, uint8 (2, 8, 8)               pages: 2   imread: (2, 8, 8)     Pillow: 2 of mode L         warnings: none
#   | imwrite, uint8 (3, 8, 8)               pages: 1   imread: (3, 8, 8)     Pillow: 1 of mode RGB       warnings: DeprecationWarning
#   | imwrite, uint8 (4, 8, 8)               pages: 1   imread: (4, 8, 8)     Pillow: 1 of mode RGBA      warnings: DeprecationWarning
#   | imwrite, uint8 (5, 8, 8)               pages: 5   imread: (5, 8, 8)     Pillow: 5 of mode L         warnings: none
#   | imwrite, uint16 (2, 8, 8)              pages: 2   imread: (2, 8, 8)     Pillow: 2 of mode I;16      warnings: none
#   | imwrite, uint16 (3, 8, 8)              pages: 1   imread: (3, 8, 8)     Pillow: 1 of mode RGB       warnings: DeprecationWarning
#   | imwrite, uint16 (4, 8, 8)              pages: 1   imread: (4, 8, 8)     Pillow: 1 of mode RGBA      warnings: DeprecationWarning
#   | imwrite, uint16 (5, 8, 8)              pages: 5   imread: (5, 8, 8)     Pillow: 5 of mode I;16      warnings: none
#   | the same with photometric, (3, 8, 8)   pages: 3   imread: (3, 8, 8)     Pillow: 3 of mode L         warnings: none
#   | write() five times, (8, 8)             pages: 5   imread: (8, 8)        Pillow: 5 of mode L         warnings: none
#   | the same with contiguous=True          pages: 5   imread: (5, 8, 8)     Pillow: 5 of mode L         warnings: none
#
# Run: bash findings/tiff-stack-of-three.sh     (downloads tifffile and Pillow into a temporary folder; half a minute)
# Exits with 1 if the output differs.
set -euo pipefail

place="$(mktemp -d)"
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place"
"$place/bin/pip" install --quiet tifffile==2026.3.3 pillow==13.0.0 numpy==2.4.6

"$place/bin/python" - "$place" 2>/dev/null >"$place/seen" <<'PY'
import sys
import warnings

import numpy as np
import PIL
import tifffile
from PIL import Image

path = f"{sys.argv[1]}/stack.tif"
print(f"tifffile {tifffile.__version__}, pillow {PIL.__version__}, numpy {np.__version__}")


def show(title, warned):
    with tifffile.TiffFile(path) as file:
        pages = len(file.pages)
    read = tifffile.imread(path).shape
    try:
        with Image.open(path) as picture:
            pillow = f"{picture.n_frames} of mode {picture.mode}"
    except Image.UnidentifiedImageError:
        pillow = "cannot be opened"
    warned = ", ".join(sorted({one.category.__name__ for one in warned})) or "none"
    print(f"{title:38} pages: {pages}   imread: {str(read):11}   Pillow: {pillow:17}   warnings: {warned}")


for kind in ("uint8", "uint16"):
    for count in (2, 3, 4, 5):
        with warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            tifffile.imwrite(path, np.zeros((count, 8, 8), kind))
        show(f"imwrite, {kind} ({count}, 8, 8)", warned)
tifffile.imwrite(path, np.zeros((3, 8, 8), "uint8"), photometric="minisblack")
show("the same with photometric, (3, 8, 8)", [])
with tifffile.TiffWriter(path) as writer:
    for _ in range(5):
        writer.write(np.zeros((8, 8), "uint8"))
show("write() five times, (8, 8)", [])
with tifffile.TiffWriter(path) as writer:
    for _ in range(5):
        writer.write(np.zeros((8, 8), "uint8"), contiguous=True)
show("the same with contiguous=True", [])
PY

if ! diff <(sed -n 's/^#   | //p' "${BASH_SOURCE[0]}") "$place/seen"; then
    echo "The output has changed: < before, > now." >&2
    exit 1
fi
cat "$place/seen"
echo "The output is the same as before."
