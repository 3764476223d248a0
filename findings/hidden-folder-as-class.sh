#!/usr/bin/env bash
# Which classes does torchvision's ImageFolder see in a folder of classes that also holds hidden folders and files?
#
# Jupyter leaves .ipynb_checkpoints, git leaves .git, and macOS leaves ._ files beside pictures. A loader of image folders
# may pass over them, or take them for classes and pictures.
#
# Answer (torchvision 0.29.1, torch 2.14.1, Python 3.11): a hidden folder is a class like any other. It sorts before
# letters and digits, so it is class 0, and the label of every other class grows by one, without a word; a model that was
# trained before Jupyter opened the folder then scores as if it had learned nothing. If the hidden folder holds no picture,
# the whole data set is refused. Hidden files, and pictures in hidden folders below a class, are pictures of that class.
#
# Output:
#   | torchvision 0.29.1, torch 2.14.1
#   | cat, dog: cat/1.png=0 dog/2.png=1
#   | with .ipynb_checkpoints: .ipynb_checkpoints/1-checkpoint.png=0 cat/1.png=1 dog/2.png=2
#   | with an empty .git: FileNotFoundError: Found no valid file for the classes .git.
#   | with hidden files: cat/._1.png=0 cat/1.png=0 cat/.trash/0.png=0 dog/2.png=1
#
# Run: bash findings/hidden-folder-as-class.sh     (downloads PyTorch into a temporary folder, 5 GB; some minutes)
# Exits with 1 if the output differs.
set -euo pipefail

place="$(mktemp -d)"
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place"
"$place/bin/pip" install --quiet torch==2.14.1 torchvision==0.29.1 pillow==12.3.0 numpy==2.4.6
cat >"$place/show.py" <<'PY'
import pathlib
import sys
from importlib.metadata import version

from PIL import Image
from torchvision.datasets import ImageFolder

CLASSES = ("cat/1.png", "dog/2.png")
MORE = {
    "cat, dog": (),
    "with .ipynb_checkpoints": (".ipynb_checkpoints/1-checkpoint.png",),
    "with an empty .git": (".git/",),
    "with hidden files": ("cat/._1.png", "cat/.trash/0.png"),
}
print(f"torchvision {version('torchvision')}, torch {version('torch')}")
for number, (title, more) in enumerate(MORE.items()):
    root = pathlib.Path(sys.argv[1]) / str(number)
    for name in (*CLASSES, *more):
        path = root / name
        (path if name.endswith("/") else path.parent).mkdir(parents=True, exist_ok=True)
        if not name.endswith("/"):
            Image.new("RGB", (8, 8)).save(path)
    try:
        found = ImageFolder(root)
    except FileNotFoundError as error:
        print(f"{title}: FileNotFoundError: {str(error).partition(' Supported')[0]}")
    else:
        rows = [f"{pathlib.Path(name).relative_to(root)}={label}" for name, label in found.samples]
        print(f"{title}: {' '.join(rows)}")
PY
"$place/bin/python" "$place/show.py" "$place/data" >"$place/seen" 2>/dev/null

if ! diff <(sed -n 's/^#   | //p' "${BASH_SOURCE[0]}") "$place/seen"; then
    echo "The output has changed: < before, > now." >&2
    exit 1
fi
cat "$place/seen"
echo "The output is the same as before."
