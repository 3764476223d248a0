"""Short names and meanings of the metrics of training, in the order of their importance in a line of progress."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

GRADIENT = "_gradient"  # the end of the name of a network's gradient norm


class Metric(NamedTuple):
    """short: the name in a line of progress. meaning: what it is, in a few words."""

    short: str
    meaning: str


Metrics = Mapping[str, Metric]  # by their names in metrics.jsonl, the most important first

SHARED: Metrics = {
    "discriminator_loss": Metric("D", "discriminator loss"),
    "generator_loss": Metric("G", "generator loss"),
    "segmenter_loss": Metric("S", "segmenter loss"),
    "adversary_loss": Metric("A", "adversary loss"),
    "cross_entropy": Metric("CE", "cross-entropy"),
    "pixel_accuracy": Metric("accuracy", "share of correct pixels"),
    "encoder_loss": Metric("E", "encoder loss"),
    "loss": Metric("loss", "negative ELBO"),
    "elbo": Metric("ELBO", "lower bound of the log-likelihood"),
    "reconstruction": Metric("rec", "log-likelihood of the reconstruction"),
    "reconstruction_loss": Metric("rec", "reconstruction loss"),
    "kl": Metric("KL", "divergence of the codes from the prior"),
    "content_loss": Metric("content", "distance from the original"),
    "D(x)": Metric("D(x)", "mean discriminator output on real images"),
    "D(G(z))": Metric("D(G(z))", "the same on generated images"),
    "p_real": Metric("p(real)", "mean probability of real images to be real"),
    "p_fake": Metric("p(fake)", "the same of generated images"),
    "p_wrong": Metric("p(wrong)", "the same of real images with wrong labels or captions"),
    "p_people": Metric("p(true)", "mean probability of true label maps to be true"),
    "p_segmenter": Metric("p(S)", "the same of predicted label maps"),
    "output_real": Metric("D(x)", "mean discriminator output on real images"),
    "output_fake": Metric("D(G(z))", "the same on generated images"),
    "distance": Metric("distance", "estimate that falls as the samples improve"),
    "real_above_fake": Metric("ahead", "share of pairs whose real image has the larger output"),
    "penalty": Metric("penalty", "weighted gradient penalty"),
    "ada_probability": Metric("p(augment)", "probability of adaptive augmentation"),
    "divergence": Metric("divergence", "bound that falls as the samples improve"),
}


def named(scalars: Iterable[str], *metrics: Metrics) -> dict[str, Metric]:
    """The metrics of these names in the order of importance: those that are declared, others, norms of gradients last.

    metrics: declarations, the most important first. A name that none declares is its own short name.
    """
    names = list(scalars)
    found = {name: metric for declared in metrics for name, metric in declared.items() if name in names}
    others = sorted(name for name in names if name not in found)
    for name in [name for name in others if not name.endswith(GRADIENT)]:
        found[name] = Metric(name.removesuffix("_loss").replace("_", " "), "")
    for name in (name for name in others if name.endswith(GRADIENT)):
        network = name.removesuffix(GRADIENT).replace("_", " ")
        found[name] = Metric(f"grad({network})", f"gradient norm of {network}")
    return found
