#!/usr/bin/env bash
# Is the second derivative of the variance from tf.nn.moments right, and that of Keras' normalization layers?
#
# A gradient penalty (WGAN-GP, R1) and Hessian-vector products differentiate a network twice. With N numbers x, mean m and
# variance V = sum (x_i - m)^2 / N the second derivative is d2V / dx_i dx_j = 2/N (1 if i = j, else 0) - 2/N^2.
#
# Answer (tensorflow 2.21.0, keras 3.15.1, Python 3.11): no. tf.nn.moments squares the distance to a mean whose gradient is
# stopped. Its comment says that no gradient is lost. This holds for the first derivative, as the distances add up to 0, but
# not for the second: the term -2/N^2 is missing, without a warning. keras.ops.moments calls it, and so do Keras' Batch- (in
# training), Layer- and GroupNormalization. tf.math.reduce_variance, RMSNormalization and UnitNormalization are correct.
# The natural test, the sum of squared gradients, misses the error if the normalization is the first layer. There the
# missing term is multiplied by a sum of distances from the mean, which is 0. After other layers it is not.
#
# Output:
#   | tensorflow 2.21.0, keras 3.15.1
#   | first row of the second derivative of the variance of four numbers
#   |   by the formula          [0.375, -0.125, -0.125, -0.125]
#   |   tf.math.reduce_variance [0.375, -0.125, -0.125, -0.125]
#   |   tf.nn.moments           [0.5, 0.0, 0.0, 0.0]
#   | second derivative of a layer along one direction, against central differences in float64
#   |   BatchNormalization   weighted sum of the gradients: wrong by 97.5%; sum of their squares: correct
#   |   LayerNormalization   weighted sum of the gradients: wrong by 3.5%; sum of their squares: correct
#   |   GroupNormalization   weighted sum of the gradients: wrong by 3.9%; sum of their squares: correct
#   |   RMSNormalization     weighted sum of the gradients: correct; sum of their squares: correct
#   |   UnitNormalization    weighted sum of the gradients: correct; sum of their squares: correct
#
# Run: bash findings/moments-second-derivative.sh     (downloads TensorFlow into a temporary folder; two minutes)
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
keras.config.set_floatx("float64")
keras.config.set_dtype_policy("float64")


def hessian(variance):
    x = tf.constant([1.0, 2.0, 4.0, 7.0], tf.float64)
    with tf.GradientTape() as outer:
        outer.watch(x)
        with tf.GradientTape() as inner:
            inner.watch(x)
            value = variance(x)
        slope = inner.gradient(value, x)
    return np.round(outer.jacobian(slope, x).numpy(), 6).tolist()[0]


print("first row of the second derivative of the variance of four numbers")
print("  by the formula         ", [0.375, -0.125, -0.125, -0.125])
print("  tf.math.reduce_variance", hessian(tf.math.reduce_variance))
print("  tf.nn.moments          ", hessian(lambda x: tf.nn.moments(x, [0])[1]))


def error(layer, shape, squares):
    """Relative error of the gradient of a function of the first derivatives, against central differences."""
    random = np.random.default_rng(0)
    x, along, mix, weights = (tf.constant(random.normal(size=shape)) for _ in range(4))

    def of_gradients(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            value = tf.reduce_sum(mix * tf.sin(layer(x, **({"training": True} if "Batch" in layer.name else {}))))
        gradients = tape.gradient(value, x)
        return tf.reduce_sum(gradients**2 if squares else weights * gradients)

    layer.name = type(layer).__name__
    layer.build(shape)
    with tf.GradientTape() as tape:
        tape.watch(x)
        value = of_gradients(x)
    analytic = float(tf.reduce_sum(along * tape.gradient(value, x)))
    numeric = float((of_gradients(x + 1e-6 * along) - of_gradients(x - 1e-6 * along)) / 2e-6)
    return "correct" if abs(analytic / numeric - 1) < 1e-6 else f"wrong by {abs(analytic / numeric - 1):.1%}"


print("second derivative of a layer along one direction, against central differences in float64")
for layer, shape in (
    (keras.layers.BatchNormalization, (8, 3)),
    (keras.layers.LayerNormalization, (4, 6)),
    (lambda: keras.layers.GroupNormalization(1), (4, 3, 3, 2)),
    (keras.layers.RMSNormalization, (4, 6)),
    (keras.layers.UnitNormalization, (4, 6)),
):
    print(f"  {type(layer()).__name__:20s} weighted sum of the gradients: {error(layer(), shape, False)};", end=" ")
    print(f"sum of their squares: {error(layer(), shape, True)}")
PY

if ! diff <(sed -n 's/^#   | //p' "${BASH_SOURCE[0]}") "$place/seen"; then
    echo "The output has changed: < before, > now." >&2
    exit 1
fi
cat "$place/seen"
echo "The output is the same as before."
