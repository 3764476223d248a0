"""gancli eval-probe: what a run knows of the labels that it was or was not told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from gancli.cli import eval_options, flags, tables
from gancli.core.backend import np
from gancli.core.errors import DataError, OptionError

if TYPE_CHECKING:
    from gancli.cli.opened_run import TrainedModel
    from gancli.data import Dataset
    from gancli.runs.run import Run

TOLD = {
    "discriminator": "features of the discriminator",
    "untrained": "of the same untrained",
    "pixels": "pixels",
}
HELD = 5000  # training images to choose the SVM's C with

EPILOG = """\b
Examples:
  gancli eval-probe
  gancli eval-probe --labels 100 --draws 10
  gancli eval-probe --run mnist-cgan --samples 50000

Two tests of Radford et al. 2015, each where it can be made. Section 5: the maps after every convolution of the
discriminator, max-pooled to 4x4, are the features of a linear SVM that sees few labels; beside them stand the pixels,
and the same network untrained. Section 8.1, of models that take labels: a 1-nearest-neighbour classifier is fitted on
generated images and their labels, and tested on real ones; beside it stands that fitted on the real training images."""


@click.command(epilog=EPILOG)
@flags.run_options
@click.option(
    "--labels", type=click.IntRange(2, 1_000_000), default=1000, show_default=True, help="That the SVM sees, balanced."
)
@click.option("--draws", type=click.IntRange(1, 1000), default=5, show_default=True, help="Of labels, each with a fit.")
@click.option(
    "--samples",
    type=click.IntRange(10, 1_000_000),
    default=50_000,
    show_default=True,
    help="Generated for the nearest neighbours, classes in the data's shares.",
)
@flags.place_option()
@flags.json_option
def command(choice: flags.RunChoice, labels: int, draws: int, samples: int, place: flags.Place, as_json: bool) -> None:
    """Probe what the discriminator learned of labels, and what the samples would teach."""
    from gancli.cli import opened_run
    from gancli.evaluation import classifier

    chosen = opened_run.open_run(choice, prefer=lambda run: _convolves(run) or not opened_run.takes_no_labels(run))
    convolves = _convolves(chosen.run)
    if not convolves and not chosen.sampler.is_class_conditional:
        raise OptionError(
            f"{chosen.model.name()}'s discriminator has no convolutions to probe, and it takes no labels to sample by: "
            "try a run of dcgan or cgan"
        )
    dataset = chosen.run.dataset(*place)
    flags.tell(dataset)
    classifier.need_labels(dataset)
    if np.count_nonzero(dataset.class_counts()) < 2:
        raise DataError(f"'{dataset.name}' has images of one class alone: there is nothing to tell apart")
    if "label" not in dataset.test:
        raise OptionError(f"'{dataset.name}' has no labelled test split to tell the errors on")
    result, lines = chosen.about() | {"data": dataset.name}, []
    if convolves:
        result["svm"], said = _svm(chosen, dataset, labels, draws)
        lines += said
    if chosen.sampler.is_class_conditional:
        result["nearest"], said = _nearest(chosen, dataset, samples)
        lines += said
    result = eval_options.rounded(result)
    eval_options.keep(chosen.run, "probe", result)
    lines.append(
        f"scored: step {chosen.step:,} of {chosen.run.path}, on the {len(dataset.test['label']):,} test images"
    )
    flags.report(result, lines, as_json=as_json)


def _convolves(run: Run) -> bool:
    from gancli.models.capabilities import ConvolutionalNetworks

    return issubclass(run.model_class, ConvolutionalNetworks)


def _svm(chosen: TrainedModel, dataset: Dataset, count: int, draws: int) -> tuple[dict[str, object], list[str]]:
    """The linear SVM on features of the discriminator, of the same untrained, and on pixels."""
    from gancli.evaluation.metrics import linear_probe
    from gancli.imaging import images
    from gancli.nn import feature_maps

    held = min(HELD, len(dataset) // 5)
    order = np.random.default_rng(0).permutation(len(dataset))
    pool, kept = order[held:], order[:held]
    truth = dataset.train["label"][:]
    rows = [pool[linear_probe.balanced(truth[pool], count, np.random.default_rng([1, draw]))] for draw in range(draws)]
    used, places = np.unique(np.concatenate(rows), return_inverse=True)
    places = np.split(places, np.cumsum([len(some) for some in rows])[:-1])
    pixels = [dataset.take(used), dataset.take(kept), dataset.test["image"]]
    looks = {
        "discriminator": lambda some: feature_maps.pooled(chosen.model.discriminator.model, some),
        "untrained": lambda some: feature_maps.pooled(chosen.untrained().discriminator.model, some),
        "pixels": images.flat,
    }
    result, lines = {"labels": len(rows[0]), "draws": draws}, []
    for name, look in looks.items():
        train, validation, test = (look(some) for some in pixels)
        errors, cost = linear_probe.svm_errors(
            train, truth[used], (validation, truth[kept]), (test, dataset.test["label"]), draws=places
        )
        deviation = float(np.std(errors)) if len(errors) > 1 else None
        result[name] = {"error": float(np.mean(errors)), "deviation": deviation, "C": cost}
        result[name] |= {"features": train.shape[1]}
        lines.append(
            f"linear SVM, {len(rows[0]):,} labels, {train.shape[1]:,} {TOLD[name]}: error {np.mean(errors):.2%}"
            f"{tables.spread(deviation, '.2%')} ({draws} draw{'s' * (draws > 1)}, C {cost:g})"
        )
    return result, lines


def _nearest(chosen: TrainedModel, dataset: Dataset, count: int) -> tuple[dict[str, object], list[str]]:
    """The 1-nearest-neighbour classifier of generated images, and of real ones."""
    from gancli.evaluation.metrics import linear_probe
    from gancli.imaging import images

    counts = dataset.class_counts()
    made = chosen.sampler.sample_all_classes(range(count), counts=counts)
    asked = chosen.sampler.labels_by_share(range(count), counts)
    test, truth = images.flat(dataset.test["image"]), dataset.test["label"]
    real = images.flat(dataset.train["image"][:])
    error = linear_probe.nearest_error(images.flat(made), asked, test, truth)
    of_real = linear_probe.nearest_error(real, dataset.train["label"][:], test, truth)
    told = {"samples": count, "error": error, "real": of_real, "real_images": len(real)}
    return told | eval_options.told_classes(asked, dataset), [
        f"1-nearest neighbour among {count:,} generated images by their labels: error {error:.2%}; "
        f"among the {len(real):,} real ones {of_real:.2%}"
    ]
