"""Principal components: the best that a linear encoder and decoder can do."""

from __future__ import annotations

from gancli.core.backend import np


def reconstruct(train: np.ndarray, rows: np.ndarray, rank: int) -> np.ndarray:
    """Rows float32 (count, size) from `rank` principal components of the training rows, or as many as there are.

    Training rows that are all one have no components: what is left is that row.
    """
    if (train == train[:1]).all():
        return np.broadcast_to(train[0], rows.shape).astype(np.float32)
    from sklearn.decomposition import PCA  # slow to import

    found = PCA(min(rank, *train.shape), random_state=0).fit(train)
    return found.inverse_transform(found.transform(rows)).astype(np.float32)
