"""The options of distances in a feature space, checked before samples are generated."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from gancli.core import input_files
from gancli.core.errors import OptionError
from gancli.evaluation import feature_extractors
from gancli.evaluation.evaluation_set import EvaluationSet
from gancli.evaluation.feature_extractors import FeatureChoice
from gancli.evaluation.sample_quality import fid, reference_statistics
from gancli.evaluation.sample_quality.fid import FidChoice, FidResult


class DistanceOptions(NamedTuple):
    """The options of eval-fid.

    features, resize, dims, weights_file: see FeatureChoice. repeats, reference: see FidChoice. stats: a file of
    statistics to compare with. save_stats: a file to write those of the reference images to. fid_infinity: also
    extrapolate to infinitely many samples.
    """

    features: str | None = None
    resize: str | None = None
    dims: int | None = None
    weights_file: str | Path | None = None
    repeats: int = 2
    reference: str = "test"
    stats: str | Path | None = None
    save_stats: str | Path | None = None
    fid_infinity: bool = False

    def feature_choice(self) -> FeatureChoice:
        """Which features are asked for. Raises: OptionError for unknown ones, or options that do not apply to them."""
        weights = None if self.weights_file is None else Path(self.weights_file)
        choice = FeatureChoice(self.features, self.resize, self.dims, weights)
        feature_extractors.check(choice)
        return choice

    def fid_choice(self) -> FidChoice:
        """How samples are compared; reads the statistics. Raises: DataError for a file without them; OptionError for
        options that exclude one another."""
        if self.stats is None:
            if self.save_stats is not None:
                input_files.need_free(Path(self.save_stats))
            return FidChoice(self.repeats, self.reference, None, self.fid_infinity)
        if self.save_stats is not None:
            raise OptionError(
                "--save-stats writes statistics of the reference images, and --stats replaces these: give one"
            )
        if self.reference != "test":
            raise OptionError(
                f"--reference {self.reference} chooses reference images, and --stats replaces these: give one"
            )
        return FidChoice(self.repeats, self.reference, reference_statistics.read(Path(self.stats)), self.fid_infinity)


class Distances(NamedTuple):
    """Options that were checked: which features, how they are compared, and where statistics are written."""

    features: FeatureChoice
    choice: FidChoice
    save_stats: Path | None

    @classmethod
    def of(cls, options: DistanceOptions) -> Distances:
        """Raises: OptionError, DataError."""
        out = None if options.save_stats is None else Path(options.save_stats)
        return cls(options.feature_choice(), options.fid_choice(), out)

    def score(self, evaluated: EvaluationSet) -> FidResult:
        """Score samples or images; warnings go to `evaluated.note`. Raises: as `fid.score`, and ResourceError."""
        extractor = feature_extractors.load(self.features, evaluated.dataset, note=evaluated.note)
        result = fid.score(evaluated, extractor, self.choice)
        for warning in result.warnings():
            evaluated.note(f"warning: {warning}")
        if self.save_stats is not None:
            about = {"count": result.moments.count, "data": evaluated.dataset.name, "reference": str(result.reference)}
            reference_statistics.save(self.save_stats, result.moments, extractor, about)
        return result
