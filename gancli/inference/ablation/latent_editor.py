"""A learned edit of z that removes a concept from images; the generator stays as it is."""

from __future__ import annotations

from gancli.core.backend import Tensor, graph_function, keras, tf
from gancli.core.progress import track
from gancli.data.labels.attribute_query import AttributeQuery
from gancli.inference.image_classifier import ImageClassifier
from gancli.models.capabilities import Decoder
from gancli.nn.network import Network, minimize
from gancli.nn.optimizers import adam

HIDDEN = 128
STEPS = 400
BATCH = 64
FIRST_SEED = 10**9  # of the training: far from the seeds that are sampled


def log_odds(classifier: ImageClassifier, concept: AttributeQuery, images: Tensor) -> Tensor:
    """How strongly images float (batch, height, width, channels) in [-1, 1] show a concept, float32 (batch,).

    For a class its log-probability; for attributes the sum of their logits, negated for those to be absent.
    """
    logits = classifier.model(tf.cast(images, tf.float32), training=False)
    if concept.kind == "label":
        return tf.nn.log_softmax(logits)[:, next(iter(concept.wanted))]
    return tf.add_n([logits[:, at] * (1.0 if there else -1.0) for at, there in concept.wanted.items()])


def fit(model: Decoder, classifier: ImageClassifier, concept: AttributeQuery, *, edit_penalty: float) -> keras.Model:
    """Train an edit z -> z' = z + f(z), f a dense network with one hidden layer, that removes a concept.

    The loss is softplus(log-odds of the concept in G(z')) + edit_penalty ‖z' - z‖². The method is this project's own.
    Returns: a Keras model float32 (batch, z_dim) -> (batch, z_dim).
    """
    keras.utils.set_random_seed(0)
    size, layers = model.z_size, keras.layers
    z = keras.Input((size,), name="z")
    hidden = layers.Dense(HIDDEN, activation="relu", dtype="float32", name="hidden")(z)
    shift = layers.Dense(size, kernel_initializer="zeros", dtype="float32", name="shift")(hidden)
    moved = layers.Add(dtype="float32", name="moved")([z, shift])
    network = Network(keras.Model(z, moved, name="mover"), adam(1e-3, beta1=0.9))

    @graph_function
    def step(z: Tensor) -> Tensor:
        def loss() -> Tensor:
            moved = network(z)
            odds = log_odds(classifier, concept, model.decode(moved))
            far = tf.reduce_sum(tf.square(moved - z), axis=1)
            return tf.reduce_mean(tf.nn.softplus(odds) + edit_penalty * far)

        return minimize(network, loss=loss)

    for number in track(range(STEPS), "training the edit of z"):
        first = FIRST_SEED + number * BATCH
        seeds = range(first, first + BATCH)
        step(tf.constant(model.latents(seeds)))
    return network.model
