"""A buffer of generated images that discriminators are trained on (Shrivastava et al. 2017, arXiv:1612.07828)."""

from __future__ import annotations

from gancli.core.backend import Tensor, tf


class ImagePool:
    """Images from earlier steps; its variables are part of the state of a training."""

    def __init__(self, size: int, shape: tuple[int, int, int]) -> None:
        self.size = size
        self.images = tf.Variable(tf.zeros((max(size, 1), *shape)), trainable=False)
        self.count = tf.Variable(0, trainable=False)

    def variables(self) -> dict[str, tf.Variable]:
        """The variables to save in a checkpoint, by name: `images` and `count`; none for a pool of size 0."""
        return {"images": self.images, "count": self.count} if self.size else {}

    def query(self, images: Tensor, random: tf.random.Generator) -> Tensor:
        """Images float32 (batch, height, width, channels) -> for each itself or, with probability 1/2, one of the pool,
        whose place it takes. Until the pool is full, each is added to it and returned."""
        return tf.stack([self._one(image, random) for image in tf.unstack(images)]) if self.size else images

    def _one(self, image: Tensor, random: tf.random.Generator) -> Tensor:
        share, is_full = random.uniform([2]), self.count >= self.size
        at = tf.where(is_full, tf.cast(share[0] * self.size, tf.int32), self.count)
        is_old, old = is_full & (share[1] < 0.5), self.images[at]
        kept = tf.where(is_full & ~is_old, old, image)
        self.images.scatter_nd_update([[at]], [kept])
        self.count.assign(tf.minimum(self.count + 1, self.size))
        return tf.where(is_old, old, image)
