#!/usr/bin/env bash
# Which tensors does torch.load refuse that torch.save has written without an error?
#
# A training ends with torch.save. Whether its file can be read is seen when it is needed.
#
# Answer (torch 2.14.1, Python 3.11): views of a storage whose bytes are no multiple of the view's type, such as a float32
# seen in the first 4 of 7 bytes. The pickle counts the storage in whole numbers of the type (1), the zip holds all of its
# bytes (7), and torch.load compares the two. In the form before 1.6 (_use_new_zipfile_serialization=False) these are
# read, but not tensors of a type without a storage class of its own: uint16, uint32, uint64, float8 and complex32. The
# numbers are in all of these files. `tensor.clone()` before saving helps the views.
#
# Output:
#   | torch 2.14.1
#   | float32 in 4 of 8 bytes
#   |   zip: equal
#   |   before 1.6: equal
#   | float32 in 4 of 7 bytes
#   |   zip: RuntimeError: record size (7 bytes) does not match expected size (4 bytes = 4 elements * 1 bytes/element) for dtype Byte
#   |   before 1.6: equal
#   | float32 in 2 of 3 halves
#   |   zip: RuntimeError: record size (6 bytes) does not match expected size (4 bytes = 4 elements * 1 bytes/element) for dtype Byte
#   |   before 1.6: equal
#   | the same, cloned
#   |   zip: equal
#   |   before 1.6: equal
#   | bfloat16
#   |   zip: equal
#   |   before 1.6: equal
#   | uint16
#   |   zip: equal
#   |   before 1.6: AttributeError: type object 'torch.storage.UntypedStorage' has no attribute 'dtype'
#   | float8_e4m3fn
#   |   zip: equal
#   |   before 1.6: AttributeError: type object 'torch.storage.UntypedStorage' has no attribute 'dtype'
#   | complex32
#   |   zip: equal
#   |   before 1.6: AttributeError: type object 'torch.storage.UntypedStorage' has no attribute 'dtype'
#
# Run: bash findings/torch-saved-not-loaded.sh     (downloads PyTorch into a temporary folder; some minutes)
# Exits with 1 if the output differs.
set -euo pipefail

place="$(mktemp -d)"
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place"
"$place/bin/pip" install --quiet torch==2.14.1 numpy==2.4.6

"$place/bin/python" - 2>/dev/null >"$place/seen" <<'PY'
import io

import torch

print(f"torch {torch.__version__.partition('+')[0]}")
count = torch.arange(8, dtype=torch.uint8)
halves = torch.arange(3, dtype=torch.float16)[:2].view(torch.float32)
cases = {
    "float32 in 4 of 8 bytes": count[:4].view(torch.float32),
    "float32 in 4 of 7 bytes": torch.arange(7, dtype=torch.uint8)[:4].view(torch.float32),
    "float32 in 2 of 3 halves": halves,
    "the same, cloned": halves.clone(),
}
for name in ("bfloat16", "uint16", "float8_e4m3fn", "complex32"):
    cases[name] = torch.zeros(3, dtype=getattr(torch, name))
for name, tensor in cases.items():
    print(name)
    for form, is_zip in (("zip", True), ("before 1.6", False)):
        file = io.BytesIO()
        torch.save({"tensor": tensor}, file, _use_new_zipfile_serialization=is_zip)
        file.seek(0)
        try:
            found = torch.load(file)["tensor"]
            said = "equal" if torch.equal(found.view(torch.uint8), tensor.view(torch.uint8)) else "different"
        except (RuntimeError, AttributeError) as error:
            said = f"{type(error).__name__}: {str(error).splitlines()[0]}"
        print(f"  {form}: {said}")
PY

if ! diff <(sed -n 's/^#   | //p' "${BASH_SOURCE[0]}") "$place/seen"; then
    echo "The output has changed: < before, > now." >&2
    exit 1
fi
cat "$place/seen"
echo "The output is the same as before."
