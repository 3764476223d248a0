"""Next-sentence retrieval: the true next sentence among a hundred, by vectors, likelihood and common words."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass

from gancli.core.backend import graph_function, np, tf
from gancli.core.errors import DataError
from gancli.core.progress import track
from gancli.data import Dataset
from gancli.data.texts.tokenization import words
from gancli.evaluation.metrics import retrieval
from gancli.evaluation.metrics.retrieval import Retrieval
from gancli.inference.sampling import encode_texts
from gancli.models.capabilities import SentencePredictor, TextEncoder

CANDIDATES = 100
LIKELIHOOD_BATCH = 10  # sentences at a time, each with all candidates
NUM_TEXTS, NUM_NEIGHBORS = 5, 3  # sentences whose neighbors are found, and neighbors of each
NEIGHBOR_CANDIDATES = 10_000  # training sentences


@dataclass(frozen=True)
class NextSentenceResult:
    """How often the next sentence of `count` sentences is found among a hundred, by method.

    nearest: texts, each with the cosine similarity and the text of its nearest training sentences.
    """

    count: int
    methods: dict[str, Retrieval]
    nearest: list[tuple[str, list[tuple[float, str]]]]

    def to_dict(self) -> dict[str, object]:
        """The values that --json prints, by key."""
        result = {"metric": "the next sentence, ranked first among 100", "sentences": self.count}
        result |= {"chance": 1 / CANDIDATES}
        result |= {name.replace(" ", "_"): one._asdict() for name, one in self.methods.items()}
        return result | {"nearest": [[text, neighbors] for text, neighbors in self.nearest]}


def score(
    model: TextEncoder | SentencePredictor,
    dataset: Dataset,
    num_samples: int,
    *,
    texts: list[str] | None = None,
) -> NextSentenceResult:
    """Score a model on test sentences, and find the nearest training sentences of texts.

    texts: five random test sentences by default. Raises: DataError for too few sentences.
    """
    count, methods = rank_next(model, dataset, num_samples)
    random = np.random.default_rng(1)
    texts = texts or random.choice(dataset.test["sentence"], NUM_TEXTS, replace=False).tolist()
    size = min(NEIGHBOR_CANDIDATES, len(dataset))
    candidates = random.choice(dataset.train["sentence"], size, replace=False).tolist()
    neighbors = nearest(model, texts, candidates, count=NUM_NEIGHBORS)
    return NextSentenceResult(count, methods, list(zip(texts, neighbors, strict=True)))


def rank_next(
    model: TextEncoder | SentencePredictor,
    dataset: Dataset,
    num_samples: int,
) -> tuple[int, dict[str, Retrieval]]:
    """Rank the next sentence of up to `num_samples` test sentences, each among a hundred next sentences.

    Returns: the number of sentences, a multiple of a hundred, and the ranks by method: `vectors`, the cosine similarity
    of the vectors of both; `likelihood`, by the model's decoder, relative to the other sentences of the hundred; `words
    in common`, the cosine similarity of TF-IDF vectors that are fitted to the training sentences.
    Raises: DataError for too few sentences.
    """
    test, pairs = dataset.test["sentence"], np.flatnonzero(np.diff(dataset.test["line"]) == 1)
    if len(pairs) < CANDIDATES:
        raise DataError(
            f"'{dataset.name}' has {len(pairs)} test sentences with a next sentence; at least {CANDIDATES} are needed"
        )
    starts = np.random.default_rng(0).permutation(pairs)
    groups = [starts[begin : begin + CANDIDATES] for begin in range(0, min(num_samples, len(starts)), CANDIDATES)]
    groups = [group for group in groups if len(group) == CANDIDATES]
    tfidf = _fit_tfidf(dataset)
    likelihood = graph_function(model.log_next, reduce_retracing=True)
    scores: dict[str, list[np.ndarray]] = {"vectors": [], "likelihood": [], "words in common": []}
    for group in track(groups, "ranking hundreds of sentences"):
        sentences, following = list(test[group]), list(test[group + 1])
        scores["vectors"].append(_cosines(encode_texts(model, sentences), encode_texts(model, following)))
        log_likelihoods = _log_likelihoods(likelihood, model, sentences, following)
        scores["likelihood"].append(retrieval.relative_log_likelihood(log_likelihoods))
        scores["words in common"].append((tfidf(sentences) @ tfidf(following).T).toarray())
    return CANDIDATES * len(groups), {name: retrieval.measure(values) for name, values in scores.items()}


def _fit_tfidf(dataset: Dataset) -> Callable:
    from sklearn.feature_extraction.text import TfidfVectorizer  # slow to import

    vectorizer = TfidfVectorizer(tokenizer=words, token_pattern=None, lowercase=False)
    return vectorizer.fit(dataset.train["sentence"]).transform


def _log_likelihoods(
    likelihood: Callable, model: SentencePredictor, sentences: list[str], following: list[str]
) -> np.ndarray:
    rows, next_rows = model.text_rows(sentences), model.text_rows(following)
    parts = (rows[at : at + LIKELIHOOD_BATCH] for at in range(0, CANDIDATES, LIKELIHOOD_BATCH))
    return np.concatenate([np.asarray(likelihood(tf.constant(part), tf.constant(next_rows))) for part in parts])


def nearest(
    model: TextEncoder, texts: list[str], candidates: list[str], *, count: int
) -> list[list[tuple[float, str]]]:
    """For each text the nearest candidates by cosine similarity, with the similarity; the text itself is left out."""
    cosines = _cosines(encode_texts(model, texts), encode_texts(model, candidates))
    neighbors = []
    for text, row in zip(texts, cosines, strict=True):
        others = (at for at in np.argsort(-row) if words(candidates[at]) != words(text))
        neighbors.append([(float(row[at]), candidates[at]) for at in itertools.islice(others, count)])
    return neighbors


def _cosines(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """float (left's rows, right's rows); 0 for a vector of zeros."""
    norms = (np.linalg.norm(rows, axis=1, keepdims=True) for rows in (left, right))
    left, right = (rows / np.maximum(norm, 1e-30) for rows, norm in zip((left, right), norms, strict=True))
    return left @ right.T
