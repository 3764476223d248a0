"""Originals are downscaled, upscaled in several ways, and compared with the result."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from gancli import data
from gancli.core.backend import np
from gancli.core.errors import DataError, OptionError
from gancli.evaluation import feature_extractors
from gancli.evaluation.evaluation_set import no_note
from gancli.evaluation.feature_extractors import FeatureChoice, FeatureExtractor
from gancli.evaluation.metrics import checkerboard, frechet, spectrum
from gancli.evaluation.metrics.psnr import ImageSimilarity, image_similarity
from gancli.evaluation.super_resolution.originals import Original
from gancli.imaging import bicubic, images
from gancli.inference.upscaling import TiledUpscaler
from gancli.models.capabilities import Upscaler

PATCH, MIN_PATCHES = 32, 20  # side of the patches that are compared; number that a Fréchet distance needs
NO_POWER = 1e-11  # power of the finest octave of a uniform patch due to rounding: nothing to compare with


def patch_extractor(source: str, data_dir: str | None, *, note: Callable[[str], None]) -> FeatureExtractor:
    """Features of patches by the classifier of a data set with labels. Raises: OptionError for other image shapes."""
    dataset = data.load(source, data.Request(data_dir=data_dir))
    if dataset.shape != (PATCH, PATCH, 3):
        raise OptionError(
            f"--patches {source}: its images have the shape {dataset.shape}; color images of {PATCH}x{PATCH} are needed"
        )
    return feature_extractors.load(FeatureChoice("classifier"), dataset, note=note)


class UpscaleScores:
    """Scores of one upscaling method on a set of images.

    Attributes: `by_image`, the similarity of each image to its original; `fine`, the power of the finest octave of the
    patches relative to the originals; `lattice`, the mean checkerboard amplitude (metrics.checkerboard) over patches
    that are smooth in the originals, and `lattice_before`, that of the originals; `frechet`, the distance of the
    patches from the originals in the features of a classifier, if there is one.
    """

    def __init__(self) -> None:
        self.by_image: dict[str, ImageSimilarity] = {}
        self.power, self.count = 0.0, 0
        self.patches: list[np.ndarray] = []
        self._amplitudes: list[np.ndarray] = []
        self.fine: float | None = None
        self.frechet: float | None = None
        self.lattice_before: float | None = None

    def add(self, pixels: np.ndarray, original: np.ndarray, *, scale: int, keep_patches: bool) -> None:
        """Add an upscaled image, uint8 (height, width, channels); the original, as large, tells what is smooth."""
        patches = _patches(pixels)
        smooth = checkerboard.are_smooth(_patches(original))
        self._amplitudes.append(checkerboard.amplitudes(patches[smooth], scale))
        if len(patches):
            spectra = spectrum.radial(images.to_unit(patches))
            self.count += len(patches)
            self.power += len(patches) * float(spectrum.in_bands(spectra, spectrum.octaves(PATCH))[-1])
        if keep_patches:
            self.patches.append(patches)

    @property
    def lattice(self) -> float | None:
        """Mean checkerboard amplitude over all smooth patches, of 255; None if there are none."""
        amplitudes = np.concatenate(self._amplitudes)
        return float(amplitudes.mean()) if len(amplitudes) else None

    @property
    def mean(self) -> ImageSimilarity:
        """PSNR in dB and both SSIMs, averaged over the images."""
        return ImageSimilarity(*np.mean(list(self.by_image.values()), axis=0).tolist())

    def to_dict(self) -> dict[str, float]:
        """Means by name, and the scores of patches that are defined."""
        scores = {name: getattr(self, name) for name in ("fine", "lattice", "frechet")}
        return self.mean._asdict() | {name: value for name, value in scores.items() if value is not None}


@dataclass(frozen=True)
class SuperResolutionResult:
    """Scores by set and upscaling method. border: pixels cropped at each side; extractor: of patches, if any."""

    sets: dict[str, dict[str, UpscaleScores]]
    scale: int
    border: int
    rgb: bool
    extractor: FeatureExtractor | None

    @property
    def recipe(self) -> str:
        """Scale, channels and border of the comparison, for a line of text."""
        channels = "all channels" if self.rgb else "luma of BT.601 from 16 to 235"
        return f"x{self.scale}, {channels}, {self.border} pixels cropped at each border"

    def to_dict(self) -> dict[str, object]:
        """The values that --json prints, by key."""
        sets = {name: {method: one.to_dict() for method, one in methods.items()} for name, methods in self.sets.items()}
        by_image = {
            name: {
                image: {method: one.by_image[image]._asdict() for method, one in methods.items()}
                for image in next(iter(methods.values())).by_image
            }
            for name, methods in self.sets.items()
        }
        result = {"metric": "PSNR in dB, SSIM of Wang et al., SSIM of daala", "recipe": self.recipe}
        result |= {"border": self.border, "sets": sets, "pictures": by_image}
        extractor = self.extractor
        return result | ({"patches": {"features": str(extractor), **extractor.recipe}} if extractor else {})


def measure(
    model: Upscaler,
    originals: Iterator[Original],
    *,
    border: int | None = None,
    rgb: bool = False,
    extractor: FeatureExtractor | None = None,
    note: Callable[[str], None] = no_note,
) -> SuperResolutionResult:
    """Compare nearest-neighbor and bicubic upscaling and a model on small images, by set and method.

    originals: each with its given small image, else it is downscaled by the bicubic kernel.

    border: pixels to crop at each side, the scale by default. extractor: features of color images of 32 x 32, to
    compare patches in. Images that are smaller than the border are left out, with a note. Raises: DataError if all are.
    """
    upscaler, scale = TiledUpscaler(model), model.scale
    border = scale if border is None else border
    sets: dict[str, dict[str, UpscaleScores]] = {}
    originals_by_set: dict[str, UpscaleScores] = {}
    too_small = []
    for part, name, pixels, given in originals:
        high = bicubic.crop_to_multiple(pixels, scale)
        if min(high.shape[:2]) <= 2 * border or 0 in high.shape:
            too_small.append(name)
            continue
        patches = {"scale": scale, "keep_patches": extractor is not None}
        originals_by_set.setdefault(part, UpscaleScores()).add(high, high, **patches)
        low = bicubic.downscale(high, scale) if given is None else given
        for method, upscaled in _upscale(upscaler, model.name(), low).items():
            scores = sets.setdefault(part, {}).setdefault(method, UpscaleScores())
            scores.by_image[name] = image_similarity(upscaled, high, border=border, rgb=rgb)
            scores.add(upscaled, high, **patches)
    if not sets:
        raise DataError(f"no image is larger than a border of {border} pixels")
    if too_small:
        note(f"left out, smaller than the border: {', '.join(too_small)}")
    for part, methods in sets.items():
        _compare_patches(methods, originals_by_set[part], extractor)
    return SuperResolutionResult(sets, scale, border, rgb, extractor)


def _upscale(upscaler: TiledUpscaler, model_name: str, low: np.ndarray) -> dict[str, np.ndarray]:
    return {
        "nearest": bicubic.upscale(low, upscaler.scale, nearest=True),
        "bicubic": bicubic.upscale(low, upscaler.scale),
        model_name: upscaler.upscale_any_channels(low),
    }


def _patches(pixels: np.ndarray) -> np.ndarray:
    """Adjacent squares of 32 pixels in color, uint8 (patches, 32, 32, 3)."""
    rows, columns = (size // PATCH for size in pixels.shape[:2])
    cropped = np.broadcast_to(pixels, (*pixels.shape[:2], 3))[: rows * PATCH, : columns * PATCH]
    return cropped.reshape(rows, PATCH, columns, PATCH, 3).swapaxes(1, 2).reshape(-1, PATCH, PATCH, 3)


def _compare_patches(
    methods: dict[str, UpscaleScores], real: UpscaleScores, extractor: FeatureExtractor | None
) -> None:
    """Compute the scores of patches of a set, where there are enough of them."""
    for one in methods.values():
        one.lattice_before = real.lattice
    for one in methods.values() if real.power > NO_POWER * real.count else ():
        one.fine = one.power / real.power
    if extractor is None:
        return
    originals = np.concatenate(real.patches)
    if len(originals) < MIN_PATCHES:
        raise DataError(
            f"--patches: {len(originals)} patches of {PATCH}x{PATCH}; a Fréchet distance needs at least {MIN_PATCHES}"
        )
    features = extractor.extract(originals)[0]
    for one in methods.values():
        one.frechet = frechet.distance(extractor.extract(np.concatenate(one.patches))[0], features)
