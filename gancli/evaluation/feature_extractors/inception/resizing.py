"""How images get 299 pixels a side and the range of the Inception network: the three ways of published FIDs.

They give different FIDs (Parmar et al. 2022, arXiv:2104.11222). "clean": Pillow's bicubic of each channel in float32,
antialiased, clipped to [0, 255] and not rounded, as clean-fid. "legacy-tensorflow": bilinear as in TensorFlow 1, where
pixel 0 of the result is pixel 0 of the image and nothing is antialiased, as torch-fidelity and the code of Heusel et
al. 2017. "legacy-pytorch": bilinear between centers of pixels, not antialiased, as pytorch-fid.
"""

from __future__ import annotations

from concurrent.futures import Executor

from gancli.core.backend import Image, Tensor, np, tf
from gancli.evaluation.feature_extractors.inception.network import SIDE

METHODS = ("clean", "legacy-tensorflow", "legacy-pytorch")
NORMALIZATION = dict.fromkeys(METHODS[:2], "(x - 128) / 128") | {METHODS[2]: "2 x / 255 - 1"}


def resized(pixels: np.ndarray, *, workers: Executor) -> np.ndarray:
    """The part of "clean" that Pillow does: uint8 (count, height, width, channels) -> float32 (count, 299, 299,
    channels) in [0, 255]. workers: threads, one image each; Pillow works while others do."""
    out = np.empty((len(pixels), SIDE, SIDE, pixels.shape[-1]), np.float32)
    list(workers.map(_resize_into, out, pixels))
    return out


def _resize_into(out: np.ndarray, image: np.ndarray) -> None:
    for channel in range(image.shape[-1]):
        plane = Image.fromarray(image[..., channel].astype(np.float32))
        np.clip(np.asarray(plane.resize((SIDE, SIDE), Image.Resampling.BICUBIC)), 0, 255, out=out[..., channel])


def network_input(pixels: Tensor, method: str) -> Tensor:
    """float32 (count, 299, 299, 3) in about [-1, 1], as the network takes it; may be part of a graph.

    pixels: for "clean" what `resized` returns, else uint8 (count, height, width, 1 or 3). A gray image is repeated
    after it is resized.
    """
    values = pixels
    if method != "clean":
        half_pixel = method == "legacy-pytorch"
        values = tf.raw_ops.ResizeBilinear(images=pixels, size=(SIDE, SIDE), half_pixel_centers=half_pixel)
    values = values * (2 / 255) - 1 if method == "legacy-pytorch" else (values - 128) / 128
    return tf.repeat(values, 3, axis=-1) if values.shape[-1] == 1 else values
