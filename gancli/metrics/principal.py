"""Principal components: the best that a linear encoder and decoder can do."""

from __future__ import annotations

import numpy as np


def rebuilt(train: np.ndarray, rows: np.ndarray, rank: int) -> np.ndarray:
    """Rows float32 (count, size) from `rank` principal components of the training rows, or as many as there are."""
    from sklearn.decomposition import PCA  # slow to import

    found = PCA(min(rank, *train.shape), random_state=0).fit(train)
    return found.inverse_transform(found.transform(rows)).astype(np.float32)
