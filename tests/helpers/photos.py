"""Pictures to enlarge, and the runs that enlarge them."""

import numpy as np
from scipy.ndimage import gaussian_filter

from gancli.imaging import images


def picture(height, width, channels=3, seed=0):
    """A smooth one, uint8."""
    values = gaussian_filter(np.random.default_rng(seed).normal(size=(height, width, channels)), (2, 2, 0))
    return images.from_unit((values - values.min()) / np.ptp(values))


def run_of(enlarging, number):
    return next(enlarging.glob(f"{number:05}-*"))
