"""Batches of sentences with the sentences before and after them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gancli.core.backend import np
from gancli.data.texts.tokenization import END
from gancli.models.input_pipeline import InputPipeline

if TYPE_CHECKING:
    from gancli.data import Dataset


class SentenceTriples(InputPipeline):
    """Each sentence with its neighbors, in batches of similar lengths."""

    def columns_to_load(self, dataset: Dataset) -> dict[str, np.ndarray]:
        """Each sentence with those before and after it, as rows int32 (sentences, max_words); those end in END.

        A row is empty where there is no sentence before or after, and adds nothing to the loss.
        """
        rows, follows = self.model.text_rows(dataset.train["sentence"]), np.diff(dataset.train["line"]) == 1
        ended = _with_end(rows)
        before, after = np.zeros_like(ended), np.zeros_like(ended)
        before[1:][follows], after[:-1][follows] = ended[:-1][follows], ended[1:][follows]
        lengths = np.maximum.reduce([np.count_nonzero(part, axis=1) for part in (before, rows, after)])
        self._lengths = lengths[self.training_rows(dataset)]
        return {"before": before, "sentence": rows, "after": after}

    def order_epoch(self, order: np.ndarray, random: np.random.Generator) -> np.ndarray:
        """Batches of similar lengths (the longest of a sentence and its neighbors), in random order."""
        size = self.model.options.batch_size
        alike = order[np.argsort(self._lengths[order], kind="stable")]
        whole = len(alike) // size * size
        batches = alike[:whole].reshape(-1, size)[random.permutation(whole // size)]
        return np.concatenate([batches.reshape(-1), alike[whole:]])


def _with_end(rows: np.ndarray) -> np.ndarray:
    """Rows with an end after their last word, int32 (count, longest + 1)."""
    padded = np.pad(rows, ((0, 0), (0, 1)))
    padded[np.arange(len(rows)), np.count_nonzero(rows, axis=1)] = END
    return padded
