#!/usr/bin/env bash
# How many samples does WebDataset make of a tar archive of Kaggle's dogs-vs-cats (cat.0.jpg, cat.1.jpg, dog.0.jpg …)?
#
# gancli reads such archives too, as pictures.
#
# Answer (webdataset 1.0.2): one for each name before the first dot, so that two remain, "cat" and "dog", whose fields are
# "0.jpg", "1.jpg" and so on: a loop over their field "jpg" finds nothing. Without dots in the names the same four
# pictures are four samples. Only files that follow one another are grouped: 0.jpg and 0.txt with another file between
# them are two samples of the same key, so that archives must be written in order of their names.
#
# Output:
#   | webdataset 1.0.2
#   | cat.0.jpg cat.1.jpg dog.0.jpg dog.1.jpg -> 2 samples: cat (0.jpg, 1.jpg), dog (0.jpg, 1.jpg)
#   | cat_0.jpg cat_1.jpg dog_0.jpg dog_1.jpg -> 4 samples: cat_0 (jpg), cat_1 (jpg), dog_0 (jpg), dog_1 (jpg)
#   | 0.jpg 0.txt 1.jpg 1.txt -> 2 samples: 0 (jpg, txt), 1 (jpg, txt)
#   | 0.jpg 1.jpg 0.txt 1.txt -> 4 samples: 0 (jpg), 1 (jpg), 0 (txt), 1 (txt)
#
# Run: bash findings/webdataset-names-with-dots.sh     (installs webdataset into a temporary folder; half a minute)
# Exits with 1 if the output differs.
set -euo pipefail

place="$(mktemp -d)"
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place"
"$place/bin/pip" install --quiet webdataset==1.0.2

cat >"$place/show.py" <<'PY'
import importlib.metadata
import io
import tarfile
import tempfile

import webdataset


def show(names):
    path = tempfile.mkdtemp() + "/a.tar"
    with tarfile.open(path, "w") as archive:
        for name in names.split():
            info = tarfile.TarInfo(name)
            info.size = 1
            archive.addfile(info, io.BytesIO(b"x"))
    found = [
        f"{sample['__key__']} ({', '.join(sorted(name for name in sample if not name.startswith('__')))})"
        for sample in webdataset.WebDataset(path, shardshuffle=False)
    ]
    print(f"{names} -> {len(found)} samples: {', '.join(found)}")


print("webdataset", importlib.metadata.version("webdataset"))
show("cat.0.jpg cat.1.jpg dog.0.jpg dog.1.jpg")
show("cat_0.jpg cat_1.jpg dog_0.jpg dog_1.jpg")
show("0.jpg 0.txt 1.jpg 1.txt")
show("0.jpg 1.jpg 0.txt 1.txt")
PY
"$place/bin/python" "$place/show.py" >"$place/seen" 2>/dev/null

if ! diff <(sed -n 's/^#   | //p' "${BASH_SOURCE[0]}") "$place/seen"; then
    echo "The output has changed: < before, > now." >&2
    exit 1
fi
cat "$place/seen"
echo "The output is the same as before."
