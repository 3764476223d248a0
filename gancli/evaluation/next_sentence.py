"""Sentences and those that follow them: found among others by vectors, by likelihood, and by common words."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass

from gancli.core.backend import np, tf
from gancli.core.errors import DataError
from gancli.data import Dataset
from gancli.data.tokenization import words
from gancli.evaluation.metrics import retrieval
from gancli.evaluation.metrics.retrieval import Retrieval
from gancli.inference.sampling import encode_texts
from gancli.models.capabilities import SentencePredictor, TextEncoder

AMONG = 100
QUESTIONS = 10  # at a time, in the likelihoods


@dataclass(frozen=True)
class Following:
    """How often the sentence that follows is found among a hundred, by each way."""

    count: int
    ways: dict[str, Retrieval]


def follow(
    model: TextEncoder | SentencePredictor,
    dataset: Dataset,
    count: int,
    *,
    told: Callable[[int], None] = lambda done: None,
) -> Following:
    """Look for the sentences that follow `count` test sentences, each among a hundred of the same kind.

    Ways: `vectors`, the cosine of the vectors of both; `likelihood`, of the model's own decoder, beside what the other
    sentences would make of it; `words in common`, the cosine of TF-IDF vectors that scikit-learn made of the training
    sentences. told: after each group, how many are done. Raises: DataError for too few sentences.
    """
    test, pairs = dataset.test["sentence"], np.flatnonzero(np.diff(dataset.test["line"]) == 1)
    if len(pairs) < AMONG:
        raise DataError(f"'{dataset.name}' has {len(pairs)} test sentences that one follows; {AMONG} are needed")
    starts = np.random.default_rng(0).permutation(pairs)
    groups = [starts[begin : begin + AMONG] for begin in range(0, min(count, len(starts)), AMONG)]
    groups = [group for group in groups if len(group) == AMONG]
    common = _common_words(dataset)
    likelihood = tf.function(model.log_next, reduce_retracing=True)
    scores: dict[str, list[np.ndarray]] = {"vectors": [], "likelihood": [], "words in common": []}
    for number, group in enumerate(groups, start=1):
        asked, right = list(test[group]), list(test[group + 1])
        scores["vectors"].append(_cosines(encode_texts(model, asked), encode_texts(model, right)))
        scores["likelihood"].append(retrieval.by_surprise(_logs(likelihood, model, asked, right)))
        scores["words in common"].append((common(asked) @ common(right).T).toarray())
        told(number * AMONG)
    return Following(AMONG * len(groups), {way: retrieval.measure(found) for way, found in scores.items()})


def _common_words(dataset: Dataset) -> Callable:
    from sklearn.feature_extraction.text import TfidfVectorizer  # slow to import

    made = TfidfVectorizer(tokenizer=words, token_pattern=None, lowercase=False)
    return made.fit(dataset.train["sentence"]).transform


def _logs(likelihood: Callable, model: SentencePredictor, asked: list[str], right: list[str]) -> np.ndarray:
    rows, following = model.text_rows(asked), model.text_rows(right)
    parts = (rows[at : at + QUESTIONS] for at in range(0, AMONG, QUESTIONS))
    return np.concatenate([np.asarray(likelihood(tf.constant(part), tf.constant(following))) for part in parts])


def nearest(model: TextEncoder, texts: list[str], among: list[str], *, count: int) -> list[list[tuple[float, str]]]:
    """For each text the nearest sentences by the cosine of their vectors, and the cosine; the text itself left out."""
    cosines = _cosines(encode_texts(model, texts), encode_texts(model, among))
    found = []
    for text, row in zip(texts, cosines, strict=True):
        others = (at for at in np.argsort(-row) if words(among[at]) != words(text))
        found.append([(float(row[at]), among[at]) for at in itertools.islice(others, count)])
    return found


def _cosines(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """float (left's rows, right's rows); 0 of a vector of zeros, which has no direction."""
    norms = (np.linalg.norm(rows, axis=1, keepdims=True) for rows in (left, right))
    left, right = (rows / np.maximum(norm, 1e-30) for rows, norm in zip((left, right), norms, strict=True))
    return left @ right.T
