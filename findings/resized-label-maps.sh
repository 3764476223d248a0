#!/usr/bin/env bash
# Does `PIL.Image.resize` put numbers into a label map that it did not hold?
#
# gancli reads label maps in whatever mode people save them, and must bring maps of another size to their pictures'.
#
# Answer (pillow 13.0.0, numpy 2.4.6, Python 3.11): it depends on the mode of the file, not on the numbers. A map with a
# palette (P) keeps its numbers, whatever filter is asked for: Pillow takes the nearest pixel without
# a word. The same map in gray (L) or in 16 bits (I;16) gets new numbers from the default filter, bicubic, and from
# bilinear. So a script that resizes Pascal VOC's maps, which have palettes, ruins those of Cityscapes. Always give
# resample=NEAREST.
#
# Output:
#   | pillow 13.0.0, numpy 2.4.6
#   | a map of 0, 1, 2 and 20, from 16x16 to 11x11 pixels:
#   | L    default: 0 1 2 5 10 11 12 20 21 22 | bilinear: 0 1 2 6 11 20 | nearest: 0 1 2 20
#   | P    default: 0 1 2 20 | bilinear: 0 1 2 20 | nearest: 0 1 2 20
#   | I;16 default: 0 1 2 6 11 12 20 21 22 | bilinear: 0 1 2 6 11 20 | nearest: 0 1 2 20
#
# Run: bash findings/resized-label-maps.sh     (downloads Pillow and NumPy into a temporary folder; ten seconds)
# Exits with 1 if the output differs.
set -euo pipefail

place="$(mktemp -d)"
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place"
"$place/bin/pip" install --quiet pillow==13.0.0 numpy==2.4.6

cat >"$place/show.py" <<'PY'
import numpy as np
import PIL
from PIL import Image

print(f"pillow {PIL.__version__}, numpy {np.__version__}")
print("a map of 0, 1, 2 and 20, from 16x16 to 11x11 pixels:")
numbers = np.kron([[0, 1], [2, 20]], np.ones((8, 8))).astype(np.uint8)
palette = Image.fromarray(numbers, "P")
palette.putpalette([part for number in range(256) for part in (number, 255 - number, 7 * number % 256)])
FILTERS = {"default": {}, "bilinear": {"resample": Image.Resampling.BILINEAR}, "nearest": {"resample": Image.Resampling.NEAREST}}
for picture in (Image.fromarray(numbers), palette, Image.fromarray(numbers.astype(np.uint16))):
    found = {name: np.unique(np.asarray(picture.resize((11, 11), **options))) for name, options in FILTERS.items()}
    print(f"{picture.mode:4}", " | ".join(f"{name}: {' '.join(map(str, values))}" for name, values in found.items()))
PY
"$place/bin/python" -W ignore "$place/show.py" >"$place/seen"

if ! diff <(sed -n 's/^#   | //p' "${BASH_SOURCE[0]}") "$place/seen"; then
    echo "The output has changed: < before, > now." >&2
    exit 1
fi
cat "$place/seen"
echo "The output is the same as before."
