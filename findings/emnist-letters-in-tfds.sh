#!/usr/bin/env bash
# How many images and classes has EMNIST's split of letters in TensorFlow Datasets?
#
# Its authors hand out 145,600 letters of 26 classes as idx files, and gancli reads these and those of TFDS.
#
# Answer (tensorflow-datasets 4.9.10): 103,600 images and 37 classes. That is the number of images in the paper
# (arXiv:1702.05373), not in the files, of whose images the rest is left out: the reader takes so many from the start of
# each file. The labels are 1 to 26, so that 11 of the 37 classes have no image. Whoever compares scores on letters must
# say which files they are; the other splits agree.
#
# Output:
#   | tensorflow-datasets 4.9.10
#   | byclass: 697,932 + 116,323 images, 62 classes
#   | bymerge: 697,932 + 116,323 images, 47 classes
#   | balanced: 112,800 + 18,800 images, 47 classes
#   | letters: 88,800 + 14,800 images, 37 classes
#   | digits: 240,000 + 40,000 images, 10 classes
#   | mnist: 60,000 + 10,000 images, 10 classes
#
# Run: bash findings/emnist-letters-in-tfds.sh     (downloads tensorflow-datasets, no data, into a temporary folder)
# Exits with 1 if the output differs.
set -euo pipefail

place="$(mktemp -d)"
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place"
"$place/bin/pip" install --quiet tensorflow-datasets==4.9.10 numpy==2.4.6

cat >"$place/show.py" <<'PY'
import sys

import tensorflow_datasets as tfds

for config in tfds.builder_cls("emnist").BUILDER_CONFIGS:
    builder = tfds.builder(f"emnist/{config.name}", data_dir=sys.argv[1])
    classes = builder.info.features["label"].num_classes
    print(f"{config.name}: {config.train_examples:,} + {config.test_examples:,} images, {classes} classes")
PY
{
    "$place/bin/python" -c 'from importlib.metadata import version as v; print("tensorflow-datasets", v("tensorflow-datasets"))'
    "$place/bin/python" "$place/show.py" "$place/data" 2>/dev/null
} >"$place/seen"

if ! diff <(sed -n 's/^#   | //p' "${BASH_SOURCE[0]}") "$place/seen"; then
    echo "The output has changed: < before, > now." >&2
    exit 1
fi
cat "$place/seen"
echo "The output is the same as before."
