#!/usr/bin/env bash
# Which pixels do pytorch-fid, torch-fidelity and clean-fid take from gray PNG of 16 bits, and from transparent pictures?
#
# Microscopes and scanners write 16 bits; generators of sprites and logos write transparency. The network gets 8-bit RGB.
#
# Answer (pytorch-fid 0.3.0, torch-fidelity 0.4.0, clean-fid 0.1.35, Pillow 13.0.0, Python 3.11): all three call Pillow's
# convert("RGB"). It does not scale 16 bits: every value from 255 on is white. It does not draw transparent pixels over a
# background: it takes the color that is stored beneath, which nobody sees and programs set as they like. There is no
# warning, so an FID of such folders compares white pictures, or hidden colors. Convert them to 8-bit RGB first.
#
# Output:
#   | pytorch-fid 0.3.0, torch-fidelity 0.4.0, clean-fid 0.1.35, pillow 13.0.0
#   | gray, 16 bits, value 100: pytorch-fid [100, 100, 100], torch-fidelity [100, 100, 100], clean-fid [100, 100, 100]
#   | gray, 16 bits, value 300: pytorch-fid [255, 255, 255], torch-fidelity [255, 255, 255], clean-fid [255, 255, 255]
#   | gray, 16 bits, value 32768: pytorch-fid [255, 255, 255], torch-fidelity [255, 255, 255], clean-fid [255, 255, 255]
#   | red, nothing of it visible: pytorch-fid [255, 0, 0], torch-fidelity [255, 0, 0], clean-fid [255, 0, 0]
#   | red, half of it visible: pytorch-fid [255, 0, 0], torch-fidelity [255, 0, 0], clean-fid [255, 0, 0]
#
# Run: bash findings/fid-of-16-bit-png.sh     (downloads PyTorch into a temporary folder; some minutes)
# Exits with 1 if the output differs.
set -euo pipefail

place="$(mktemp -d)"
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place"
"$place/bin/pip" install --quiet torch==2.14.1 torchvision==0.29.1 torch-fidelity==0.4.0 pytorch-fid==0.3.0 \
    clean-fid==0.1.35 pillow==13.0.0 numpy==2.4.6 scipy==1.17.1

cat >"$place/show.py" <<'PY'
import importlib.metadata
import sys
from pathlib import Path

import numpy as np
from cleanfid.utils import ResizeDataset
from PIL import Image
from pytorch_fid.fid_score import ImagePathDataset
from torch_fidelity.datasets import ImagesPathDataset

names = ("pytorch-fid", "torch-fidelity", "clean-fid", "pillow")
print(*(f"{name} {importlib.metadata.version(name)}" for name in names), sep=", ")
SIDE = (299, 299)  # the network's, so that nothing is resized
pictures = {f"gray, 16 bits, value {value}": np.full(SIDE, value, np.uint16) for value in (100, 300, 32768)}
for words, alpha in (("nothing", 0), ("half", 128)):
    pictures[f"red, {words} of it visible"] = np.full((*SIDE, 4), (255, 0, 0, alpha), np.uint8)
for title, pixels in pictures.items():
    path = Path(sys.argv[1]) / "picture.png"
    Image.fromarray(pixels).save(path)
    found = {
        "pytorch-fid": np.asarray(ImagePathDataset([path])[0])[0, 0],
        "torch-fidelity": ImagesPathDataset([path])[0].numpy()[:, 0, 0],
        "clean-fid": ResizeDataset([path], "clean")[0].numpy()[:, 0, 0],
    }
    print(f"{title}: " + ", ".join(f"{name} {np.rint(pixel).astype(int).tolist()}" for name, pixel in found.items()))
PY
"$place/bin/python" "$place/show.py" "$place" >"$place/seen" 2>/dev/null

if ! diff <(sed -n 's/^#   | //p' "${BASH_SOURCE[0]}") "$place/seen"; then
    echo "The output has changed: < before, > now." >&2
    exit 1
fi
cat "$place/seen"
echo "The output is the same as before."
