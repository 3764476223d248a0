"""Spectral normalization. Miyato, Kataoka, Koyama & Yoshida 2018, arXiv:1802.05957, Algorithm 1.

Each kernel W, as a matrix (inputs, outputs), is replaced by W / σ(W), σ(W) = vᵀ W u its largest singular value, of one
step of the power iteration per update: v = W u / ‖W u‖, u = Wᵀ v / ‖Wᵀ v‖. The gradient passes through σ, with u and v
constant (equation 12), which keras.layers.SpectralNormalization leaves out. The kernel itself is trained and saved.

Differences from the paper: u begins after 20 steps of the iteration, not random, so that σ is right from the start; it
moves once per update of the network, not at each call, so that all calls of a step are of one function.
"""

from __future__ import annotations

import math

from gancli.core.backend import Tensor, keras, np, tf
from gancli.core.distributed import replica_ops

FIRST_STEPS = 20
EPSILON = 1e-12


def right_vector(matrix: Tensor, left: Tensor) -> Tensor:
    """u = Wᵀ v / ‖Wᵀ v‖, float32 (outputs,)."""
    return tf.math.l2_normalize(tf.linalg.matvec(matrix, left, transpose_a=True), epsilon=EPSILON)


def left_vector(matrix: Tensor, right: Tensor) -> Tensor:
    """v = W u / ‖W u‖, float32 (inputs,)."""
    return tf.math.l2_normalize(tf.linalg.matvec(matrix, right), epsilon=EPSILON)


def largest_singular_value(matrix: Tensor, right: Tensor) -> Tensor:
    """vᵀ W u, a scalar whose gradient by W is v uᵀ. matrix: float32 (inputs, outputs); right: u, float32 (outputs,)."""
    left = tf.stop_gradient(left_vector(matrix, right))
    return tf.tensordot(left, tf.linalg.matvec(matrix, right), 1)


class SpectralNorm:
    """Power iteration for every kernel of a model: trainable weights of two dimensions or more.

    Attributes: `kernels`, the normalized variables; `vectors`, u of each, float32 (outputs,), state of the training.
    """

    def __init__(self, model: keras.Model, seed: int = 0) -> None:
        self.kernels = [variable for variable in model.trainable_variables if len(variable.shape) >= 2]
        self.vectors = [
            replica_ops.state_variable(_first_vector(kernel, seed + number), "singular_vector")
            for number, kernel in enumerate(self.kernels)
        ]

    def normalized(self) -> list[tuple[keras.Variable, Tensor]]:
        """Each kernel with its value divided by its largest singular value, in the shape and dtype of the kernel."""
        pairs = []
        for kernel, vector in zip(self.kernels, self.vectors, strict=True):
            value = tf.convert_to_tensor(kernel.value)
            sigma = largest_singular_value(as_matrix(value), tf.stop_gradient(vector.value))
            pairs.append((kernel, value / sigma))
        return pairs

    def advance(self) -> None:
        """One step of each power iteration, after an update of the kernels."""
        for kernel, vector in zip(self.kernels, self.vectors, strict=True):
            matrix = as_matrix(tf.convert_to_tensor(kernel.value))
            vector.assign(right_vector(matrix, left_vector(matrix, vector.value)))

    def restart(self) -> None:
        """Begin anew with the present kernels, such as those of a pretrained network."""
        for number, (kernel, vector) in enumerate(zip(self.kernels, self.vectors, strict=True)):
            vector.assign(_first_vector(kernel, number))

    def variables(self) -> dict[str, keras.Variable]:
        """The state, by the paths of the kernels; that of a kernel of one output is 1 or -1 for ever."""
        pairs = zip(self.kernels, self.vectors, strict=True)
        return {kernel.path: vector for kernel, vector in pairs if vector.shape[0] > 1}


def as_matrix(kernel: Tensor) -> Tensor:
    """A kernel (…, inputs, outputs) as a matrix float32 (… inputs, outputs)."""
    return tf.reshape(tf.cast(kernel, tf.float32), (-1, kernel.shape[-1]))


def _first_vector(kernel: keras.Variable, seed: int) -> np.ndarray:
    matrix = np.asarray(kernel, np.float32).reshape(-1, kernel.shape[-1])
    right = np.random.default_rng(seed).standard_normal(matrix.shape[1]).astype(np.float32)
    for _ in range(FIRST_STEPS):
        left = matrix @ right
        right = matrix.T @ (left / max(math.sqrt(float(left @ left)), EPSILON))
        right /= max(math.sqrt(float(right @ right)), EPSILON)
    return right
