"""Pictures of any size through a model that enlarges, in tiles that overlap as far as the model sees."""

from __future__ import annotations

import itertools
from collections.abc import Callable

from gancli.core.backend import Image, ndimage, np, tf
from gancli.core.errors import ResourceError
from gancli.core.memory import total_memory
from gancli.imaging import bicubic, images
from gancli.models.capabilities import Upscaler

TILE = 192  # side, in pixels of low resolution, of what is kept of a tile
LEAST_ALPHA = 0.5  # of 255, below which a transparency says nothing of a color
MOST_SHARE = 4  # of the machine's memory a picture's result may take a fourth


class TiledUpscaler:
    """Enlarges pictures, at any size by one graph.

    A tile is given with as much of the picture around it as one of its pixels depends on, so that there are no seams:
    the tiles are what the whole would be, to rounding.
    """

    def __init__(self, model: Upscaler, *, tile: int = TILE) -> None:
        self.scale, self.reach, self.tile, self.channels = model.scale, model.reach, tile, model.data.shape[2]
        anything = tf.TensorSpec((1, None, None, self.channels), tf.uint8)
        self._run = tf.function(lambda part: model.upscale(images.from_uint8(part)), input_signature=[anything])

    def tiles(self, pixels: np.ndarray) -> int:
        """How many tiles a picture takes."""
        return len(self._places(pixels))

    def _places(self, pixels: np.ndarray) -> list[tuple[int, int]]:
        return list(itertools.product(*(range(0, side, self.tile) for side in pixels.shape[:2])))

    def __call__(self, pixels: np.ndarray, *, done: Callable[[], object] = lambda: None) -> np.ndarray:
        """uint8 (height, width, channels) -> (scale height, scale width, channels); `done` is told of each tile.

        Raises: ResourceError if the result would not fit into a fourth of the memory.
        """
        height, width = (side * self.scale for side in pixels.shape[:2])
        need_room(height, width, self.channels)
        out = np.empty((height, width, self.channels), np.uint8)
        for top, left in self._places(pixels):
            bottom, right = min(top + self.tile, pixels.shape[0]), min(left + self.tile, pixels.shape[1])
            first = max(0, top - self.reach), max(0, left - self.reach)
            part = pixels[first[0] : bottom + self.reach, first[1] : right + self.reach]
            made = images.to_uint8(self._run(tf.constant(part[None]))[0])
            inner = made[(top - first[0]) * self.scale :, (left - first[1]) * self.scale :]
            shape = (bottom - top) * self.scale, (right - left) * self.scale
            out[top * self.scale : bottom * self.scale, left * self.scale : right * self.scale] = inner[
                : shape[0], : shape[1]
            ]
            done()
        return out

    def coloured(self, pixels: np.ndarray, *, done: Callable[[], object] = lambda: None) -> np.ndarray:
        """A picture of 1 or 3 channels, whatever the model takes.

        Grey ones are given to a model of colours as such, and grey is taken of the result; of colours a model of grey
        enlarges the luma, and the rest is enlarged by the bicubic kernel.
        """
        if pixels.shape[2] == self.channels:
            return self(pixels, done=done)
        if self.channels == 3:
            made = self(np.repeat(pixels, 3, axis=2), done=done)
            return np.asarray(Image.fromarray(made).convert("L"))[..., None]
        parts = np.array(Image.fromarray(pixels).convert("YCbCr"))
        made = bicubic.enlarge(parts, self.scale).copy()
        made[..., :1] = self(np.ascontiguousarray(parts[..., :1]), done=done)
        return np.asarray(Image.fromarray(made, "YCbCr").convert("RGB"))

    def translucent(
        self, pixels: np.ndarray, alpha: np.ndarray, *, done: Callable[[], object] = lambda: None
    ) -> tuple[np.ndarray, np.ndarray]:
        """A picture uint8 (height, width, 1 or 3) and its transparency (height, width) -> both enlarged.

        Colors of pixels that are fully transparent have no influence: before the network each is that of the nearest
        visible pixel. Transparency is enlarged by the bicubic kernel, and so are colors weighted by it (premultiplied);
        the more transparent a pixel of the result is, the more of its color is of those. That leaves no rim at edges;
        a network's premultiplied colors divided by a bicubic transparency leave dark ones, as the network is sharper.
        """
        is_visible = alpha > 0
        if is_visible.any() and not is_visible.all():
            rows, columns = ndimage.distance_transform_edt(~is_visible, return_distances=False, return_indices=True)
            pixels = pixels[rows, columns]
        made = np.array(self.coloured(np.ascontiguousarray(pixels), done=done))
        large = bicubic.enlarge(np.ascontiguousarray(alpha[..., None]), self.scale)
        weights = _enlarged(alpha, self.scale)
        share = np.where(weights < LEAST_ALPHA, 1.0, large[..., 0] / 255.0)
        for channel in range(made.shape[2]):
            premultiplied = _enlarged(pixels[..., channel] * (alpha / 255.0), self.scale)
            weighted = np.clip(255.0 * premultiplied / np.maximum(weights, LEAST_ALPHA), 0, 255)
            made[..., channel] = np.rint(share * made[..., channel] + (1 - share) * weighted)
        return made, large[..., 0]


def _enlarged(values: np.ndarray, scale: int) -> np.ndarray:
    """Values (height, width), float32 of the bicubic kernel (scale height, scale width)."""
    height, width = values.shape
    picture = Image.fromarray(values.astype(np.float32))
    return np.asarray(picture.resize((scale * width, scale * height), Image.Resampling.BICUBIC))


def need_room(height: int, width: int, channels: int) -> None:
    """Raise ResourceError for a picture that a fourth of the memory does not hold."""
    if height * width * channels > total_memory() // MOST_SHARE:
        raise ResourceError(f"the result would have {width:,}x{height:,} pixels, more than this machine's memory bears")
