#!/usr/bin/env bash
# Which numbers does a mask of 0 and 255 have after Pillow wrote it as GIF and read it again?
#
# Carvana's masks are GIF files, and gancli must tell which of their numbers is the car.
#
# Answer (pillow 13.0.0, numpy 2.4.6, Python 3.11): those of the palette, which Pillow makes anew for each file. 0 and 255
# become 0 and 1; a mask of 255 alone becomes 0, the number of the background in its neighbors. But a mask of one bit (mode
# 1), or of numbers without gaps, keeps its values, so that one folder may hold masks of 0 and 1 and masks of 0 and 255.
# Nothing is lost: convert("L") gives the values that were written, and so does saving with optimize=False.
#
# Output:
#   | pillow 13.0.0, numpy 2.4.6
#   | mode L, [0, 0, 255, 255]: read as P, [0, 0, 1, 1]; as L, [0, 0, 255, 255]
#   | mode L, [255, 255, 255, 255]: read as P, [0, 0, 0, 0]; as L, [255, 255, 255, 255]
#   | mode 1, [0, 0, 255, 255]: read as L, [0, 0, 255, 255]; as L, [0, 0, 255, 255]
#   | mode L, [0, 1, 2, 3]: read as L, [0, 1, 2, 3]; as L, [0, 1, 2, 3]
#   | mode L, [0, 128, 255, 255]: read as P, [0, 1, 2, 2]; as L, [0, 128, 255, 255]
#   | mode L, [0, 0, 255, 255], optimize=False: read as L, [0, 0, 255, 255]; as L, [0, 0, 255, 255]
#
# Run: bash findings/masks-in-gif.sh     (downloads Pillow and NumPy into a temporary folder; ten seconds)
# Exits with 1 if the output differs.
set -euo pipefail

place="$(mktemp -d)"
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place"
"$place/bin/pip" install --quiet pillow==13.0.0 numpy==2.4.6

cat >"$place/show.py" <<'PY'
import io

import numpy as np
import PIL
from PIL import Image

print(f"pillow {PIL.__version__}, numpy {np.__version__}")


def show(mode, values, **options):
    buffer = io.BytesIO()
    Image.fromarray(np.array([values], np.uint8)).convert(mode).save(buffer, "GIF", **options)
    with Image.open(buffer) as picture:
        plain, gray = (np.asarray(one)[0].tolist() for one in (picture, picture.convert("L")))
        note = ", ".join(f"{name}={value}" for name, value in options.items())
        print(f"mode {mode}, {values}{note and ', ' + note}: read as {picture.mode}, {plain}; as L, {gray}")


show("L", [0, 0, 255, 255])
show("L", [255, 255, 255, 255])
show("1", [0, 0, 255, 255])
show("L", [0, 1, 2, 3])
show("L", [0, 128, 255, 255])
show("L", [0, 0, 255, 255], optimize=False)
PY
"$place/bin/python" -W ignore "$place/show.py" >"$place/seen"

if ! diff <(sed -n 's/^#   | //p' "${BASH_SOURCE[0]}") "$place/seen"; then
    echo "The output has changed: < before, > now." >&2
    exit 1
fi
cat "$place/seen"
echo "The output is the same as before."
