#!/usr/bin/env bash
# How many images and classes has EMNIST's split of letters in TensorFlow Datasets?
#
# Its authors hand out 145,600 letters of 26 classes as idx files, and gancli reads these and those of TFDS.
#
# Answer: to be written.
#
# Output:
#   | to be written
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
