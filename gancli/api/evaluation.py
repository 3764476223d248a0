"""gancli.evaluate: scores of a trained model or of images, with the recipe of each."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from gancli.api.datasets import data_folder
from gancli.api.notes import notes, print_remarks, shown
from gancli.api.scores import Scores
from gancli.core.errors import OptionError
from gancli.core.library_scope import in_library_scope

if TYPE_CHECKING:
    from gancli.api.model import TrainedModel
    from gancli.api.run import Run
    from gancli.core.backend import np
    from gancli.data.dataset import Dataset
    from gancli.evaluation.metric_table import Score, Subject


ALL = "all"


def list_metrics() -> list[str]:
    """The names of all metrics of `evaluate`; docs/evaluate.md says what each measures and needs."""
    from gancli.evaluation import metric_table

    return metric_table.names()


@in_library_scope
def evaluate(
    model_or_images: TrainedModel | Run | np.ndarray | str | os.PathLike[str],
    metrics: str | Sequence[str] = ("fid",),
    *,
    data: str | os.PathLike[str] | Dataset | None = None,
    num_samples: int | None = None,
    checkpoint: int | Literal["last", "best"] = "last",
    progress: bool = True,
    save: bool = False,
    **options: Any,
) -> Scores:
    """Score a trained model, or images, against real data: what the commands `gancli eval-…` compute.

    model_or_images: a TrainedModel; a Run, of which a checkpoint is scored; a path of images; or an array, uint8 or
    other numbers, (count, height, width[, channels]). metrics: names of `list_metrics`, or "all" for those that apply,
    as `gancli eval` does; all are computed from one set of samples and one pass over its features; the scores have
    the names that are given here. data: a name, a path, or a Dataset; for a model its run's data by default.
    num_samples: samples of the model, of the seeds from 0 on; for next_sentence how many are scored; by default 10,000
    images, 2,500 points or 1,000 sentences. checkpoint: of a Run, as in `Run.load`. progress: whether notes and
    progress are shown. save: whether results are written to the run's eval/, as the commands do. options: of the
    metrics, such as features="inception", repeats=5, pairs=500, importance=50; pixel_range="LOW:HIGH" for images;
    truncation=0.7 and truncation_layers=8 for a style-based model, as in TrainedModel.sample.

    Raises: OptionError for an unknown metric or option, or one that the model or the images cannot be scored by;
    DataError for unsuitable data; CheckpointError.
    """
    from gancli.evaluation import metric_table
    from gancli.evaluation.metric_table import applicability, scoring

    if num_samples is not None:
        scoring.check_option("num_samples", num_samples)
    pixel_range, *psi = (options.pop(name, None) for name in ("pixel_range", "truncation", "truncation_layers"))
    scored = _scored(model_or_images, checkpoint, pixel_range)
    count = num_samples or applicability.default_count(scored)
    reporting = _once(notes(progress=progress)), lambda remarks: print_remarks(remarks, progress=progress)
    where = os.fspath(data) if isinstance(data, os.PathLike) else data
    subject = metric_table.Subject(scored, where, count, pixel_range or "auto", *reporting, data_folder(None))
    names = [metrics] if isinstance(metrics, str) else list(metrics)
    with shown(progress=progress), _truncated(scored, *psi):
        if names == [ALL]:
            return _all(subject, options, save=save)
        found = metric_table.measure(subject, names, options)
    if save:
        _save(subject, found)
    return Scores.of(found)


def _all(subject: Subject, options: dict[str, Any], *, save: bool) -> Scores:
    """Every score that applies."""
    from gancli.evaluation import metric_table
    from gancli.evaluation.metric_table import report

    found = metric_table.measure_all(subject, options)
    if save:
        report.save(found, report.as_table(found, subject), subject, note=subject.note)
    return Scores.of(found.scores, found.left_out)


def _once(note: Callable[[str], None]) -> Callable[[str], None]:
    """The same for lines of text that were not printed before."""
    printed: set[str] = set()

    def print_new(text: str) -> None:
        if text not in printed:
            printed.add(text)
            note(text)

    return print_new


def _scored(given: object, checkpoint: int | str, pixel_range: str | None) -> Any:
    """What is scored, as Subject takes it. Raises: OptionError for anything else."""
    from gancli.api.model import TrainedModel
    from gancli.api.run import Run

    if isinstance(given, Run):
        given = given.load(checkpoint=checkpoint)  # type: ignore[arg-type]
    elif checkpoint != "last":
        raise OptionError(f"checkpoint = {checkpoint!r} applies to a Run: give it to Run.load")
    if isinstance(given, TrainedModel):
        if pixel_range is not None:
            raise OptionError("pixel_range applies to images; the data of a run keep the range of its training")
        return given._trained
    return _images(given, pixel_range)


def _truncated(scored: Any, psi: object, layers: object) -> contextlib.AbstractContextManager[None]:
    """Inside, samples of a model are truncated, if psi is given. Raises: OptionError for images."""
    from gancli.inference.style_space import truncation
    from gancli.inference.trained_model import TrainedModel

    chosen = truncation.parse(psi, layers)
    if chosen is None:
        return contextlib.nullcontext()
    if not isinstance(scored, TrainedModel):
        raise OptionError("truncation applies to samples of a model, not to images: leave it out")
    return truncation.using(scored, chosen)


def _images(given: object, pixel_range: str | None) -> Any:
    """A path, or an array. Raises: OptionError for anything else, or a bad pixel_range."""
    from gancli.core.backend import np
    from gancli.data.images import value_ranges

    if pixel_range is not None:
        value_ranges.parse(pixel_range)
    if isinstance(given, str | os.PathLike):
        return Path(os.path.expanduser(given))  # noqa: PTH111 (pathlib's fails where there is no such user)
    if hasattr(given, "__array__") or isinstance(given, list):
        return np.asarray(given)
    raise OptionError(
        f"model_or_images is {type(given).__name__}: expected a TrainedModel, a Run, a path or an array of images"
    )


def _save(subject: Subject, found: dict[str, Score]) -> None:
    """Write the results to eval/ of the run. Raises: OptionError for images, which have none."""
    from gancli.evaluation import results

    for measured in {score.measured.name: score.measured for score in found.values()}.values():
        results.save(subject.trained.run, measured.name, measured.result, note=subject.note)
