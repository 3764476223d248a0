"""Reconstruction by models with an encoder: real images, encoded and decoded, beside PCA of the same dimension."""

from __future__ import annotations

from dataclasses import dataclass

from gancli.core.backend import np
from gancli.data import Dataset
from gancli.evaluation.metrics import principal_components
from gancli.imaging import images
from gancli.inference.image_files.real_images import RealImages
from gancli.inference.latent_space import inversion
from gancli.inference.trained_model import TrainedModel

PCA_IMAGES = 20_000  # training images to fit PCA to


@dataclass(frozen=True)
class Errors:
    """Mean squared errors of each image, pixels in [0, 1], float (count,)."""

    squared: np.ndarray

    @property
    def mean(self) -> float:
        """The mean over the images."""
        return float(self.squared.mean())

    @property
    def standard_error(self) -> float | None:
        """The standard error of the mean; None for one image."""
        count = len(self.squared)
        return float(self.squared.std() / np.sqrt(count)) if count > 1 else None

    @property
    def psnr(self) -> float:
        """The mean over the images of the PSNR, dB."""
        return float(np.mean(images.psnr_from_mse(self.squared)))


@dataclass(frozen=True)
class ReconstructionResult:
    """Reconstructions and their errors. pixels: uint8 (count, *shape), by what made them, the model's own first.

    rank: dimensions of z, and components of the PCA. real: the images.
    """

    pixels: dict[str, np.ndarray]
    errors: Errors
    pca: Errors | None
    rank: int
    real: RealImages

    def to_dict(self) -> dict[str, object]:
        """The values that --json prints, by key."""
        result: dict[str, object] = {"metric": "mean squared error of pixels in [0, 1]", "mean": self.errors.mean}
        result |= {"standard_error": self.errors.standard_error, "psnr": self.errors.psnr}
        result |= {"images": len(self.real.pixels), "of": self.real.what, "rank": self.rank}
        result |= {"rows": self.real.rows} if self.real.rows else {}
        return result | ({} if self.pca is None else {"pca": self.pca.mean, "pca_psnr": self.pca.psnr})


def score(trained: TrainedModel, real: RealImages, dataset: Dataset | None = None) -> ReconstructionResult:
    """Encode and decode images with a model that has an encoder.

    dataset: training data to fit a PCA to, with as many components as z has dimensions, the best linear reconstruction;
    None for no PCA. Raises: OptionError for a model that generates no images.
    """
    model, rank = trained.model, trained.model.z_size
    decoded = trained.sampler.decode(inversion.encode(model, real.pixels, real.labels), real.labels)
    pixels = {"decoded": decoded}
    if dataset is not None:
        pixels[f"PCA, {rank}"] = _by_pca(trained, real.pixels, dataset)
    errors, *others = (_errors(real.pixels, one) for one in pixels.values())
    return ReconstructionResult(pixels, errors, others[0] if others else None, rank, real)


def _errors(real: np.ndarray, reconstructed: np.ndarray) -> Errors:
    return Errors(((images.flat(real) - images.flat(reconstructed)) ** 2).mean(axis=1))


def _by_pca(trained: TrainedModel, pixels: np.ndarray, dataset: Dataset) -> np.ndarray:
    """Reconstructions by a PCA fitted to the training images."""
    rows = np.random.default_rng(0).permutation(trained.model.pipeline.training_rows(dataset))[:PCA_IMAGES]
    train = images.flat(dataset.take(np.sort(rows)))
    found = principal_components.reconstruct(train, images.flat(pixels), trained.model.z_size)
    return images.from_unit(found.reshape(pixels.shape))
