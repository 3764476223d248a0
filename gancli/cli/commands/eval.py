"""gancli eval: every score that a run has, from one set of samples."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gancli.cli import eval_options, output, path_types, value_lists
from gancli.cli.commands import _score_lines
from gancli.cli.style_space import options as style_options
from gancli.core.errors import OptionError

if TYPE_CHECKING:
    from gancli.evaluation.metric_table import Subject
    from gancli.inference.style_space.truncation import Truncation

EPILOG = """\b
Examples:
  gancli eval
  gancli eval --run 3 --checkpoint best --json
  gancli eval --metrics fid,kid,parzen
  gancli eval --except probe,parzen --num-samples 5000
  gancli eval --truncation 0.7                stylegan, stylegan2
  gancli eval --images fakes/ --data mnist --out scores

Every score that the kind of run has: of samples, reconstructions, upscaled, segmented or translated images, captions or
sentences. Samples are generated once and features computed once, so that this is faster than the commands named
eval-…, which compute the same numbers one at a time and explain them. A score that cannot be computed on the data is
listed with the reason.

The column "compare with" is the same score of other real images, what perfect samples would get; where it is named, it
is that of a simple method, such as PCA for reconstructions. The column ± is a standard deviation or error; the lines
below the table say of what, and how each score was measured. Scores are written to eval/scores.json and eval/scores.csv
of the run, and each measurement to eval/NAME.json; with --truncation PSI to the same names in eval/truncation-PSI.

--metrics and --except take names of the table or of measurements: distances, parzen, diversity, spectrum, neighbors,
labels, modes, probe, reconstruction and others. The slowest are neighbors and probe."""


@click.command(epilog=EPILOG)
@eval_options.options(num_samples=None, ends="  [default: 10,000; 2,500 points]")
@eval_options.distance_options
@style_options.truncation
@click.option(
    "--metrics", type=value_lists.Names(), metavar="NAME,…", help="Scores to compute.  [default: all that apply]"
)
@click.option("--except", "without", type=value_lists.Names(), metavar="NAME,…", help="Scores to leave out.")
@click.option(
    "--out",
    type=path_types.OUTPUT,
    metavar="FOLDER",
    help="Folder for scores.json and scores.csv.  [default: eval/ of the run]",
)
def command(
    chosen: eval_options.EvalOptions,
    distances: Mapping[str, object],
    truncation: Truncation | None,
    metrics: tuple[str, ...] | None,
    without: tuple[str, ...] | None,
    out: Path | None,
    as_json: bool,
) -> None:
    """Score a run, or images, by every score that applies."""
    from gancli.evaluation import metric_table
    from gancli.evaluation.metric_table import report

    if out is not None and out.exists() and not out.is_dir():
        raise OptionError(f"--out {out} is a file: give a folder for {report.JSON} and {report.CSV}")
    subject = _subject(chosen.truncated(truncation))
    found = metric_table.measure_all(subject, distances, only=metrics or (), without=without or ())
    table = report.as_table(found, subject)
    if out is not None:
        report.write(table, out)
    elif chosen.images is None:
        report.save(found, table, subject, note=output.note)
    output.report(table, _score_lines.lines(table), as_json=as_json)


def _subject(chosen: eval_options.EvalOptions) -> Subject:
    from gancli.cli import opened_run
    from gancli.evaluation.metric_table import Subject, applicability

    data_dir, source = chosen.place
    if chosen.images is not None:
        scored, source = chosen.images, eval_options.reference_data(chosen)
    else:
        scored = opened_run.open_run(chosen.choice, ability=None, truncation=chosen.truncation)
    count = chosen.num_samples or applicability.default_count(scored)
    how = {"data_dir": data_dir, "skip_bad": bool(chosen.place.skip_bad)}
    return Subject(scored, source, count, chosen.pixel_range, output.note, output.print_remarks, **how)
