"""The metrics that models of some kind have, besides those of samples."""

from __future__ import annotations

from gancli.evaluation.metric_table.metric import Metric
from gancli.evaluation.metric_table.places import caption_share, of_method, over_directions

MAPS, DOMAINS = "a segmentation model; label maps", "a translation model; two domains"
CODES, ORIGINALS = "a model with an encoder", "a super-resolution model; `data`: originals"


def upscaled(name: str, summary: str) -> Metric:
    """A similarity of upscaled images to the originals, beside that of bicubic upscaling."""
    return Metric("upscaling", of_method(name), ORIGINALS, summary, "higher", of_method(name, "bicubic"))


OF_MODELS: dict[str, Metric] = {
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
    "psnr": upscaled("psnr", "peak signal-to-noise ratio, dB"),
    "ssim": upscaled("ssim", "structural similarity of Wang et al."),
    "ssim_daala": upscaled("ssim_daala", "SSIM as daala computes it"),
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
        "translation",
        over_directions("frechet"),
        DOMAINS,
        "Fréchet distance to the target domain",
        "lower",
        over_directions("frechet_before"),
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
        "words_in_common.first",
    ),
    "svm_error": Metric(
        "probe",
        "svm.discriminator.error",
        "a convolutional discriminator; test labels",
        "error of a linear SVM on the discriminator's features",
        "lower",
        "svm.pixels.error",
        "svm.discriminator.deviation",
        "the discriminator has no convolutions to probe",
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
