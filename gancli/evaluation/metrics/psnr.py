"""PSNR and SSIM between images and their originals, as papers on super-resolution compute them.

They use the luma, Y of ITU-R BT.601 from 16 to 235 as MATLAB's rgb2ycbcr, and crop a border of `scale` pixels (Ledig et
al. 2017, section 3.1). There are two variants of SSIM, which differ in the second digit: that of Wang et al. 2004, with
a Gaussian window of 11 pixels and standard deviation 1.5, and that of Xiph's daala, which Ledig et al. used, with a
window that grows with the image.
"""

from __future__ import annotations

from typing import NamedTuple

from gancli.core.backend import ndimage, np

LUMA = (65.481 / 255.0, 128.553 / 255.0, 24.966 / 255.0)  # of red, green and blue
BLACK = 16.0
PEAK = 255.0
K1, K2 = 0.01, 0.03
WINDOW, DEVIATION = 11, 1.5  # pixels, of Wang et al.
DAALA_DEVIATION, DAALA_STEPS = 1.5 / 256, 256  # of the window, relative to the height; quantization of its weights


class ImageSimilarity(NamedTuple):
    """Similarity of an image to its original: PSNR in dB, SSIM of Wang et al. and of daala."""

    psnr: float
    ssim: float
    ssim_daala: float


def luma(pixels: np.ndarray) -> np.ndarray:
    """uint8 (height, width, 1 or 3) -> float64 (height, width): Y of colors, in [16, 235]; gray values unchanged."""
    values = pixels.astype(np.float64)
    return values[..., 0] if pixels.shape[-1] == 1 else BLACK + values @ LUMA


def image_similarity(image: np.ndarray, original: np.ndarray, *, border: int, rgb: bool = False) -> ImageSimilarity:
    """The similarity of two images uint8 (height, width, 1 or 3) of the same shape.

    border: pixels to crop at each side. rgb: compare all channels instead of the luma, and average their SSIMs.
    Raises: ValueError if nothing is left within the border.
    """
    first, second = (_inner(pixels, border, rgb=rgb) for pixels in (image, original))
    pairs = [(first[..., channel], second[..., channel]) for channel in range(first.shape[-1])]
    wang = np.mean([_ssim_of_wang(*pair) for pair in pairs])
    daala = np.mean([_ssim_of_daala(*map(np.rint, pair)) for pair in pairs])
    return ImageSimilarity(psnr(first, second), float(wang), float(daala))


def luma_psnr(image: np.ndarray, original: np.ndarray, *, border: int) -> float:
    """The PSNR of the luma of two images uint8 (height, width, 1 or 3), in dB. Raises: as `image_similarity`."""
    return psnr(_inner(image, border), _inner(original, border))


def _inner(pixels: np.ndarray, border: int, *, rgb: bool = False) -> np.ndarray:
    """The channels to compare, float64 (height, width, channels), within the border."""
    if min(pixels.shape[:2]) <= 2 * border:
        raise ValueError(f"{pixels.shape[1]}x{pixels.shape[0]} pixels have nothing within a border of {border}")
    inner = slice(border, -border or None)
    return (pixels.astype(np.float64) if rgb else luma(pixels)[..., None])[inner, inner]


def psnr(first: np.ndarray, second: np.ndarray) -> float:
    """10 log10(255² / mean squared error) of float arrays of one shape, in dB; 100 at most, and for equal images."""
    error = np.mean((first - second) ** 2)
    return float(min(100.0, 10.0 * np.log10(PEAK**2 / error))) if error else 100.0


def _ssim_of_wang(first: np.ndarray, second: np.ndarray) -> float:
    """Equation 13 with a window of 11 pixels, or as many as fit, where the whole window lies inside the image."""
    reach = (min(WINDOW, *first.shape) - 1) // 2
    at = np.arange(-reach, reach + 1)
    window = np.exp(-0.5 * (at / DEVIATION) ** 2)
    found, _ = _ssim(first, second, window / window.sum())
    return float(found[reach : first.shape[0] - reach, reach : first.shape[1] - reach].mean())


def _ssim_of_daala(first: np.ndarray, second: np.ndarray) -> float:
    """As the tool dump_ssim of Xiph's daala: a window of standard deviation 1.5 / 256 of the height, with weights
    rounded to 1 / 256, cropped at the edges, where the result has less weight."""
    height, width = first.shape
    found, weight = _ssim(first, second, _rounded_window(DAALA_DEVIATION * height, min(height, width)))
    return float((found * weight).sum() / weight.sum())


def _ssim(first: np.ndarray, second: np.ndarray, window: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """SSIM at each pixel, float64 (height, width), and how much of the window, a separable one, lies inside."""

    def sums(values: np.ndarray) -> np.ndarray:
        along = ndimage.correlate1d(values, window, axis=0, mode="constant")
        return ndimage.correlate1d(along, window, axis=1, mode="constant")

    inside = sums(np.ones_like(first))
    means = sums(first) / inside, sums(second) / inside
    variances = (sums(first**2) + sums(second**2)) / inside - means[0] ** 2 - means[1] ** 2
    covariance = sums(first * second) / inside - means[0] * means[1]
    c1, c2 = (K1 * PEAK) ** 2, (K2 * PEAK) ** 2
    found = (2 * means[0] * means[1] + c1) * (2 * covariance + c2)
    return found / ((means[0] ** 2 + means[1] ** 2 + c1) * (variances + c2)), inside


def _rounded_window(deviation: float, longest: int) -> np.ndarray:
    """A Gaussian of sum 1, as wide as its rounded weights are above 0."""
    least = np.sqrt(0.5 * np.pi) * deviation / DAALA_STEPS
    reach = 0 if least >= 1 else min(int(deviation * np.sqrt(-2 * np.log(least))), longest - 1)
    at = np.arange(-reach, reach + 1)
    gauss = np.exp(-0.5 * (at / deviation) ** 2) / (np.sqrt(2 * np.pi) * deviation)
    window = np.floor(DAALA_STEPS * gauss + 0.5)
    window[reach] += DAALA_STEPS - window.sum()
    return window / DAALA_STEPS
