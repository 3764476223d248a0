#!/usr/bin/env bash
# Can a bilinear resize in TensorFlow and Keras be differentiated twice?
#
# A gradient penalty (WGAN-GP, R1) differentiates a network twice. A resize is linear, y = R x. So the value sum y^2 has the
# gradient 2 R'R x, and the sum of that gradient, weighted by w, has the gradient 2 R'R w for any x.
#
# Answer (tensorflow 2.21.0, keras 3.15.1, Python 3.11): no, and there is no warning. The operation ResizeBilinearGrad
# is registered as not differentiable, so the tape ends there. tf.image.resize, keras.ops.image.resize, Resizing and
# UpSampling2D with "bilinear" give a second derivative without the terms that pass through the resize, or None if there are
# no others. Other methods raise a LookupError. UpSampling2D("nearest") repeats rows and columns, and is correct.
#
# Output:
#   | tensorflow 2.21.0, keras 3.15.1
#   | tf.image.resize, bilinear: silently dropped
#   | tf.image.resize, nearest: LookupError: gradient registry has no entry for: ResizeNearestNeighborGrad
#   | tf.image.resize, bicubic: LookupError: gradient registry has no entry for: ResizeBicubicGrad
#   | tf.image.resize, area: LookupError: gradient registry has no entry for: ResizeArea
#   | tf.image.resize, lanczos3: LookupError: gradient registry has no entry for: ScaleAndTranslateGrad
#   | tf.image.resize, bilinear, antialias: LookupError: gradient registry has no entry for: ScaleAndTranslateGrad
#   | keras.ops.image.resize, bilinear: silently dropped
#   | UpSampling2D, bilinear: silently dropped
#   | Resizing, bilinear: silently dropped
#   | UpSampling2D, nearest: correct
#   | Resizing, nearest: LookupError: gradient registry has no entry for: ResizeNearestNeighborGrad
#   | UpSampling2D, bicubic: LookupError: gradient registry has no entry for: ResizeBicubicGrad
#   | Resizing, bicubic: LookupError: gradient registry has no entry for: ResizeBicubicGrad
#
# Run: bash findings/bilinear-second-derivative.sh     (downloads TensorFlow into a temporary folder; two minutes)
# Exits with 1 if the output differs.
set -euo pipefail

place="$(mktemp -d)"
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place"
"$place/bin/pip" install --quiet tensorflow==2.21.0 keras==3.15.1 numpy==2.4.6
export KERAS_BACKEND=tensorflow TF_CPP_MIN_LOG_LEVEL=3 CUDA_VISIBLE_DEVICES=-1

"$place/bin/python" - 2>/dev/null >"$place/seen" <<'PY'
import warnings

import keras
import numpy as np
import tensorflow as tf

warnings.simplefilter("error")  # a warning would be part of the answer
print(f"tensorflow {tf.__version__}, keras {keras.__version__}")
x, weights = (tf.constant(np.random.default_rng(seed).normal(size=(1, 4, 4, 1)), tf.float32) for seed in (0, 1))


def twice(resize):
    """The second derivative: correct, silently dropped, wrong, or an exception."""
    try:
        with tf.GradientTape() as outer:
            outer.watch(x)
            with tf.GradientTape() as inner:
                inner.watch(x)
                value = tf.reduce_sum(resize(x) ** 2)
            gradient = inner.gradient(value, x)
            value = tf.reduce_sum(weights * gradient) + tf.reduce_sum(x)  # a second term, whose gradient is 1
        found = outer.gradient(value, x)
    except LookupError as error:
        return f"LookupError: {error}"
    rows = tf.reshape(resize(tf.reshape(tf.eye(16), (16, 4, 4, 1))), (16, -1))  # R', one pixel each
    expected = 1.0 + 2.0 * tf.reshape(tf.reshape(weights, (1, -1)) @ rows @ tf.transpose(rows), x.shape)
    if np.allclose(found, expected, atol=1e-4):
        return "correct"
    return "silently dropped" if np.allclose(found, 1.0) else "wrong"


for method in ("bilinear", "nearest", "bicubic", "area", "lanczos3"):
    print(f"tf.image.resize, {method}: {twice(lambda x: tf.image.resize(x, (8, 8), method))}")
print(f"tf.image.resize, bilinear, antialias: {twice(lambda x: tf.image.resize(x, (2, 2), antialias=True))}")
print(f"keras.ops.image.resize, bilinear: {twice(lambda x: keras.ops.image.resize(x, (8, 8)))}")
for method in ("bilinear", "nearest", "bicubic"):
    print(f"UpSampling2D, {method}: {twice(keras.layers.UpSampling2D(2, interpolation=method))}")
    print(f"Resizing, {method}: {twice(keras.layers.Resizing(8, 8, interpolation=method))}")
PY

if ! diff <(sed -n 's/^#   | //p' "${BASH_SOURCE[0]}") "$place/seen"; then
    echo "The output has changed: < before, > now." >&2
    exit 1
fi
cat "$place/seen"
echo "The output is the same as before."
