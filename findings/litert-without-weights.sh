#!/usr/bin/env bash
# Does `tf.lite.TFLiteConverter.from_concrete_functions([function], model)` put the weights of a Keras 3 model in the file?
#
# gancli export writes LiteRT files from TensorFlow functions, so that their inputs and outputs have names.
#
# Answer (tensorflow 2.21.0, keras 3.15.1, ai-edge-litert 2.3.0, Python 3.11): no. The conversion returns well, the file
# has an eighth of the size, it loads, and its outputs are NaN or arbitrary numbers, as of memory that was never written.
# So it is from a SavedModel of a tf.Module that holds the model, though TensorFlow computes rightly from that
# SavedModel. `from_keras_model` writes the weights, and so does a conversion after the variables were made constants.
#
# Output:
#   | tensorflow 2.21.0, keras 3.15.1, ai-edge-litert 2.3.0
#   | from_keras_model: 21 kB, right
#   | from_concrete_functions: 3 kB, wrong
#   | the SavedModel in TensorFlow: right
#   | from_saved_model: 3 kB, wrong
#   | from_saved_model of constants: 21 kB, right
#
# Run: bash findings/litert-without-weights.sh     (downloads TensorFlow into a temporary folder; two minutes)
# Exits with 1 if the output differs.
set -euo pipefail

place="$(mktemp -d)"
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place"
"$place/bin/pip" install --quiet tensorflow==2.21.0 keras==3.15.1 numpy==2.4.6 ai-edge-litert==2.3.0
export KERAS_BACKEND=tensorflow TF_CPP_MIN_LOG_LEVEL=3 CUDA_VISIBLE_DEVICES=-1

cat >"$place/convert.py" <<'PY'
import importlib.metadata
import sys

import keras
import numpy as np
import tensorflow as tf
from ai_edge_litert.interpreter import Interpreter
from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

folder = sys.argv[1]
model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1000), keras.layers.Dense(2)])
x = np.ones((1, 3), np.float32)


@tf.function(input_signature=[tf.TensorSpec((None, 3), tf.float32, name="x")])
def function(x):
    return {"y": model(x)}


def saved(name, function):
    module = tf.Module()
    module.model, module.function = model, function
    tf.saved_model.save(module, f"{folder}/{name}", signatures={"serving_default": function.get_concrete_function()})
    return f"{folder}/{name}"


def describe(name, converter):
    content = converter.convert()
    runner = Interpreter(model_content=content).get_signature_runner()
    (y,) = runner(**{next(iter(runner.get_input_details())): x}).values()
    right = "right" if np.allclose(y, model(x), atol=1e-5) else "wrong"
    print(f"{name}: {len(content) / 1e3:.0f} kB, {right}")


constant = convert_variables_to_constants_v2(function.get_concrete_function())
frozen = tf.function(lambda x: {"y": constant(x)[0]}, input_signature=function.input_signature)
lite = tf.lite.TFLiteConverter
print(*(f"{n} {importlib.metadata.version(n)}" for n in ("tensorflow", "keras", "ai-edge-litert")), sep=", ")
describe("from_keras_model", lite.from_keras_model(model))
describe("from_concrete_functions", lite.from_concrete_functions([function.get_concrete_function()], model))
path = saved("plain", function)
loaded = tf.saved_model.load(path).signatures["serving_default"](x=tf.constant(x))["y"]
print("the SavedModel in TensorFlow:", "right" if np.allclose(loaded, model(x), atol=1e-5) else "wrong")
describe("from_saved_model", lite.from_saved_model(path))
describe("from_saved_model of constants", lite.from_saved_model(saved("frozen", frozen)))
PY
"$place/bin/python" "$place/convert.py" "$place" 2>/dev/null | grep -E '^(tensorflow|from_|the )' >"$place/seen"

if ! diff <(sed -n 's/^#   | //p' "${BASH_SOURCE[0]}") "$place/seen"; then
    echo "The output has changed: < before, > now." >&2
    exit 1
fi
cat "$place/seen"
echo "The output is the same as before."
