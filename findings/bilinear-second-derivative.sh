#!/usr/bin/env bash
# Can a bilinear resize in TensorFlow and Keras be differentiated twice?
#
# A gradient penalty (WGAN-GP, R1) differentiates a network twice. A resize is linear, y = R x, so the value sum y^2 has
# the slope 2 R'R x, and the sum of that slope, weighted by w, has the gradient 2 R'R w, whatever x is.
#
# Answer (tensorflow 2.21.0, keras 3.15.1, Python 3.11): no, and nothing is said. The operation ResizeBilinearGrad is
# registered as not differentiable, so the tape ends there: tf.image.resize, keras.ops.image.resize, Resizing and
# UpSampling2D with "bilinear" give a second derivative without the terms that pass through the resize, or None where there
# are no others. Other methods raise a LookupError; UpSampling2D("nearest") repeats rows and columns, and is right.
#
# Seen:
#   | tensorflow 2.21.0, keras 3.15.1
#   | tf.image.resize, bilinear: dropped without a word
#   | tf.image.resize, nearest: LookupError: gradient registry has no entry for: ResizeNearestNeighborGrad
#   | tf.image.resize, bicubic: LookupError: gradient registry has no entry for: ResizeBicubicGrad
#   | tf.image.resize, area: LookupError: gradient registry has no entry for: ResizeArea
#   | tf.image.resize, lanczos3: LookupError: gradient registry has no entry for: ScaleAndTranslateGrad
#   | tf.image.resize, bilinear, antialias: LookupError: gradient registry has no entry for: ScaleAndTranslateGrad
#   | keras.ops.image.resize, bilinear: dropped without a word
#   | UpSampling2D, bilinear: dropped without a word
#   | Resizing, bilinear: dropped without a word
#   | UpSampling2D, nearest: right
#   | Resizing, nearest: LookupError: gradient registry has no entry for: ResizeNearestNeighborGrad
#   | UpSampling2D, bicubic: LookupError: gradient registry has no entry for: ResizeBicubicGrad
#   | Resizing, bicubic: LookupError: gradient registry has no entry for: ResizeBicubicGrad
#
# Run: bash findings/bilinear-second-derivative.sh     (downloads TensorFlow into a temporary folder; two minutes)
# It exits with 1 if another answer is seen.
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

warnings.simplefilter("error")  # a warning would be an answer
print(f"tensorflow {tf.__version__}, keras {keras.__version__}")
x, weights = (tf.constant(np.random.default_rng(seed).normal(size=(1, 4, 4, 1)), tf.float32) for seed in (0, 1))


def twice(resize):
    """What the second derivative is: right, none at all, or an exception."""
    try:
        with tf.GradientTape() as outer:
            outer.watch(x)
            with tf.GradientTape() as inner:
                inner.watch(x)
                value = tf.reduce_sum(resize(x) ** 2)
            slope = inner.gradient(value, x)
            told = tf.reduce_sum(weights * slope) + tf.reduce_sum(x)  # a second term, whose gradient is 1
        found = outer.gradient(told, x)
    except LookupError as error:
        return f"LookupError: {error}"
    rows = tf.reshape(resize(tf.reshape(tf.eye(16), (16, 4, 4, 1))), (16, -1))  # R', one pixel each
    right = 1.0 + 2.0 * tf.reshape(tf.reshape(weights, (1, -1)) @ rows @ tf.transpose(rows), x.shape)
    if np.allclose(found, right, atol=1e-4):
        return "right"
    return "dropped without a word" if np.allclose(found, 1.0) else "wrong"


for method in ("bilinear", "nearest", "bicubic", "area", "lanczos3"):
    print(f"tf.image.resize, {method}: {twice(lambda x: tf.image.resize(x, (8, 8), method))}")
print(f"tf.image.resize, bilinear, antialias: {twice(lambda x: tf.image.resize(x, (2, 2), antialias=True))}")
print(f"keras.ops.image.resize, bilinear: {twice(lambda x: keras.ops.image.resize(x, (8, 8)))}")
for method in ("bilinear", "nearest", "bicubic"):
    print(f"UpSampling2D, {method}: {twice(keras.layers.UpSampling2D(2, interpolation=method))}")
    print(f"Resizing, {method}: {twice(keras.layers.Resizing(8, 8, interpolation=method))}")
PY

if ! diff <(sed -n 's/^#   | //p' "${BASH_SOURCE[0]}") "$place/seen"; then
    echo "The answer has changed: < what was seen before, > what is seen now." >&2
    exit 1
fi
cat "$place/seen"
echo "The answer is the same as before."
