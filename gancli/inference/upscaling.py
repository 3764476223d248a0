"""Super-resolution at any image size, in tiles that overlap by the receptive field of the network."""

from __future__ import annotations

import itertools
from collections.abc import Callable

from gancli.core.backend import Image, graph_function, ndimage, np, tf
from gancli.core.environment import total_memory
from gancli.core.errors import ResourceError
from gancli.imaging import bicubic, images
from gancli.models.capabilities import Upscaler

TILE = 192  # side in low-resolution pixels, without overlap
MIN_ALPHA = 0.5  # of 255, for a color to count
MEMORY_DIVISOR = 4  # a result may take a fourth of the memory


class TiledUpscaler:
    """Upscales images of any size with one compiled graph.

    Each tile is processed together with the surroundings that its pixels depend on, so there are no seams: the result
    equals that of the whole image up to rounding.
    """

    def __init__(self, model: Upscaler, *, tile: int = TILE) -> None:
        self.scale = model.scale
        self.reach = model.reach
        self.tile = tile
        self.channels = model.data.shape[2]
        anything = tf.TensorSpec((1, None, None, self.channels), tf.uint8)
        self._run = graph_function(lambda part: model.upscale(images.from_uint8(part)), input_signature=[anything])

    def tiles(self, pixels: np.ndarray) -> int:
        """The number of tiles of an image (height, width, channels), and of calls of `done`."""
        return len(self._places(pixels))

    def _places(self, pixels: np.ndarray) -> list[tuple[int, int]]:
        return list(itertools.product(*(range(0, side, self.tile) for side in pixels.shape[:2])))

    def __call__(self, pixels: np.ndarray, *, done: Callable[[], object] = lambda: None) -> np.ndarray:
        """uint8 (height, width, channels) -> (scale height, scale width, channels); `done` is called after each tile.

        Raises: ResourceError if the result does not fit in a fourth of the memory.
        """
        height, width = (side * self.scale for side in pixels.shape[:2])
        need_room(height, width, self.channels)
        out = np.empty((height, width, self.channels), np.uint8)
        for top, left in self._places(pixels):
            bottom, right = min(top + self.tile, pixels.shape[0]), min(left + self.tile, pixels.shape[1])
            first = max(0, top - self.reach), max(0, left - self.reach)
            part = pixels[first[0] : bottom + self.reach, first[1] : right + self.reach]
            high = images.to_uint8(self._run(tf.constant(part[None]))[0])
            inner = high[(top - first[0]) * self.scale :, (left - first[1]) * self.scale :]
            shape = (bottom - top) * self.scale, (right - left) * self.scale
            out[top * self.scale : bottom * self.scale, left * self.scale : right * self.scale] = inner[
                : shape[0], : shape[1]
            ]
            done()
        return out

    def upscale_any_channels(self, pixels: np.ndarray, *, done: Callable[[], object] = lambda: None) -> np.ndarray:
        """Upscale an image uint8 (height, width, 1 or 3), whatever the model takes, and keep its number of channels.

        A color model upscales gray as RGB, and the result is converted to gray; a gray model upscales the luma of RGB
        images, and chroma is upscaled by the bicubic kernel.
        """
        if pixels.shape[2] == self.channels:
            return self(pixels, done=done)
        if self.channels == 3:
            high = self(np.repeat(pixels, 3, axis=2), done=done)
            return np.asarray(Image.fromarray(high).convert("L"))[..., None]
        parts = np.array(Image.fromarray(pixels).convert("YCbCr"))
        high = bicubic.upscale(parts, self.scale).copy()
        high[..., :1] = self(np.ascontiguousarray(parts[..., :1]), done=done)
        return np.asarray(Image.fromarray(high, "YCbCr").convert("RGB"))

    def upscale_whole(self, pixels: np.ndarray, *, done: Callable[[], object] = lambda: None) -> np.ndarray:
        """Upscale an image uint8 (height, width, channels) of gray or RGB, the last of 2 or 4 channels being alpha."""
        if pixels.shape[2] in (2, 4):
            return np.dstack(self.upscale_with_alpha(pixels[..., :-1], pixels[..., -1], done=done))
        return self.upscale_any_channels(np.ascontiguousarray(pixels), done=done)

    def upscale_with_alpha(
        self, pixels: np.ndarray, alpha: np.ndarray, *, done: Callable[[], object] = lambda: None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Upscale an image uint8 (height, width, 1 or 3) and its transparency (height, width).

        Colors of fully transparent pixels have no influence: each is replaced by the nearest visible pixel first.
        Transparency is upscaled by the bicubic kernel, and so are colors premultiplied by it; the more transparent a
        pixel of the result, the more it takes of those. This avoids halos at edges, which upscaling premultiplied
        colors by the network would leave, as it is sharper than the bicubic transparency.
        """
        is_visible = alpha > 0
        if is_visible.any() and not is_visible.all():
            rows, columns = ndimage.distance_transform_edt(~is_visible, return_distances=False, return_indices=True)
            pixels = pixels[rows, columns]
        high = np.array(self.upscale_any_channels(np.ascontiguousarray(pixels), done=done))
        large = bicubic.upscale(np.ascontiguousarray(alpha[..., None]), self.scale)
        weights = _enlarged(alpha, self.scale)
        share = np.where(weights < MIN_ALPHA, 1.0, large[..., 0] / 255.0)
        for channel in range(high.shape[2]):
            premultiplied = _enlarged(pixels[..., channel] * (alpha / 255.0), self.scale)
            weighted = np.clip(255.0 * premultiplied / np.maximum(weights, MIN_ALPHA), 0, 255)
            high[..., channel] = np.rint(share * high[..., channel] + (1 - share) * weighted)
        return high, large[..., 0]


def _enlarged(values: np.ndarray, scale: int) -> np.ndarray:
    """float (height, width) -> float32 (scale height, scale width), by the bicubic kernel."""
    height, width = values.shape
    picture = Image.fromarray(values.astype(np.float32))
    return np.asarray(picture.resize((scale * width, scale * height), Image.Resampling.BICUBIC))


def need_room(height: int, width: int, channels: int) -> None:
    """Raise ResourceError for an image that does not fit in a fourth of the memory."""
    if height * width * channels > total_memory() // MEMORY_DIVISOR:
        raise ResourceError(f"the result would have {width:,}x{height:,} pixels, which does not fit in memory")
