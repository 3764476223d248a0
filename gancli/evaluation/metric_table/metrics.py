"""The table of metrics: names, the measurement of each, and where its value stands in the result."""

from __future__ import annotations

from typing import NamedTuple

from gancli.evaluation.metric_table.places import Place, caption_share, of_own_method, over_directions


class Metric(NamedTuple):
    """A metric. needs: what can be scored, and which data, in words; summary: what it measures; better: "higher",
    "lower" or "" where neither is.

    measurement: the function in `measurements`. value, real, spread: places in its result: the score, the same score of
    real images, and its deviation or standard error; "" where there is none. missing: why the value may be absent.
    """

    measurement: str
    value: Place
    needs: str
    summary: str
    better: str = ""
    real: Place = ""
    spread: Place = ""
    missing: str = "it is not defined here"


SAMPLES = "samples or images"
LABELS = f"{SAMPLES}; data with labels"
MAPS, DOMAINS = "a segmentation model; label maps", "a translation model; two domains"
CODES, ORIGINALS = "a model with an encoder", "a super-resolution model; `data`: originals"
NO_CLASSES = "class probabilities need the features of a classifier, and data with labels"
METRICS: dict[str, Metric] = {
    "fid": Metric(
        "distances",
        "frechet",
        SAMPLES,
        "Fréchet distance between samples and real images in a feature space",
        "lower",
        "real.frechet",
        "frechet_deviation",
    ),
    "kid": Metric(
        "distances", "kid", SAMPLES, "kernel distance in the same features", "lower", "real.kid", "kid_deviation"
    ),
    "precision": Metric(
        "distances", "precision", SAMPLES, "share of samples among the real images", "higher", "real.precision"
    ),
    "recall": Metric("distances", "recall", SAMPLES, "share of real images among samples", "higher", "real.recall"),
    "density": Metric(
        "distances",
        "density",
        SAMPLES,
        "precision, weighted by how many real images are near",
        "higher",
        "real.density",
    ),
    "coverage": Metric(
        "distances", "coverage", SAMPLES, "share of real images with a sample near", "higher", "real.coverage"
    ),
    "label_score": Metric(
        "distances",
        "label_score",
        LABELS,
        "Inception score with the data's own classifier",
        "higher",
        "real.label_score",
        "label_score_deviation",
        NO_CLASSES,
    ),
    "parzen": Metric(
        "parzen",
        "mean",
        SAMPLES,
        "log-likelihood of test images by Parzen windows, nats",
        "higher",
        "",
        "standard_error",
    ),
    "parzen_by_level": Metric(
        "parzen_by_level", "mean", "a lapgan", "the same, level by level, nats", "higher", "", "standard_error"
    ),
    "ms_ssim": Metric(
        "diversity",
        "overall.mean",
        SAMPLES,
        "similarity of pairs of samples: lower is more diverse",
        "lower",
        "real_overall.mean",
        "overall.deviation",
    ),
    "near_duplicates": Metric(
        "diversity",
        "near_duplicates",
        SAMPLES,
        "share of samples that are nearly another sample",
        "lower",
        "real_near_duplicates",
    ),
    "spectrum": Metric(
        "spectrum",
        "mean_distance",
        SAMPLES,
        "distance of the power spectra over octaves, dB",
        "lower",
        "real_mean_distance",
        missing="the real images have no power in any octave",
    ),
    "neighbors": Metric(
        "neighbors",
        "ratio",
        f"{SAMPLES}; unseen images",
        "distance to the nearest training image over that to unseen ones: 0 for copies",
        "higher",
        "real_ratio",
        missing="there is no test split and no held-out part of the training images (hold_out)",
    ),
    "labels": Metric(
        "labels",
        "share",
        "a class-conditional model; data with labels",
        "share of samples that are classified as the requested class",
        "higher",
        missing="no class was requested of these samples; class_entropy scores them",
    ),
    "class_entropy": Metric(
        "labels",
        "entropy",
        "samples without requested classes; data with labels",
        "entropy of the predicted classes, nats",
        "",
        "real_entropy",
        missing="a class was requested of each sample; labels scores them",
    ),
    "modes": Metric("modes", "covered", "a generator; data with labels", "modes that samples reach", "higher"),
    "reverse_kl": Metric(
        "modes",
        "reverse_kl",
        "a generator; data with labels",
        "divergence of the samples' modes from the data's, nats",
        "lower",
        missing="the samples reach a mode without data, so that the divergence is infinite",
    ),
    "high_quality": Metric(
        "modes",
        "high_quality",
        "a generator of points; data with labels",
        "share of samples near a mode",
        "higher",
        missing="only points have it",
    ),
    "elbo": Metric(
        "bounds", "mean", "a vae", "lower bound on the log-likelihood, nats", "higher", "", "standard_error"
    ),
    "importance_bound": Metric(
        "bounds",
        "importance_weighted",
        "a vae",
        "the tighter, importance-weighted bound, nats",
        "higher",
        "",
        "importance_error",
        "give importance, the samples of z per image, such as importance=50",
    ),
    "bits_per_number": Metric(
        "bounds",
        "bits_per_number",
        "a vae",
        "bits per pixel and channel, at most",
        "lower",
        missing="this likelihood is not of images of bytes",
    ),
    "reconstruction_error": Metric(
        "reconstruction", "mean", CODES, "mean squared error, pixels in [0, 1]", "lower", "pca", "standard_error"
    ),
    "reconstruction_psnr": Metric("reconstruction", "psnr", CODES, "PSNR of reconstructions, dB", "higher", "pca_psnr"),
    "psnr": Metric("upscaling", of_own_method("psnr"), ORIGINALS, "peak signal-to-noise ratio, dB", "higher"),
    "ssim": Metric("upscaling", of_own_method("ssim"), ORIGINALS, "structural similarity of Wang et al.", "higher"),
    "ssim_daala": Metric("upscaling", of_own_method("ssim_daala"), ORIGINALS, "SSIM as daala computes it", "higher"),
    "miou": Metric("segmentation", "mean_iou", MAPS, "mean intersection over union of the classes", "higher"),
    "pixel_accuracy": Metric("segmentation", "pixel_accuracy", MAPS, "share of correct pixels", "higher"),
    "class_accuracy": Metric("segmentation", "class_accuracy", MAPS, "the same, mean over the classes", "higher"),
    "domain_accuracy": Metric(
        "translation",
        over_directions("read"),
        DOMAINS,
        "share of translations that are classified as the target domain",
        "higher",
        over_directions("read_real"),
    ),
    "domain_fid": Metric(
        "translation", over_directions("frechet"), DOMAINS, "Fréchet distance to the target domain", "lower"
    ),
    "cycle_error": Metric(
        "translation",
        over_directions("lost"),
        DOMAINS,
        "mean difference there and back, pixels in [0, 1]",
        "lower",
        missing="the model has only one direction",
    ),
    "captions": Metric(
        "captions",
        caption_share,
        "a text-to-image model",
        "R-precision; of glyphs the share of correct attributes",
        "higher",
        "real",
    ),
    "next_sentence": Metric(
        "sentences",
        "vectors.first",
        "a sentence model",
        "share of next sentences that rank first of 100",
        "higher",
    ),
    "svm_error": Metric(
        "probe",
        "svm.discriminator.error",
        "a convolutional discriminator; test labels",
        "error of a linear SVM on the discriminator's features",
        "lower",
        spread="svm.discriminator.deviation",
        missing="the discriminator has no convolutions to probe",
    ),
    "nearest_error": Metric(
        "probe",
        "nearest.error",
        "a class-conditional model; test labels",
        "error of nearest neighbors fitted on samples",
        "lower",
        "nearest.real",
        missing="the model is not class-conditional",
    ),
}
