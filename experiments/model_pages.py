"""docs/models: a page for each model, written from its file, options and metrics; results are written by hand.

python -m experiments.model_pages            write (make readme)
python -m experiments.model_pages --check    fail if a page differs from its model

On each page what follows "## Results" is kept; `experiments/readmes.py` copies the marked numbers there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import click

from experiments import markdown
from experiments.readmes import ROOT
from gancli import models
from gancli.cli import main as entry
from gancli.core.options import Field
from gancli.models import capabilities, metric_names, presets, regularization
from gancli.models.base import ALL_MODELS, Model
from gancli.models.config import fields_of
from gancli.models.metric_names import GRADIENT

FOLDER = ROOT / "docs" / "models"
KEPT = "\n## Results\n"  # the heading from which on a page is written by hand
NOT_MEASURED = "Not measured.\n"
DATA = {  # the rest of a first command, for models that MNIST does not fit
    "cyclegan": "--data summer2winter_yosemite.zip --image-size 64 --steps 8000",
    "espcn": "--data photos/ --scale 4",
    "gan-cls": "--data glyphs",
    "goodfellow": "--data mnist --updates simultaneous --optimizer sgd --learning-rate 0.1",
    "lapgan": "--data cifar10",
    "pix2pix": "--data camvid.zip --direction b-to-a --image-size 64",
    "segmentation": "--data camvid.zip --steps 3000 --eval-every 150",
    "skip-thoughts": "--data books.txt.gz",
    "srgan": "--data photos/ --scale 4",
    "srresnet": "--data photos/ --scale 4",
    "stylegan": "--data celeba.zip --image-size 64",
    "stylegan2": "--data celeba.zip --image-size 64",
    "toy": "--data ring8",
}
IMAGES = (
    "sample interpolate zvector-arith project traverse"
    " eval-parzen eval-fid eval-labels eval-neighbors eval-diversity eval-spectrum"
)
USES = {  # commands by the capability that they need; the first is the second command of a page
    capabilities.Translator: "translate eval-translation",
    capabilities.Segmenter: "segment eval-segmentation",
    capabilities.Upscaler: "upscale eval-psnr",
    capabilities.Decoder: IMAGES,
    capabilities.Latent: "eval-modes",
    capabilities.ConvolutionalNetworks: "ablate visualize-features eval-probe",
    capabilities.Encoder: "encode reconstruct",
    capabilities.LikelihoodBound: "eval-elbo",
    capabilities.TextEncoder: "encode",
    capabilities.SentencePredictor: "eval-sentences",
}
FOR_ALL = ("export", "eval")  # every model, where there is such a command
NOT_FOR = {"label": "ablate zvector-arith", "caption": "project zvector-arith"}  # conditional models, by their column
ARGUMENTS = {"translate": "PICTURE", "segment": "PICTURE", "upscale": "PICTURE", "encode": '--text "A sentence."'}
OTHER_LOSSES = ("D(x)", "D(G(z))", "output_real", "output_fake", "distance", "divergence", "real_above_fake")
TECHNIQUES = ("penalty", "ada_probability")  # of models with RegularizationOptions
ADVERSARIAL = "discriminator_loss generator_loss D(x) D(G(z)) discriminator_gradient generator_gradient"
LOGGED = {  # what a step of each model returns; tests/models/test_every_model.py compares it
    "acgan": f"{ADVERSARIAL} class_cost",
    "alpha-gan": f"{ADVERSARIAL} encoder_loss encoder_gradient code_discriminator_loss code_discriminator_gradient"
    " reconstruction_loss",
    "autoencoder": "reconstruction_loss encoder_gradient decoder_gradient",
    "bgan": f"{ADVERSARIAL} effective_samples",
    "cgan": ADVERSARIAL,
    "cyclegan": "generator_loss adversarial_loss cycle_loss identity_loss judge_a_loss judge_b_loss a_to_b_gradient"
    " b_to_a_gradient judge_a_gradient judge_b_gradient",
    "dcgan": ADVERSARIAL,
    "ebgan": "discriminator_loss generator_loss energy_real energy_fake discriminator_gradient generator_gradient",
    "espcn": "content_loss generator_gradient",
    "f-gan": f"{ADVERSARIAL} divergence",
    "gan": ADVERSARIAL,
    "gan-cls": "discriminator_loss generator_loss p_real p_fake p_wrong discriminator_gradient generator_gradient"
    " judge_gradient text_loss reader_gradient viewer_gradient style_loss rebuilt_loss style_encoder_gradient",
    "gogan": "discriminator_loss generator_loss distance previous_distance gap_left discriminator_gradient"
    " generator_gradient",
    "goodfellow": ADVERSARIAL,
    "infogan": f"{ADVERSARIAL} category_information code_information",
    "lapgan": "discriminator_loss generator_loss D(x) D(G(z)) discriminator-0_gradient generator-0_gradient"
    " discriminator-1_gradient generator-1_gradient discriminator-2_gradient generator-2_gradient",
    "lsgan": "discriminator_loss generator_loss output_real output_fake discriminator_gradient generator_gradient",
    "matching": "discriminator_loss generator_loss p_real p_fake p_wrong discriminator_gradient generator_gradient",
    "pix2pix": "discriminator_loss generator_loss p_real p_fake difference discriminator_gradient generator_gradient",
    "progan": "discriminator_loss generator_loss distance penalty share discriminator_gradient generator_gradient",
    "r3gan": "discriminator_loss generator_loss output_real output_fake real_above_fake penalty discriminator_gradient"
    " generator_gradient",
    "segmentation": "segmenter_loss adversary_loss cross_entropy pixel_accuracy p_people p_segmenter segmenter_gradient"
    " adversary_gradient",
    "skip-thoughts": "uni_loss uni_encoder_gradient uni_before_gradient uni_after_gradient uni_words_gradient bi_loss"
    " bi_encoder_gradient bi_before_gradient bi_after_gradient bi_words_gradient",
    "sngan": "discriminator_loss generator_loss output_real output_fake discriminator_gradient generator_gradient",
    "srgan": "discriminator_loss generator_loss content_loss p_real p_fake discriminator_gradient generator_gradient",
    "srresnet": "content_loss generator_gradient",
    "stylegan": f"{ADVERSARIAL} penalty",
    "stylegan2": f"{ADVERSARIAL} penalty path_length",
    "toy": ADVERSARIAL,
    "vae": "loss elbo reconstruction kl encoder_gradient decoder_gradient",
    "vaegan": f"{ADVERSARIAL} encoder_loss encoder_gradient reconstruction_loss kl",
    "wgan": "discriminator_loss generator_loss distance discriminator_gradient generator_gradient",
    "wgan-gp": "discriminator_loss generator_loss distance discriminator_gradient generator_gradient",
}


def pages() -> dict[Path, str]:
    """The text of each page, by its path: what is generated, then what was written by hand."""
    found = {}
    for name in models.names():
        path = FOLDER / f"{name}.md"
        old = path.read_text(encoding="utf-8") if path.exists() else ""
        kept = old.partition(KEPT)[2] or f"\n{NOT_MEASURED}"
        found[path] = re.sub(r"\n{3,}", "\n\n", "\n".join(_page(name, models.get(name)))).rstrip() + "\n" + KEPT + kept
    return found


def logged(name: str) -> set[str]:
    """The metrics that the page of a model explains."""
    return {*LOGGED[name].split(), *_of_other_losses(models.get(name)), *_of_techniques(models.get(name))}


def _of_techniques(model: type[Model]) -> tuple[str, ...]:
    return TECHNIQUES if issubclass(model.Options, regularization.RegularizationOptions) else ()


def _of_other_losses(model: type[Model]) -> tuple[str, ...]:
    return OTHER_LOSSES if any(field.name == "loss" for field in fields_of(model)) else ()


def _page(name: str, model: type[Model]) -> Iterator[str]:
    """Lines of the generated part."""
    first, _, rest = models.paper(name).partition("\n")
    about, differences = _split(rest)
    steps = f"{model.default_steps:,}"
    more = " [Adversarial losses](../losses.md) explains `--loss` and others." if _of_other_losses(model) else ""
    yield from (f"# {name}", "", _linked(first), "", *about, "", "## Command", "", "```sh")
    commands = _commands(model)
    yield from (f"gancli train --model {name} {DATA.get(name, '--data mnist')}", *commands[:1], "```", "")
    uses = ", ".join(f"[{command}](../commands/{command}.md)" for command in _uses(model))
    yield from (f"Commands for its runs: {uses}.", "", "## Options", "")
    yield f"[gancli train](../commands/train.md) lists the options of every training; `--steps` is {steps} here.{more}"
    yield from ("", *markdown.table(("option", "default", "range", "meaning"), map(_option, _own(model))), "")
    if model.presets:
        rows = [(f"`--preset {key}`", f"`{presets.as_flags(values)}`") for key, values in model.presets.items()]
        yield from (*markdown.table(("preset", "options"), rows), "")
    yield from (
        "## Logged numbers",
        "",
        "Each line of the run's `metrics.jsonl` holds:",
        "",
        *_metrics(name, model),
        "",
    )
    yield from (
        "Gradient norms and losses are means since the line before. [Runs](../runs.md) lists the other keys.",
        "",
    )
    yield from ("## Differences from the paper", "", *differences, "", markdown.text(ALL_MODELS))


def _split(text: str) -> tuple[list[str], list[str]]:
    """What a docstring says of the paper, and the differences from it, as lines of Markdown."""
    head, mark, tail = text.partition("\nDifferences from")
    return list(_lines(head)), list(_lines(f"{mark}{tail}".strip("\n").removeprefix("Differences from the paper:\n")))


def _lines(text: str) -> Iterator[str]:
    """Paragraphs of a docstring: lists are set off, and indented lines become code."""
    for paragraph in re.split(r"\n\s*\n", text.strip("\n")):
        lines = paragraph.split("\n")
        if all(line.startswith("    ") for line in lines):
            kind = "sh" if lines[0].strip().startswith("gancli") else "text"
            yield from (f"```{kind}", *markdown.commands(line.strip() for line in lines), "```", "")
        else:
            starts_list = paragraph.startswith("- ")
            yield from (_linked(paragraph if starts_list else paragraph.replace("\n- ", "\n\n- ", 1)), "")


def _linked(text: str) -> str:
    return re.sub(r"arXiv:(\d{4}\.\d{4,5})", r"[arXiv:\1](https://arxiv.org/abs/\1)", markdown.text(text))


def _uses(model: type[Model]) -> list[str]:
    """The commands that work with a model, the most specific first."""
    found = [name for ability, names in USES.items() if issubclass(model, ability) for name in names.split()]
    if "label" in model.columns and "eval-probe" not in found and issubclass(model, capabilities.Decoder):
        found.append("eval-probe")
    if "caption" in model.columns:
        found.insert(1, "eval-captions")
    found += [name for name in FOR_ALL if name in entry.cli.list_commands(None)]
    left_out = [name for column, names in NOT_FOR.items() if column in model.columns for name in names.split()]
    return [name for name in dict.fromkeys(found) if name not in left_out]


def _commands(model: type[Model]) -> list[str]:
    return [f"gancli {name} {ARGUMENTS[name]}" if name in ARGUMENTS else f"gancli {name}" for name in _uses(model)]


def _own(model: type[Model]) -> list[Field]:
    """The options of a model, without those of every training."""
    return [field for field in fields_of(model) if field.rule.group in ("Model", regularization.GROUP)]


def _option(field: Field) -> tuple[str, str, str, str]:
    """Name, default, range and meaning of an option."""
    default = "" if field.default in (None, "") else f"{field.default:g}" if field.type is float else field.default
    if field.type is bool:
        default = "on" if field.default else "off"
    bounds = ", ".join(f"`{choice}`" for choice in field.rule.choices) or field.rule.range_text()
    meaning = markdown.cell(markdown.text(field.rule.help))
    return f"`--{field.name.replace('_', '-')}`", f"`{default}`" if default != "" else "", bounds, meaning


def _metrics(name: str, model: type[Model]) -> Iterable[str]:
    """A table of the metrics of a model."""
    usual, others, techniques = LOGGED[name].split(), _of_other_losses(model), _of_techniques(model)
    rows = []
    for key, metric in metric_names.named({*usual, *others, *techniques}, model.metrics).items():
        short = f"`{metric.short}`" if not key.endswith(GRADIENT) else ""
        rest = "" if key in usual else " (with another `--loss`)" if key in others else " (if it is used)"
        rows.append((f"`{key}`", short, f"{metric.meaning}{rest}"))
    return markdown.table(("key", "in the line of progress", "meaning"), rows)


@click.command()
@click.option("--check", is_flag=True, help="Fail if a page differs, and change nothing.")
def main(check: bool) -> None:
    """Write the generated part of docs/models."""
    markdown.write(pages(), FOLDER, check=check)


if __name__ == "__main__":
    main()
