"""MS-SSIM of pairs of images. Wang, Simoncelli & Bovik 2003; for GANs Odena et al. 2017, 1610.09585."""

from __future__ import annotations

from gancli.core.backend import np, tf
from gancli.core.progress import track

WEIGHTS = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)  # Wang et al., five scales
WINDOW = 11
BATCH = 100


def levels(side: int) -> int:
    """Number of scales for images of this side: the window of 11 pixels must fit at the coarsest; five from 176 on."""
    return max((count for count in range(1, len(WEIGHTS) + 1) if side // 2 ** (count - 1) >= WINDOW), default=1)


def similarity(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """MS-SSIM of each pair, float32 (count,): 1 for identical images.

    first, second: uint8 (count, height, width, channels). Gaussian window of 11 pixels (fewer in smaller images) and
    standard deviation 1.5, K1 .01, K2 .03; as many scales as the side allows, with weights normalized to a sum of 1;
    channels are averaged. A negative similarity counts as 0, because its power is not defined.
    """
    side = min(first.shape[1:3])
    used = np.array(WEIGHTS[: levels(side)])
    parts = [
        tf.image.ssim_multiscale(
            first[start : start + BATCH],
            second[start : start + BATCH],
            255,
            power_factors=(used / used.sum()).tolist(),
            filter_size=min(WINDOW, side),
        ).numpy()
        for start in track(range(0, len(first), BATCH), "similarities of pairs")
    ]
    return np.concatenate(parts)
