#!/usr/bin/env bash
# How wide is the table of `keras.Model.summary(line_length=…, print_fn=…)` where there is no terminal?
#
# gancli models NAME prints that table, and in a pipe or a file nothing of it should be cut.
#
# Answer (keras 3.15.1, rich 15.0.0, Python 3.11): as wide as the terminal, or COLUMNS, or 80 where there are neither. Keras
# lays the table out for line_length, then prints it with a console of rich's into memory, which cuts each line at its own
# width: 20 columns of a table of 100 are gone, and of 160 the half, without a word. To get it whole, set COLUMNS first.
#
# Seen:
#   | keras 3.15.1, rich 15.0.0
#   | in a pipe:
#   | asked for 100: 80 columns, the name cut
#   | asked for 160: 80 columns, the name whole
#   | in a pipe, COLUMNS=200:
#   | asked for 160: 160 columns, the name whole
#   | in a pipe, COLUMNS=12:
#   | asked for 160: 12 columns, the name whole
#
# Run: bash findings/summary-in-a-pipe.sh     (downloads TensorFlow into a temporary folder; two minutes)
# It exits with 1 if another answer is seen.
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
told = []
asked = int(sys.argv[1])
try:
    model.summary(line_length=asked, print_fn=told.append)
except ValueError as error:
    print(f"asked for {asked}: ValueError: {error}")
else:
    lines = "\n".join(map(str, told)).splitlines()
    cut = "…" in "".join(lines)
    print(f"asked for {asked}: {max(map(len, lines))} columns, the name {'cut' if cut else 'whole'}")
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
    echo "The answer has changed: < what was seen before, > what is seen now." >&2
    exit 1
fi
cat "$place/seen"
echo "The answer is the same as before."
