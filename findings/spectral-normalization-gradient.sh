#!/usr/bin/env bash
# Is the gradient of Keras' SpectralNormalization that of the normalized layer, and does it leave the kernel as it is?
#
# Spectral normalization (Miyato et al. 2018) computes with W / s, s the largest singular value of the kernel W. The
# gradient by W has a part from s (their equation 12): d(W/s)/dW = 1/s (I - u v' W/s), which makes it orthogonal to W,
# since a multiple of W gives the same output. W is the weight that is trained.
#
# Answer (tensorflow 2.21.0, keras 3.15.1, Python 3.11): neither. A call in training writes the normalized kernel into
# the weight itself. The layer then computes with that weight, so that the tape sees no division: the gradient is that by
# W/s, without the part from s, and without 1/s. An optimizer's step goes partly along the kernel, where it changes
# nothing, and the next call takes it back. Two calls in one step, of real and of generated images, write twice.
#
# Output:
#   | tensorflow 2.21.0, keras 3.15.1
#   | output: correct
#   | largest singular value of the kernel before and after one call in training: 3, 1.000
#   | gradient by the kernel: length 5.660, cosine to the kernel 0.343
#   | central differences:    length 1.629, cosine to the kernel 0.000
#   | cosine of both: 0.893
#
# Run: bash findings/spectral-normalization-gradient.sh     (downloads TensorFlow into a temporary folder; two minutes)
# Exits with 1 if the output differs.
set -euo pipefail

place="$(mktemp -d)"
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place"
"$place/bin/pip" install --quiet tensorflow==2.21.0 keras==3.15.1 numpy==2.4.6
export KERAS_BACKEND=tensorflow TF_CPP_MIN_LOG_LEVEL=3 CUDA_VISIBLE_DEVICES=-1

"$place/bin/python" - 2>/dev/null >"$place/seen" <<'PY'
import keras
import numpy as np
import tensorflow as tf

print(f"tensorflow {tf.__version__}, keras {keras.__version__}")
random = np.random.default_rng(0)
x, weights, first = (random.normal(size=size) for size in ((5, 4), (5, 3), (4, 3)))
first *= 3 / np.linalg.norm(first, 2)  # the largest singular value is 3


def cosine(a, b):
    return f"{np.sum(a * b) / np.linalg.norm(a) / np.linalg.norm(b):.3f}"


def layer():
    made = keras.layers.SpectralNormalization(keras.layers.Dense(3, use_bias=False, dtype="float64"), 100)
    made.build((None, 4))
    made.layer.kernel.assign(first)
    return made


def value(kernel):
    return np.sum(weights * (x @ kernel / np.linalg.norm(kernel, 2)))


exact = np.zeros_like(first)
for place in np.ndindex(*first.shape):
    step = np.zeros_like(first)
    step[place] = 1e-6
    exact[place] = (value(first + step) - value(first - step)) / 2e-6

made = layer()
kernel = made.layer.kernel
with tf.GradientTape() as tape:
    output = made(tf.constant(x), training=True)
    loss = tf.reduce_sum(weights * output)
found = tape.gradient(loss, kernel.value).numpy()
print("output:", "correct" if np.allclose(output, x @ first / 3, atol=1e-6) else "wrong")
print(f"largest singular value of the kernel before and after one call in training: 3, {np.linalg.norm(kernel, 2):.3f}")
print(f"gradient by the kernel: length {np.linalg.norm(found):.3f}, cosine to the kernel {cosine(found, first)}")
print(f"central differences:    length {np.linalg.norm(exact):.3f}, cosine to the kernel {cosine(exact, first)}")
print(f"cosine of both: {cosine(found, exact)}")
PY

if ! diff <(sed -n 's/^#   | //p' "${BASH_SOURCE[0]}") "$place/seen"; then
    echo "The output has changed: < before, > now." >&2
    exit 1
fi
cat "$place/seen"
echo "The output is the same as before."
