"""Reconstruction by principal components: the best possible linear autoencoder."""

from __future__ import annotations

from gancli.core.backend import np


def reconstruct(train: np.ndarray, rows: np.ndarray, rank: int) -> np.ndarray:
    """Reconstruct rows float32 (count, size) from `rank` principal components of the training rows, at most all.

    Training rows that are all equal have no components: the reconstruction is that row.
    """
    if (train == train[:1]).all():
        return np.broadcast_to(train[0], rows.shape).astype(np.float32)
    from sklearn.decomposition import PCA  # slow to import

    found = PCA(min(rank, *train.shape), random_state=0).fit(train)
    return found.inverse_transform(found.transform(rows)).astype(np.float32)
