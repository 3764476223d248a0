#!/usr/bin/env bash
# How wide is the table of `keras.Model.summary(line_length=…, print_fn=…)` without a terminal?
#
# gancli models NAME prints that table, and in a pipe or a file it should not be truncated.
#
# Answer (keras 3.15.1, rich 15.0.0, Python 3.11): as wide as the terminal, or COLUMNS, or 80 if there is neither. Keras
# formats the table for line_length, then prints it into memory with a rich console, which truncates each line at its own
# width: 20 columns of a table of 100 are lost, and half of 160, without a warning. For the whole table, set COLUMNS first.
#
# Output:
#   | keras 3.15.1, rich 15.0.0
#   | in a pipe:
#   | line_length 100: 80 columns, name truncated
#   | line_length 160: 80 columns, name complete
#   | in a pipe, COLUMNS=200:
#   | line_length 160: 160 columns, name complete
#   | in a pipe, COLUMNS=12:
#   | line_length 160: 12 columns, name complete
#
# Run: bash findings/summary-in-a-pipe.sh     (downloads TensorFlow into a temporary folder; two minutes)
# Exits with 1 if the output differs.
set -euo pipefail

place="$(mktemp -d)"
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place"
"$place/bin/pip" install --quiet tensorflow==2.21.0 keras==3.15.1 numpy==2.4.6 rich==15.0.0
export KERAS_BACKEND=tensorflow TF_CPP_MIN_LOG_LEVEL=3 CUDA_VISIBLE_DEVICES=-1
unset COLUMNS

cat >"$place/show.py" <<'PY'
import importlib.metadata
import sys

import keras

model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(4, name="a_layer_whose_name_is_as_long_as_a_sentence_of_the_paper")])
printed = []
width = int(sys.argv[1])
try:
    model.summary(line_length=width, print_fn=printed.append)
except ValueError as error:
    print(f"line_length {width}: ValueError: {error}")
else:
    lines = "\n".join(map(str, printed)).splitlines()
    cut = "…" in "".join(lines)
    print(f"line_length {width}: {max(map(len, lines))} columns, name {'truncated' if cut else 'complete'}")
PY
show() { "$place/bin/python" "$place/show.py" "$@" 2>/dev/null </dev/null | cat; }
{
    "$place/bin/python" -c 'from importlib.metadata import version as v; print(*(f"{n} {v(n)}" for n in ("keras", "rich")), sep=", ")'
    echo "in a pipe:"
    show 100
    show 160
    echo "in a pipe, COLUMNS=200:"
    COLUMNS=200 show 160
    echo "in a pipe, COLUMNS=12:"
    COLUMNS=12 show 160
} >"$place/seen"

if ! diff <(sed -n 's/^#   | //p' "${BASH_SOURCE[0]}") "$place/seen"; then
    echo "The output has changed: < before, > now." >&2
    exit 1
fi
cat "$place/seen"
echo "The output is the same as before."
