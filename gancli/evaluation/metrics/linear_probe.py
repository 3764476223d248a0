"""Simple classifiers on features: the linear SVM and the nearest neighbor of Radford et al. 2015, sections 5, 8.1."""

from __future__ import annotations

from gancli.core.backend import np
from gancli.evaluation.metrics.neighbors import nearest

COSTS = (1e-5, 1e-4, 1e-3, 1e-2, 1e-1)  # C of the linear SVM; the authors tried 1e-4 to 1e-2


def balanced(labels: np.ndarray, count: int, random: np.random.Generator) -> np.ndarray:
    """Rows with about `count` labels in all, equally many of each class, int (about count,)."""
    classes = np.unique(labels)
    each = max(1, count // len(classes))
    return np.concatenate([random.permutation(np.flatnonzero(labels == label))[:each] for label in classes])


def svm_errors(
    train: np.ndarray,
    labels: np.ndarray,
    validation: tuple[np.ndarray, np.ndarray],
    test: tuple[np.ndarray, np.ndarray],
    *,
    draws: list[np.ndarray],
) -> tuple[list[float], float]:
    """Test errors of a linear L2-SVM with few labels, one fit for each draw; and the C that was chosen.

    train: float (count, features), divided by the standard deviation of the rows of a fit. labels: int (count,).
    validation, test: features and labels, to choose C on (with the first draw) and to measure errors on. draws: rows of
    `train` to fit on.
    """
    first, chosen = draws[0], COSTS[0]
    if len(COSTS) > 1:
        errors = [_error(train[first], labels[first], *validation, cost=cost) for cost in COSTS]
        chosen = COSTS[int(np.argmin(errors))]
    return [_error(train[rows], labels[rows], *test, cost=chosen) for rows in draws], chosen


def _error(features: np.ndarray, labels: np.ndarray, others: np.ndarray, truth: np.ndarray, *, cost: float) -> float:
    from sklearn.svm import LinearSVC  # slow to import

    scale = features.std() or 1.0
    machine = LinearSVC(C=cost, dual=True, random_state=0, max_iter=2000, tol=1e-3)
    machine.fit(features / scale, labels)
    return float((machine.predict(others / scale) != truth).mean())


def nearest_error(train: np.ndarray, labels: np.ndarray, test: np.ndarray, truth: np.ndarray) -> float:
    """Test error of a 1-nearest-neighbor classifier (L2), in [0, 1]: Table 3 of the paper.

    train, test: float (count, features). labels, truth: their classes, int (count,).
    """
    found, _ = nearest(test, train)
    return float((labels[found] != truth).mean())
