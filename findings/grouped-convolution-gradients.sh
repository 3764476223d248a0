#!/usr/bin/env bash
# Has TensorFlow gradients of convolutions in groups on a CPU, and how fast are those of Keras' layer?
#
# ResNeXt and R3GAN have 3 x 3 convolutions in groups.
#
# Answer (tensorflow 2.21.0, keras 3.15.1, Python 3.11): TensorFlow has them in oneDNN alone. In float64, or with
# TF_ENABLE_ONEDNN_OPTS=0, they raise an InvalidArgumentError. Keras compiles such a layer with XLA on every CPU, which always
# works; on one core its gradients took 45 times as long as those of tf.nn.conv2d.
#
# Output:
#   | tensorflow 2.21.0, keras 3.15.1
#   | gradients of tf.nn.conv2d in groups, float32, with oneDNN: yes
#   | gradients of tf.nn.conv2d in groups, float64, with oneDNN: InvalidArgumentError
#   | Keras' layer takes more than ten times as long as tf.nn.conv2d: yes
#   | gradients of tf.nn.conv2d in groups, float32, without oneDNN: InvalidArgumentError
#   | gradients of tf.nn.conv2d in groups, float64, without oneDNN: InvalidArgumentError
#
# Run: bash findings/grouped-convolution-gradients.sh     (downloads TensorFlow into a temporary folder; two minutes)
# Exits with 1 if the output differs.
set -euo pipefail

place="$(mktemp -d)"
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place"
"$place/bin/pip" install --quiet tensorflow==2.21.0 keras==3.15.1 numpy==2.4.6
export KERAS_BACKEND=tensorflow TF_CPP_MIN_LOG_LEVEL=3 CUDA_VISIBLE_DEVICES=-1

cat >"$place/gradients.py" <<'PY'
import os
import time

import keras
import tensorflow as tf

tf.config.threading.set_intra_op_parallelism_threads(1)
onednn = "without" if os.environ["TF_ENABLE_ONEDNN_OPTS"] == "0" else "with"
if onednn == "with":
    print(f"tensorflow {tf.__version__}, keras {keras.__version__}")


def gradients(call, weights, maps):
    with tf.GradientTape() as tape:
        tape.watch([maps, *weights])
        value = tf.reduce_sum(call(maps) ** 2)
    return tape.gradient(value, [maps, *weights])


for dtype in ("float32", "float64"):
    maps, kernel = tf.ones((1, 5, 5, 4), dtype), tf.ones((3, 3, 2, 4), dtype)
    try:
        gradients(lambda x: tf.nn.conv2d(x, kernel, 1, "SAME"), [kernel], maps)
        found = "yes"
    except tf.errors.InvalidArgumentError:
        found = "InvalidArgumentError"
    print(f"gradients of tf.nn.conv2d in groups, {dtype}, {onednn} oneDNN: {found}")


def seconds(call, weights):
    """CPU seconds of three gradients on one core."""
    step = tf.function(lambda: gradients(call, weights, maps))
    step()
    begin = time.process_time()
    for _ in range(3):
        step()
    return time.process_time() - begin


if onednn == "with":
    maps, layer = tf.random.normal((64, 14, 14, 32)), keras.layers.Conv2D(32, 3, padding="same", groups=2)
    layer.build(maps.shape)
    kernel = layer.kernel.value
    plain = seconds(lambda x: tf.nn.conv2d(x, kernel, 1, "SAME"), [kernel])
    ratio = seconds(layer, [kernel]) / plain
    print(f"Keras' layer takes more than ten times as long as tf.nn.conv2d: {'yes' if ratio > 10 else 'no'}")
PY
for onednn in 1 0; do
    TF_ENABLE_ONEDNN_OPTS=$onednn "$place/bin/python" "$place/gradients.py" 2>/dev/null
done >"$place/seen"

if ! diff <(sed -n 's/^#   | //p' "${BASH_SOURCE[0]}") "$place/seen"; then
    echo "The output has changed: < before, > now." >&2
    exit 1
fi
cat "$place/seen"
echo "The output is the same as before."
