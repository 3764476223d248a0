#!/usr/bin/env bash
# Which versions of NumPy 1 read an array that NumPy 2 has pickled?
#
# CIFAR's batches and mnist.pkl.gz are pickles of arrays, and people save such files again with the NumPy they have.
#
# Answer (NumPy 2.4.6, Python 3.11): of those here only 1.26.4, and not protocol 5. Since NumPy 2 the pickle names the
# module numpy._core, which 1.25.2 and 1.26.0 lack; 1.26.4 has numpy._core.multiarray, which protocols 0 to 4 need, but not
# numpy._core.numeric, which arrays of protocol 5 name. That protocol is Python's default from 3.14 on. An array for
# others is safe as .npy or .npz.
#
# Output:
#   | written by NumPy 2.4.6, Python's default protocol 4
#   | NumPy 2.4.6, protocol 2: read, 4: read, 5: read
#   | NumPy 1.26.4, protocol 2: read, 4: read, 5: No module named 'numpy._core.numeric'
#   | NumPy 1.26.0, protocol 2: No module named 'numpy._core', 4: No module named 'numpy._core', 5: No module named 'numpy._core'
#   | NumPy 1.25.2, protocol 2: No module named 'numpy._core', 4: No module named 'numpy._core', 5: No module named 'numpy._core'
#
# Run: bash findings/arrays-pickled-by-numpy-2.sh     (downloads four versions of NumPy into a temporary folder; two minutes)
# Exits with 1 if the output differs.
set -euo pipefail

place="$(mktemp -d)"
trap 'rm -rf "$place"' EXIT
for version in 2.4.6 1.26.4 1.26.0 1.25.2; do
    python3 -m venv "$place/$version"
    "$place/$version/bin/pip" install --quiet "numpy==$version"
done

cat >"$place/write.py" <<'PY'
import pickle
import sys

import numpy as np

batch = {"labels": [6, 9], "data": np.arange(2 * 3072, dtype=np.uint8).reshape(2, 3072)}
for protocol in (2, 4, 5):
    with open(f"{sys.argv[1]}/batch_{protocol}", "wb") as file:
        pickle.dump(batch, file, protocol)
print(f"written by NumPy {np.__version__}, Python's default protocol {pickle.DEFAULT_PROTOCOL}")
PY
cat >"$place/read.py" <<'PY'
import pickle
import sys

import numpy as np

found = []
for protocol in (2, 4, 5):
    with open(f"{sys.argv[1]}/batch_{protocol}", "rb") as file:
        try:
            pickle.load(file)["data"]
        except Exception as error:
            found.append(f"{protocol}: {error}")
        else:
            found.append(f"{protocol}: read")
print(f"NumPy {np.__version__}, protocol", ", ".join(found))
PY
{
    "$place/2.4.6/bin/python" "$place/write.py" "$place"
    for version in 2.4.6 1.26.4 1.26.0 1.25.2; do
        "$place/$version/bin/python" "$place/read.py" "$place"
    done
} >"$place/seen"

if ! diff <(sed -n 's/^#   | //p' "${BASH_SOURCE[0]}") "$place/seen"; then
    echo "The output has changed: < before, > now." >&2
    exit 1
fi
cat "$place/seen"
echo "The output is the same as before."
