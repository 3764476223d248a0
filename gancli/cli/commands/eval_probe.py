"""gancli eval-probe: what a run has learned about labels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from gancli.cli import eval_options, flags, tables

if TYPE_CHECKING:
    from gancli.evaluation.label_probe import ProbeResult, SvmResult

FEATURES = {  # names in a line
    "discriminator": "features of the discriminator",
    "untrained": "features of the untrained discriminator",
    "pixels": "pixels",
}

EPILOG = """\b
Examples:
  gancli eval-probe
  gancli eval-probe --num-labels 100 --draws 10
  gancli eval-probe --run mnist-cgan --num-samples 50000

Two tests of Radford et al. 2015, each for the models that it applies to. Section 5: the feature maps of all
convolutions of the discriminator, max-pooled to 4x4, are the input of a linear SVM with few labels; compare with pixels
and with the untrained network. Section 8.1, for class-conditional models: a 1-nearest-neighbor classifier is fitted on
generated images and their labels, and tested on real ones; compare with one fitted on the real training images."""


@click.command(epilog=EPILOG)
@flags.run_options
@click.option(
    "--num-labels",
    type=flags.IntRange(2, 1_000_000),
    default=1000,
    show_default=True,
    help="Number of labels for the SVM (class-balanced).",
)
@click.option(
    "--draws",
    type=flags.IntRange(1, 1000),
    default=5,
    show_default=True,
    help="Number of random sets of labels, with one SVM each.",
)
@eval_options.num_samples_option(
    50_000,
    least=10,
    most=1_000_000,
    help_text="Number of generated images for the nearest-neighbor classifier.",
)
@flags.place_option()
@flags.json_option
def command(
    choice: flags.RunChoice, num_labels: int, draws: int, num_samples: int, place: flags.Place, as_json: bool
) -> None:
    """Score the discriminator's features by an SVM, and samples as training data."""
    from gancli.cli import opened_run
    from gancli.evaluation import label_probe
    from gancli.inference import trained_model

    trained = opened_run.open_run(
        choice,
        prefer=lambda run: label_probe.has_convolutions(run.model_class) or not trained_model.is_unconditional(run),
    )
    label_probe.check_model(trained)
    dataset = trained.dataset(*place)
    found = label_probe.score(trained, dataset, num_labels=num_labels, draws=draws, num_samples=num_samples)
    result = trained.about() | {"data": dataset.name} | found.to_dict()
    source = f"scored: step {trained.step:,} of {trained.run.path}, on {found.test_images:,} test images"
    eval_options.report_run(trained, "probe", result, [*_lines(found), source], as_json=as_json)


def _lines(probe: ProbeResult) -> list[str]:
    lines = [] if probe.svm is None else _svm_lines(probe.svm)
    if probe.nearest is not None:
        lines.append(
            f"1-nearest neighbor on {probe.nearest.samples:,} generated images and their labels: error "
            f"{probe.nearest.error:.2%}; on the {probe.nearest.real_images:,} real images {probe.nearest.real:.2%}"
        )
    return lines


def _svm_lines(svm: SvmResult) -> list[str]:
    draws = f"{svm.draws} draw{'s' * (svm.draws > 1)}"
    return [
        f"linear SVM, {svm.labels:,} labels, {one.features:,} {FEATURES[name]}: error {one.error:.2%}"
        f"{tables.spread(one.deviation, '.2%')} ({draws}, C {one.C:g})"
        for name, one in svm.scores.items()
    ]
