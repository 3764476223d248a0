"""Scores that a model of some kind has: reconstruction, super-resolution, segmentation, translation, text."""

from __future__ import annotations

from gancli import data
from gancli.core import files
from gancli.data import Dataset
from gancli.data.fitting import fitted
from gancli.evaluation import evaluation_set, label_probe, likelihood_bounds, next_sentence, super_resolution
from gancli.evaluation import reconstruction as reconstructions
from gancli.evaluation import segmentation as segmentation_scores
from gancli.evaluation import translation as translation_scores
from gancli.evaluation.metric_table.measurements.measured import Measured, of_model
from gancli.evaluation.metric_table.subject import Subject
from gancli.evaluation.sample_quality import caption_accuracy, multiscale_parzen
from gancli.inference.image_files import real_images
from gancli.inference.segmentation import SegmentationPredictor, map_classes
from gancli.inference.translation import ImageTranslator
from gancli.models import capabilities


def parzen_by_level(subject: Subject) -> Measured:
    """The log-likelihood of test images level by level, for a Laplacian pyramid."""
    trained = subject.need(capabilities.Pyramid)
    multiscale_parzen.check(trained.outline)
    test = real_images.from_test_split(trained, subject.dataset, multiscale_parzen.NUM_TEST)
    tuning = multiscale_parzen.tuning_images(subject.dataset)
    found = multiscale_parzen.score(trained.model, tuning, test.pixels, samples=subject.num_samples)
    result = found.to_dict() | {"test_images": len(test.pixels), "of": test.what, "rows": test.rows}
    result |= {"tuning_images": len(tuning)} | trained.about() | {"data": subject.dataset.name}
    return of_model("parzen-multi-scale", result)


def bounds(subject: Subject, *, importance: int = 0, num_images: int = 10_000, seed: int = 0) -> Measured:
    """Bounds on the log-likelihood of test images."""
    trained = subject.need(capabilities.LikelihoodBound)
    test = real_images.from_test_split(trained, subject.dataset, num_images)
    found = likelihood_bounds.measure(trained.model, test.pixels, test.labels, importance=importance, seed=seed)
    result = found.to_dict() | {"images": len(test.pixels), "of": test.what, "rows": test.rows, "seed": seed}
    return of_model("elbo", result | trained.about() | {"data": trained.run.facts.name})


def upscaling(
    subject: Subject,
    *,
    num_images: int = 1000,
    inputs: str = "bicubic",
    border: int | None = None,
    rgb: bool = False,
    patches: str | None = None,
) -> Measured:
    """PSNR and SSIM of upscaled images, beside bicubic and nearest-neighbor; data are the originals, by default the
    run's own."""
    trained, place = subject.need(capabilities.Upscaler), subject.data_dir
    source = subject.dataset if subject.data is None else subject.data
    extractor = None if patches is None else super_resolution.patch_extractor(patches, place, note=subject.note)
    rows: list[str] = []
    chosen = super_resolution.Inputs(inputs, trained.model.scale)
    how = {"inputs": chosen, "note_rows": rows.append, "tell": subject.remarks, "skip_bad": subject.skip_bad}
    originals = super_resolution.load_originals(source, num_images, place, **how)
    comparison = {"border": border, "rgb": rgb, "extractor": extractor, "note": subject.note}
    found = super_resolution.measure(trained.model, originals, **comparison)
    content = getattr(trained.model.options, "content", "pixels")
    result = found.to_dict() | {"content": content, "inputs": inputs} | ({"rows": rows[0]} if rows else {})
    if subject.data is None:
        result |= {"of": "test images" if subject.dataset.test else "images that the run was trained on"}
    name = source.name if isinstance(source, Dataset) else source
    return of_model("psnr", result | trained.about() | {"data": name})


def segmentation(subject: Subject, *, split: str | None = None, resize: int | None = None) -> Measured:
    """Accuracy and IoU of the classes of pixels, on the run's data or others with the same classes."""
    trained, source = subject.need(capabilities.Segmenter), subject.data
    facts = trained.run.facts
    if source is None:
        dataset = subject.dataset
    else:
        how = {"data_dir": subject.data_dir, "skip_bad": subject.skip_bad}
        request = data.Request(None, "gray" if facts.shape[2] == 1 else "rgb", least=1, needs_maps=True, **how)
        dataset = fitted(source, request) if isinstance(source, Dataset) else data.load(source, request)
        subject.remarks(dataset.remarks)
    dataset = map_classes(dataset, facts)
    found = segmentation_scores.score(SegmentationPredictor(trained.model, side=resize), dataset, split=split)
    name = f"segmentation-{found.split}" + ("" if source is None else f"-{files.safe_name(dataset.name)}")
    return of_model(name, found.to_dict() | trained.about() | {"data": dataset.name})


def translation(
    subject: Subject, *, split: str | None = None, num_images: int = 1000, false_positive_rate: float = 0.1
) -> Measured:
    """How often translations are classified as the target domain, and what is lost there and back."""
    trained, how = subject.need(capabilities.Translator), {"split": split, "num_images": num_images}
    how |= {"false_alarms": false_positive_rate, "note": subject.note}
    found = translation_scores.score(ImageTranslator(trained.model), subject.dataset, **how)
    result = found.to_dict() | trained.about() | {"data": subject.dataset.name}
    return of_model(f"translation-{found.split}", result)


def captions(subject: Subject) -> Measured:
    """Whether images that were generated from captions show what these say."""
    trained = subject.trained
    caption_accuracy.check_model(trained)
    count, generated = subject.num_samples, None
    if count >= evaluation_set.MAX_CAPTIONS:  # the first samples are of as many captions as are scored
        count, generated = evaluation_set.MAX_CAPTIONS, subject.drawn.pixels
    found = caption_accuracy.score(trained, subject.dataset, count, generated=generated, note=subject.note)
    result = found.to_dict() | trained.about()
    return of_model("captions", result | {"seeds": f"0-{found.captions - 1}", "data": subject.dataset.name})


def sentences(subject: Subject) -> Measured:
    """The place of the true next sentence among a hundred."""
    trained = subject.need(capabilities.SentencePredictor)
    found = next_sentence.score(trained.model, subject.dataset, subject.num_samples)
    run = {"run": str(trained.run.path), "step": trained.step}
    return of_model("sentences", found.to_dict() | run | {"data": subject.dataset.name})


def probe(subject: Subject, *, num_labels: int = 1000, draws: int = 5) -> Measured:
    """Errors of classifiers on features of the discriminator, and of those fitted on samples."""
    trained = subject.trained
    label_probe.check_model(trained)
    numbers = {"num_labels": num_labels, "draws": draws, "num_samples": subject.num_samples}
    drawn = (lambda: subject.drawn.pixels) if trained.is_class_conditional else None
    found = label_probe.score(trained, subject.dataset, drawn=drawn, **numbers)
    return of_model("probe", trained.about() | {"data": subject.dataset.name} | found.to_dict())


def reconstruction(subject: Subject, *, num_images: int = 10_000) -> Measured:
    """The error of test images that are encoded and decoded, beside PCA of the same dimension."""
    trained = subject.need(capabilities.Encoder)
    real_images.check_takes_images(trained)
    real = real_images.from_test_split(trained, subject.dataset, num_images)
    found = reconstructions.score(trained, real, subject.dataset)
    return of_model("reconstruct", found.to_dict() | trained.about() | {"data": trained.run.facts.name})
