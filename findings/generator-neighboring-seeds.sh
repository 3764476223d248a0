#!/usr/bin/env bash
# Are the numbers of tf.random.Generator.from_seed for neighboring seeds independent of one another?
#
# A result over three seeds, such as a Fréchet distance with its spread, assumes that the noise of the seeds is independent.
# NumPy's default_rng mixes the seed, so that streams of 0, 1 and 2 share no numbers.
#
# Answer (tensorflow 2.21.0, numpy 2.4.6, Python 3.11): no. from_seed puts the seed into the counter of Philox, and one
# step of the counter makes four numbers. So the stream of seed 1 is that of seed 0 from the fifth number on, and trainings
# with the seeds 0, 1 and 2 see the same noise, shifted. ThreeFry is not available on a CPU. A seed used as the key of the
# state, the stateless functions, tf.random.set_seed and NumPy give independent numbers.
#
# Output:
#   | tensorflow 2.21.0, numpy 2.4.6
#   | Generator.from_seed, philox, normal          numbers of seed 0 repeated with seed 1: 996 of 1000, shifted by 4; seed 2: 992 of 1000, shifted by 8
#   | Generator.from_seed, philox, uniform         numbers of seed 0 repeated with seed 1: 996 of 1000, shifted by 4; seed 2: 992 of 1000, shifted by 8
#   | Generator.from_seed, threefry, normal: UnimplementedError
#   | Generator.from_seed, threefry, uniform: UnimplementedError
#   | tf.random.stateless_normal                   numbers of seed 0 repeated with seed 1: 0 of 1000; seed 2: 0 of 1000
#   | tf.random.set_seed, tf.random.normal         numbers of seed 0 repeated with seed 1: 0 of 1000; seed 2: 0 of 1000
#   | key of the state, philox, normal             numbers of seed 0 repeated with seed 1: 0 of 1000; seed 2: 0 of 1000
#   | numpy default_rng                            numbers of seed 0 repeated with seed 1: 0 of 1000; seed 2: 0 of 1000
#
# Run: bash findings/generator-neighboring-seeds.sh     (downloads TensorFlow into a temporary folder; two minutes)
# Exits with 1 if the output differs.
set -euo pipefail

place="$(mktemp -d)"
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place"
"$place/bin/pip" install --quiet tensorflow==2.21.0 numpy==2.4.6
export TF_CPP_MIN_LOG_LEVEL=3 CUDA_VISIBLE_DEVICES=-1

"$place/bin/python" - 2>/dev/null >"$place/seen" <<'PY'
import numpy as np
import tensorflow as tf

COUNT = 1000
print(f"tensorflow {tf.__version__}, numpy {np.__version__}")


def shared(title, draw):
    """How many numbers of seed 0 are among those of seed 1 and of seed 2, and by how many places they are shifted."""
    first = draw(0)
    found = []
    for seed in (1, 2):
        other = draw(seed)
        common = int(np.isin(first, other).sum())
        moved = next((by for by in range(1, 17) if np.array_equal(first[by:], other[:-by])), None)
        found.append(f"seed {seed}: {common} of {COUNT}" + (f", shifted by {moved}" if moved else ""))
    print(f"{title:44s} numbers of seed 0 repeated with {'; '.join(found)}")


def tensorflow(algorithm, kind):
    def draw(seed):
        generator = tf.random.Generator.from_seed(seed, alg=algorithm)
        return getattr(generator, kind)([COUNT]).numpy()

    return draw


for algorithm in ("philox", "threefry"):
    for kind in ("normal", "uniform"):
        try:
            shared(f"Generator.from_seed, {algorithm}, {kind}", tensorflow(algorithm, kind))
        except (tf.errors.InvalidArgumentError, tf.errors.UnimplementedError) as error:
            print(f"Generator.from_seed, {algorithm}, {kind}: {type(error).__name__}")
shared("tf.random.stateless_normal", lambda seed: tf.random.stateless_normal([COUNT], [seed, 0]).numpy())


def globally(seed):
    tf.random.set_seed(seed)
    return tf.random.normal([COUNT]).numpy()


shared("tf.random.set_seed, tf.random.normal", globally)
shared(
    "key of the state, philox, normal",
    lambda seed: tf.random.Generator.from_state([0, 0, seed], "philox").normal([COUNT]).numpy(),
)
shared("numpy default_rng", lambda seed: np.random.default_rng(seed).standard_normal(COUNT, np.float32))
PY

if ! diff <(sed -n 's/^#   | //p' "${BASH_SOURCE[0]}") "$place/seen"; then
    echo "The output has changed: < before, > now." >&2
    exit 1
fi
cat "$place/seen"
echo "The output is the same as before."
