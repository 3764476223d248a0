"""How near enlarged pictures come to their originals: sets of them reduced, enlarged in several ways, and compared."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path, PurePosixPath

from gancli import data
from gancli.core.backend import np
from gancli.core.errors import DataError, OptionError
from gancli.data import subsets
from gancli.data.formats import archive, folder, pictures
from gancli.data.remarks import Remark
from gancli.evaluation import feature_extractors
from gancli.evaluation.metrics import checkerboard, frechet, spectrum
from gancli.evaluation.metrics.psnr import Likeness, likeness
from gancli.imaging import bicubic, images
from gancli.inference.upscaling import TiledUpscaler
from gancli.models.capabilities import Upscaler

PATCH, LEAST_PATCHES = 32, 20  # side of patches that are compared; as many as a distance needs
ROUNDING = 1e-11  # the power of a flat patch's finest octave, by rounding: less than this is no detail to compare with


def originals(
    source: str,
    count: int,
    data_dir: str | None,
    *,
    told: Callable[[str], None] = lambda rows: None,
    tell: Callable[[Sequence[Remark]], None] = lambda remarks: None,
) -> Iterator[tuple[str, str, np.ndarray]]:
    """Pictures at their own sizes: of a file, a folder or a zip, or up to `count` test images of a set of arrays.

    told: is given which of a set's images are taken, see draws.told. tell: is given what was guessed, changed and left
    out. Yields: the set, that is the folder inside, the name, and uint8 (height, width, 1 or 3). Raises: DataError.
    """
    path = Path(os.path.expanduser(source))  # noqa: PTH111
    if data.is_named(source) or path.suffix.lower() in (".npz", ".h5", ".hdf5"):
        dataset = data.load(source, data.Request(data_dir=data_dir, least=1))
        tell(dataset.remarks)
        part = dataset.test or dataset.train
        if "image" not in part:
            raise DataError(f"'{dataset.name}' holds no images")
        rows = dataset.drawn(count, part=part)
        told(subsets.told(len(rows), len(part["image"]), by_class="label" in part))
        yield from ((dataset.name, str(row), dataset.pictures([row], part)[0]) for row in rows)
        return
    if not os.path.exists(path):  # noqa: PTH110
        raise DataError(f"there is no {path}, and no data set of that name")
    if path.is_dir() or archive.accepts(path):
        entries = (folder if path.is_dir() else archive).entries(path)
        tell(entries.remarks)
        found = entries.pictures
    else:
        found = [pictures.read_entry(path)]
    if not found:
        raise DataError(f"{path} holds no pictures")
    scales, _ = pictures.survey(found).decided()
    for entry in found:
        with pictures.open_picture(entry) as picture:
            color = "gray" if picture.mode in pictures.GREY_MODES else "rgb"
            name = PurePosixPath(entry.name)
            part = str(name.parent) if len(name.parts) > 1 else path.stem
            yield part, name.name, pictures.whole(picture, color, name=entry.name, found=scales)


def features_of(
    source: str, data_dir: str | None, *, note: Callable[[str], None]
) -> feature_extractors.FeatureExtractor:
    """What the classifier of a labelled data set sees in patches. Raises: OptionError for images of another kind."""
    dataset = data.load(source, data.Request(data_dir=data_dir))
    if dataset.shape != (PATCH, PATCH, 3):
        raise OptionError(f"--patches {source}: its images are {dataset.shape}, and patches {PATCH}x{PATCH} in colour")
    return feature_extractors.named("classifier", dataset, note=note)


class UpscaleScores:
    """What a way of enlarging reached on a set.

    Attributes: `of`, the likeness of each picture by its name; `fine`, the power of its patches' finest octave over
    that of the originals'; `lattice`, the mean of metrics.lattice.depths over patches that are plain in the originals,
    and `lattice_before`, the originals' own; `frechet`, the distance of its patches from theirs in a classifier's
    features, if one was named.
    """

    def __init__(self) -> None:
        self.of: dict[str, Likeness] = {}
        self.power, self.count, self.patches, self._depths = 0.0, 0, [], []
        self.fine = self.frechet = self.lattice_before = None

    def add(self, pixels: np.ndarray, high: np.ndarray, *, scale: int, keeps: bool) -> None:
        """Take in a picture's patches; high: the original, which says where it is plain."""
        patches = _patches(pixels)
        self._depths.append(checkerboard.depths(patches[checkerboard.are_plain(_patches(high))], scale))
        if len(patches):
            spectra = spectrum.radial(images.to_unit(patches))
            self.count += len(patches)
            self.power += len(patches) * float(spectrum.in_bands(spectra, spectrum.octaves(PATCH))[-1])
        self.patches += [patches] if keeps else []

    @property
    def lattice(self) -> float | None:
        """Of 255, over all plain patches; None where there are none."""
        depths = np.concatenate(self._depths)
        return float(depths.mean()) if len(depths) else None

    @property
    def mean(self) -> Likeness:
        """Over the pictures."""
        return Likeness(*np.mean(list(self.of.values()), axis=0).tolist())

    def told(self) -> dict[str, float]:
        """The means by name, and what its patches tell."""
        others = {
            name: getattr(self, name) for name in ("fine", "lattice", "frechet") if getattr(self, name) is not None
        }
        return self.mean._asdict() | others


def measure(
    model: Upscaler,
    found: Iterator[tuple[str, str, np.ndarray]],
    *,
    border: int,
    rgb: bool,
    seen: feature_extractors.FeatureExtractor | None = None,
    note: Callable[[str], None],
) -> dict[str, dict[str, UpscaleScores]]:
    """What nearest, bicubic and a model make of reduced pictures, by set and by way.

    seen: features of images of 32 x 32 in colour, in which patches are compared. Pictures too small to have anything
    within the border are left out, and said so. Raises: DataError if all are.
    """
    enlarger, sets, originals, small = TiledUpscaler(model), {}, {}, []
    scale, ours = model.scale, model.name()
    for part, name, pixels in found:
        high = bicubic.fitting(pixels, scale)
        if min(high.shape[:2]) <= 2 * border or 0 in high.shape:
            small.append(name)
            continue
        low = bicubic.shrink(high, scale)
        made = {
            "nearest": bicubic.enlarge(low, scale, nearest=True),
            "bicubic": bicubic.enlarge(low, scale),
            ours: enlarger.coloured(low),
        }
        taken = {"scale": scale, "keeps": seen is not None}
        originals.setdefault(part, UpscaleScores()).add(high, high, **taken)
        for way, enlarged in made.items():
            one = sets.setdefault(part, {}).setdefault(way, UpscaleScores())
            one.of[name] = likeness(enlarged, high, border=border, rgb=rgb)
            one.add(enlarged, high, **taken)
    if not sets:
        raise DataError(f"no picture has anything within a border of {border} pixels")
    if small:
        note(f"left out, smaller than the border: {', '.join(small)}")
    for part, ways in sets.items():
        _compare_patches(ways, originals[part], seen)
    return sets


def _patches(pixels: np.ndarray) -> np.ndarray:
    """Squares of 32 side by side, in colours, uint8 (patches, 32, 32, 3)."""
    rows, columns = (own // PATCH for own in pixels.shape[:2])
    cut = np.broadcast_to(pixels, (*pixels.shape[:2], 3))[: rows * PATCH, : columns * PATCH]
    return cut.reshape(rows, PATCH, columns, PATCH, 3).swapaxes(1, 2).reshape(-1, PATCH, PATCH, 3)


def _compare_patches(
    ways: dict[str, UpscaleScores], real: UpscaleScores, seen: feature_extractors.FeatureExtractor | None
) -> None:
    """Fill in what the patches of a set tell, where there are enough."""
    for one in ways.values():
        one.lattice_before = real.lattice
    for one in ways.values() if real.power > ROUNDING * real.count else ():
        one.fine = one.power / real.power
    if seen is None:
        return
    originals = np.concatenate(real.patches)
    if len(originals) < LEAST_PATCHES:
        raise DataError(
            f"--patches: {len(originals)} patches of {PATCH}x{PATCH}; a Fréchet distance needs {LEAST_PATCHES}"
        )
    looks = seen.look(originals)[0]
    for one in ways.values():
        one.frechet = frechet.distance(seen.look(np.concatenate(one.patches))[0], looks)
