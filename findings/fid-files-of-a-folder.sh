#!/usr/bin/env bash
# Which files of a folder of pictures do pytorch-fid, torch-fidelity and clean-fid compute an FID of?
#
# The folder holds PNG and JPEG, names in capitals, WebP, TIFF, and a folder for each class.
#
# Answer (pytorch-fid 0.3.0, torch-fidelity 0.4.0, clean-fid 0.1.35, Python 3.11): three different sets, without a warning.
# By default the first two do not look into folders; pytorch-fid misses endings in capitals, and torch-fidelity all but PNG
# and JPEG. clean-fid looks into folders and takes NumPy's arrays too, but misses .TIF. So compare FIDs of two programs on
# folders of .png alone.
#
# Output:
#   | pytorch-fid 0.3.0, torch-fidelity 0.4.0, clean-fid 0.1.35
#   | pytorch-fid: a.png b.jpg c.jpeg f.webp g.tif
#   | torch-fidelity: D.PNG E.JPG a.png b.jpg c.jpeg
#   | clean-fid: D.PNG E.JPG a.png b.jpg c.jpeg cats/i.png cats/j.webp f.webp g.tif k.npy
#
# Run: bash findings/fid-files-of-a-folder.sh     (downloads PyTorch into a temporary folder; some minutes)
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
from cleanfid import fid as clean
from PIL import Image
from pytorch_fid import fid_score
from torch_fidelity.defaults import DEFAULTS
from torch_fidelity.utils import glob_samples_paths

names = ("pytorch-fid", "torch-fidelity", "clean-fid")
print(*(f"{name} {importlib.metadata.version(name)}" for name in names), sep=", ")
folder = Path(sys.argv[1]) / "pictures"
FILES = ("a.png", "b.jpg", "c.jpeg", "D.PNG", "E.JPG", "f.webp", "g.tif", "H.TIF", "cats/i.png", "cats/j.webp")
for name in FILES:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (8, 8)).save(folder / name)
np.save(folder / "k.npy", np.zeros((8, 8, 3), np.uint8))
found = {}
fid_score.calculate_activation_statistics = lambda files, *_: found.update({"pytorch-fid": files}) or (0, 0)
fid_score.compute_statistics_of_path(str(folder), None, 50, 2048, "cpu")
options = {name: DEFAULTS[name] for name in ("samples_find_deep", "samples_find_ext", "samples_ext_lossy", "verbose")}
found["torch-fidelity"] = glob_samples_paths(str(folder), *options.values())
clean.get_files_features = lambda files, *_, **__: found.update({"clean-fid": files})
clean.get_folder_features(str(folder), verbose=False)
for name, files in found.items():
    print(f"{name}: {' '.join(sorted(str(Path(file).resolve().relative_to(folder.resolve())) for file in files))}")
PY
"$place/bin/python" "$place/show.py" "$place" >"$place/seen" 2>/dev/null

if ! diff <(sed -n 's/^#   | //p' "${BASH_SOURCE[0]}") "$place/seen"; then
    echo "The output has changed: < before, > now." >&2
    exit 1
fi
cat "$place/seen"
echo "The output is the same as before."
