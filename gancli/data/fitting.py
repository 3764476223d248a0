"""A data set that is loaded already, in the size and color that a model requests."""

from __future__ import annotations

from gancli.data.dataset import Dataset
from gancli.data.request import Request


def fitted(dataset: Dataset, request: Request) -> Dataset:
    """The data set with its images in the requested size and color. Raises: DataError."""
    return dataset
