"""Scores in words: the title of each, its unit, what its deviation is, and how it was measured, in a line."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from gancli.evaluation.metric_table.metrics import METRICS

Result = Mapping[str, Any]

UNITS = {  # of values that are not plain numbers
    **dict.fromkeys(("parzen", "parzen_by_level", "elbo", "importance_bound"), "nats"),
    **dict.fromkeys(("class_entropy", "reverse_kl"), "nats"),
    **dict.fromkeys(("psnr", "reconstruction_psnr", "spectrum"), "dB"),
    "bits_per_number": "bits",
}
OTHER_TITLES = {
    "parzen": "log-likelihood of test images by Parzen windows",
    "parzen_by_level": "log-likelihood by Parzen windows, level by level",
    "ms_ssim": "MS-SSIM of pairs of samples",
    "spectrum": "distance of the power spectra",
    "neighbors": "distance to training images over that to unseen ones",
    "class_entropy": "entropy of the predicted classes",
    "modes": "modes that samples reach, of {modes:,}",
    "reverse_kl": "divergence of the samples' modes from the data's",
    "elbo": "ELBO of test images",
    "importance_bound": "importance-weighted bound, {k:,} samples of z",
    "bits_per_number": "bits per pixel and channel, at most",
    "reconstruction_psnr": "PSNR of reconstructions",
    "class_accuracy": "accuracy, mean over the classes",
    "psnr": "peak signal-to-noise ratio",
}
SPREADS = {  # what the deviation of a score is
    "fid": "standard deviation over {repeats} sets of samples",
    "kid": "standard deviation over {kid_subsets[count]} subsets of {kid_subsets[size]:,}",
    "label_score": "standard deviation {label_score_splits[deviation]}",
    "inception_score": "standard deviation {inception_score_splits[deviation]}",
    "parzen": "standard error, {error}",
    "ms_ssim": "standard error, standard deviation / sqrt({pairs:,} pairs)",
    "svm_error": "standard deviation over {svm[draws]} draws of labels",
}
REAL = "real images"
REAL_IS = {  # what a score is compared with, if that is not real images; by measurement or metric
    "reconstruction": "PCA",
    "upscaling": "bicubic",
    "domain_fid": "untranslated",
    "next_sentence": "words in common",
    "svm_error": "pixels",
}


def title(name: str, result: Result) -> str:
    """The title of a score: with the features that it depends on, and without its unit."""
    if METRICS[name].measurement == "distances":
        return _of_features(name, str(result["metric"]))
    unit = UNITS.get(name, "")
    plain = OTHER_TITLES.get(name) or METRICS[name].summary.removesuffix(f", {unit}" if unit else "")
    return plain.format_map(result)


def _of_features(name: str, distance: str) -> str:
    """The title of a score in the same features as a Fréchet distance of this name."""
    start = "FID" if distance.startswith("FID (") else "Fréchet distance"
    names = {"fid": start, "fid_infinity": f"{start} at infinity", "kid": "KID", "inception_score": "Inception score"}
    return names.get(name, name.replace("_", " ")) + distance.removeprefix(start)


def spread_is(name: str, result: Result) -> str:
    """What the deviation of a score is: a standard deviation or error, and over what."""
    return SPREADS.get(name, "standard error").format_map(result)


def real_is(name: str) -> str:
    """What a score is compared with: the same score of real images, or of what else."""
    return REAL_IS.get(name) or REAL_IS.get(METRICS[name].measurement) or REAL


def recipe_line(group: str, result: Result) -> str:
    """How a measurement was made, in words."""
    return LINES[group](result)


def _classifier(result: Result) -> str:
    return f"classifier of the data, {result['test_accuracy']:.2%} accuracy, sha256 {str(result['sha256'])[:12]}…"


def _features(result: Result) -> str:
    digest = f", sha256 {str(result['sha256'])[:12]}…" if "sha256" in result else ""
    return f"{result['name']} features{digest}"


def _distances(result: Result) -> str:
    others = f"; real images: {result['real_against_it']}" if "real_against_it" in result else ""
    return (
        f"{_features(result['features'])}; {result['images_of_each_set']:,} images in each set; reference: "
        f"{result['reference']}{others}"
    )


def _parzen(result: Result) -> str:
    count = result.get("validation_images")
    how = f"on {count:,} training images" if count else "for each fold"
    sigma = ", ".join(f"{one:.3f}" for one in result["sigma"])
    images = f"{result['test_images']:,} images, {result['reference']}"
    return f"{result['samples']:,} windows, sigma {sigma} chosen {how}; {images}"


def _diversity(result: Result) -> str:
    return (
        f"{result['levels']} of 5 scales, {result['pairs']:,} pairs; near-duplicates: nearer than 99.9% of "
        f"{result['near_duplicate_images']:,} real images; reference: {result['reference']}"
    )


def _neighbors(result: Result) -> str:
    unseen = f"; {result['reference_images']:,} unseen images of: {result['reference']}" if result["ratio"] else ""
    return f"{_features(result['features'])}; {result['training_images']:,} training images{unseen}"


def _modes(result: Result) -> str:
    what = _classifier(result["classifier"]) if "classifier" in result else result.get("high_quality_is", "")
    return f"{result['samples']:,} samples, {result['published_samples']:,} in the papers; {what}"


def _upscaling(result: Result) -> str:
    count = sum(map(len, result["pictures"].values()))
    of = f", {result['of']}" if "of" in result else ""
    made = "downscaled by the bicubic kernel" if result["inputs"] == "bicubic" else "low-resolution files of the set"
    return f"{count:,} images of '{result['data']}'{of}; {result['recipe']}; inputs: {made}"


def _translation(result: Result) -> str:
    counts = " and ".join(f"{count:,} images of {side}" for count, side in zip(result["images"], "AB", strict=True))
    return f"mean over {', '.join(result['directions'])}; {counts}, {result['split']} split; {result['features']}"


def _captions(result: Result) -> str:
    return f"{result['captions']:,} {result['of']} captions, {result['rows']}; {result['metric']}"


def _probe(result: Result) -> str:
    parts = []
    if "svm" in result:
        parts.append(f"SVM of {result['svm']['labels']:,} labels, {result['svm']['draws']} draws")
    if "nearest" in result:
        parts.append(f"nearest neighbors of {result['nearest']['samples']:,} samples; real images: the training set")
    return "; ".join(parts)


def _reconstruction(result: Result) -> str:
    return f"{result['images']:,} {result['of']}, {result['rows']}; PCA of {result['rank']} components"


def _test_images(result: Result) -> str:
    return f"{result.get('images', result.get('test_images')):,} {result['of']}, {result['rows']}"


LINES: dict[str, Callable[[Result], str]] = {  # by measurement
    "distances": _distances,
    "parzen": _parzen,
    "parzen_by_level": _test_images,
    "diversity": _diversity,
    "spectrum": lambda result: (
        f"octaves {result['bands'][0]} to {result['bands'][-1]}; reference: {result['reference']}"
    ),
    "neighbors": _neighbors,
    "labels": lambda result: _classifier(result["classifier"]),
    "modes": _modes,
    "bounds": _test_images,
    "reconstruction": _reconstruction,
    "upscaling": _upscaling,
    "segmentation": lambda result: f"{result['images']:,} {result['split']} images of '{result['data']}'",
    "translation": _translation,
    "captions": _captions,
    "sentences": lambda result: (
        f"{result['sentences']:,} test sentences, each among 100; by chance {result['chance']:.0%}"
    ),
    "probe": _probe,
}
