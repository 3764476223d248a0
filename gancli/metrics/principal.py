"""Principal components: the best that a linear encoder and decoder can do."""

from __future__ import annotations

import numpy as np

MOST = 20_000  # rows to find them in


def rebuilt(train: np.ndarray, rows: np.ndarray, rank: int) -> np.ndarray:
    """Rows float32 (count, size) from `rank` principal components of the training rows, or as many as there are."""
    from sklearn.decomposition import PCA  # slow to import

    chosen = train if len(train) <= MOST else train[np.random.default_rng(0).permutation(len(train))[:MOST]]
    found = PCA(min(rank, *chosen.shape), random_state=0).fit(chosen)
    return found.inverse_transform(found.transform(rows)).astype(np.float32)
