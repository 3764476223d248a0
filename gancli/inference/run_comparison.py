"""Samples of several runs for the same seeds, in one picture."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Sequence
from typing import NamedTuple

from gancli.core.backend import np
from gancli.core.errors import CheckpointError, OptionError
from gancli.imaging import plots
from gancli.inference.trained_model import Reporting, TrainedModel
from gancli.models.capabilities import Decoder
from gancli.runs.run import Run

SIDE = 1.0  # inches of an image
LINE_LENGTH = 14  # of a title


class SampleRows(NamedTuple):
    """A row of images for each run: the run's title, and pixels uint8 (seeds, height, width, channels); and the runs
    that are left out, by title, with the reason."""

    rows: list[tuple[str, np.ndarray]]
    left_out: dict[str, str]


def sample_rows(
    runs: Sequence[tuple[str, Run]], seeds: Sequence[int], *, note: Callable[[str], None] = lambda text: None
) -> SampleRows:
    """The images that each run's newest checkpoint generates for these seeds, every class or text in turn.

    runs: with their titles. note: called with warnings about damaged checkpoints.
    """
    rows, left_out = [], {}
    for title, run in runs:
        try:
            if reason := why_not(run):
                left_out[title] = reason
                continue
            trained = TrainedModel(run, reporting=Reporting(note=note))
        except (CheckpointError, OptionError) as error:
            left_out[title] = str(error)
            continue
        rows.append((title, trained.sampler.sample_all_classes(seeds)))
    return SampleRows(rows, left_out)


def why_not(run: Run) -> str:
    """Why a run generates no images from seeds; empty if it does. Nothing is loaded."""
    if not issubclass(run.model_class, Decoder):
        return f"{run.record['model']}: {Decoder.missing_message}"
    return "" if run.checkpoints() else "it has no checkpoint yet"


def figure(rows: Sequence[tuple[str, np.ndarray]], seeds: Sequence[int]) -> bytes:
    """PNG of a row of images for each run, and a column for each seed."""
    titles = [f"seed {seed}" for seed in seeds]
    cells = [
        (textwrap.fill(name, LINE_LENGTH), list(zip(titles if number == 0 else [""] * len(seeds), pixels, strict=True)))
        for number, (name, pixels) in enumerate(rows)
    ]
    return plots.rows_of_images(cells, side=SIDE)
