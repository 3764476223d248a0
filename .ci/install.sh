#!/usr/bin/env bash
# Install gancli into a virtual environment: install.sh FOLDER [EXTRA]
# By uv, in half of pip's time, unless pip gets its packages from an index of its own, which uv would not ask; by pip
# where uv cannot be had or fails.
set -euo pipefail
bin=$1/bin what=.${2:+[$2]}
pip=("$bin/python" -m pip --disable-pip-version-check)
if [ -d "$bin"/../lib/python*/site-packages/tensorflow ]; then
  echo "Installing $what into $1."
else
  echo "Installing $what into $1: TensorFlow and its dependencies, 0.7 GB to fetch and 2.4 GB on disk; about a minute."
fi
if ! "${pip[@]}" config list | grep -q '\.index-url=' && "${pip[@]}" install --quiet uv 2>/dev/null; then
  "$bin/uv" pip install --python "$bin/python" --compile-bytecode --editable "$what" && exit
fi
"${pip[@]}" install --editable "$what"
