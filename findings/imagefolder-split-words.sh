#!/usr/bin/env bash
# Which pictures and labels does `datasets.load_dataset("imagefolder", data_dir=…)` give for folders named like splits?
#
# gancli reads the same folders, and must not take a split for a class, or a class for a split.
#
# Answer (datasets 5.2.0, Python 3.11): a folder or file that is called train, test or val anywhere in its name makes it a
# split, and then nothing else is loaded: of the classes bus, car and train only the trains remain, of cat, dog and a
# folder test only the test, and one picture called a_test.png hides all others. Labels are the innermost folders,
# whatever they mean: with all pictures directly in train and test the labels are "test" and "train", with cat/train and
# dog/test too. train/cat, test/dog and the like are read as expected. There is no warning in any of these cases.
#
# Output:
#   | datasets 5.2.0, pyarrow 26.0.1
#   | train/cat, train/dog, test/cat, test/dog -> train 2, test 2; labels cat, dog
#   | train, train, test                       -> train 2, test 1; labels test, train
#   | cat/train, dog/train, cat/test, dog/test -> train 2, test 2; labels test, train
#   | cat, dog, test                           -> test 1; no labels
#   | bus, car, train                          -> train 1; no labels
#   | cat, dog, cat (a_test.png)               -> test 1; no labels
#   | cat, dog, cat                            -> train 3; labels cat, dog
#
# Run: bash findings/imagefolder-split-words.sh     (installs datasets into a temporary folder; a minute)
# Exits with 1 if the output differs.
set -euo pipefail

place="$(mktemp -d)"
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place"
"$place/bin/pip" install --quiet datasets==5.2.0 pyarrow==26.0.1 pillow==12.3.0
export HF_HOME="$place/home" HF_HUB_OFFLINE=1

cat >"$place/show.py" <<'PY'
import importlib.metadata
import tempfile
from pathlib import Path

import datasets
from PIL import Image

datasets.disable_progress_bars()
datasets.logging.set_verbosity_error()


def show(*folders, last=""):
    """One picture in each folder; the last may have a name of its own."""
    place = Path(tempfile.mkdtemp())
    for number, folder in enumerate(folders):
        name = last if last and number == len(folders) - 1 else f"{number}.png"
        (place / folder).mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (8, 8), (number, 0, 0)).save(place / folder / name)
    found = datasets.load_dataset("imagefolder", data_dir=str(place), cache_dir=tempfile.mkdtemp())
    features = next(iter(found.values())).features
    labels = f"labels {', '.join(features['label'].names)}" if "label" in features else "no labels"
    title = ", ".join(folders) + (f" ({last})" if last else "")
    print(f"{title:40} -> {', '.join(f'{name} {len(rows)}' for name, rows in found.items())}; {labels}")


print(*(f"{name} {importlib.metadata.version(name)}" for name in ("datasets", "pyarrow")), sep=", ")
show("train/cat", "train/dog", "test/cat", "test/dog")
show("train", "train", "test")
show("cat/train", "dog/train", "cat/test", "dog/test")
show("cat", "dog", "test")
show("bus", "car", "train")
show("cat", "dog", "cat", last="a_test.png")
show("cat", "dog", "cat")
PY
"$place/bin/python" "$place/show.py" >"$place/seen" 2>/dev/null

if ! diff <(sed -n 's/^#   | //p' "${BASH_SOURCE[0]}") "$place/seen"; then
    echo "The output has changed: < before, > now." >&2
    exit 1
fi
cat "$place/seen"
echo "The output is the same as before."
