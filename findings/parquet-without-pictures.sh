#!/usr/bin/env bash
# Does a data set of pictures that was made from paths hold the pictures after `to_parquet`, as after `save_to_disk`?
#
# gancli reads both kinds of files, perhaps on another machine.
#
# Answer (datasets 5.2.0, pyarrow 26.0.1): save_to_disk writes the bytes of each picture into the Arrow file; to_parquet
# writes the path alone, with null for the bytes, without a warning. The file of 20 pictures of noise has 1.5 kB, and is
# of no use where the pictures are not. On the same machine it loads and shows them, so that nothing is noticed before
# it is copied.
#
# Output:
#   | datasets 5.2.0, pyarrow 26.0.1
#   | made from paths:    save_to_disk holds bytes, to_parquet holds only paths
#   | made from pictures: save_to_disk holds bytes, to_parquet holds bytes
#
# Run: bash findings/parquet-without-pictures.sh     (installs datasets into a temporary folder; a minute)
# Exits with 1 if the output differs.
set -euo pipefail

place="$(mktemp -d)"
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place"
"$place/bin/pip" install --quiet datasets==5.2.0 pyarrow==26.0.1 pillow==12.3.0
export HF_HOME="$place/home" HF_HUB_OFFLINE=1

cat >"$place/show.py" <<'PY'
import importlib.metadata
import os
import tempfile
from pathlib import Path

import datasets
import pyarrow
import pyarrow.parquet
from PIL import Image

datasets.disable_progress_bars()


def holds(table):
    rows = table["image"].to_pylist()
    return "bytes" if all(row["bytes"] for row in rows) else "only paths"


print(*(f"{name} {importlib.metadata.version(name)}" for name in ("datasets", "pyarrow")), sep=", ")
place = Path(tempfile.mkdtemp())
pictures = [Image.frombytes("RGB", (32, 32), os.urandom(32 * 32 * 3)) for _ in range(20)]
paths = [str(place / f"{number}.png") for number in range(20)]
for picture, path in zip(pictures, paths):
    picture.save(path)
for title, values in (("made from paths:", paths), ("made from pictures:", pictures)):
    found = datasets.Dataset.from_dict({"image": values}, features=datasets.Features({"image": datasets.Image()}))
    found.save_to_disk(place / title)
    found.to_parquet(place / "a.parquet")
    saved = pyarrow.ipc.open_stream(place / title / "data-00000-of-00001.arrow").read_all()
    table = pyarrow.parquet.read_table(place / "a.parquet")
    print(f"{title:19} save_to_disk holds {holds(saved)}, to_parquet holds {holds(table)}")
PY
"$place/bin/python" "$place/show.py" >"$place/seen" 2>/dev/null

if ! diff <(sed -n 's/^#   | //p' "${BASH_SOURCE[0]}") "$place/seen"; then
    echo "The output has changed: < before, > now." >&2
    exit 1
fi
cat "$place/seen"
echo "The output is the same as before."
