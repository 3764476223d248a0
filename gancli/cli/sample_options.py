"""The options of `gancli sample`, and its ways to sample: seeds, classes, texts, styles, stages of a pyramid."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from gancli.cli import flags, opened_run, text_options
from gancli.cli.style_space import mixing
from gancli.core import files
from gancli.core.errors import OptionError

if TYPE_CHECKING:
    from gancli.inference.style_space.truncation import Truncation
    from gancli.nn.latents import Seeds

DEFAULT_COUNT, ROW = 64, 8  # images; in a row of one class
Report = tuple[dict[str, object], list[str]]  # a result, and its lines of text


@dataclass(frozen=True)
class SampleOptions:
    """What to sample; fields are named after the options."""

    seeds: Seeds | None = None
    num_samples: int | None = None
    label: str | None = None
    per_class: int | None = None
    max_error: float | None = None
    grid: str | None = None
    show_pyramid: bool = False
    from_image: Path | None = None
    from_side: int | None = None
    texts: tuple[str, ...] = ()
    style_of: tuple[Path, ...] = ()
    truncation: Truncation | None = None
    mix: tuple[Seeds, Seeds] | None = None
    mix_layers: str | None = None

    @property
    def shape(self) -> tuple[int, int] | None:
        """Rows and columns of --grid. Raises: OptionError."""
        if self.grid is None:
            return None
        match = re.fullmatch("([1-9][0-9]{0,2})x([1-9][0-9]{0,2})", self.grid)
        if not match:
            raise OptionError(f"--grid '{self.grid}': expected rows x columns, such as 4x8")
        return int(match[1]), int(match[2])

    @property
    def is_pyramid(self) -> bool:
        """Whether to sample stages of a Laplacian pyramid."""
        return self.show_pyramid or self.from_image is not None

    def check(self) -> None:
        """Raise OptionError for options that contradict one another."""
        mixing.check(self)
        counted = self.seeds is not None or self.num_samples is not None
        if self.seeds is not None and self.num_samples is not None:
            raise OptionError("--seeds and --num-samples both set the number of images: give one of them")
        if self.per_class is not None and (counted or self.label is not None):
            raise OptionError(
                "--per-class samples every class from seed 0 on: leave out --seeds, --num-samples and --class"
            )
        if shape := self.shape:
            cells, count = shape[0] * shape[1], max(self.num_samples or 0, 0 if self.seeds is None else len(self.seeds))
            if count > cells:
                raise OptionError(f"--grid {self.grid} has {cells} cells, fewer than the {count:,} images")
        if self.max_error is not None and self.label is None:
            raise OptionError("--max-error limits wrong images of a class: add --class")
        if self.from_side is not None and self.from_image is None:
            raise OptionError(f"--from-side {self.from_side} needs an image to start from: add --from-image FILE")
        if self.truncation is not None and (self.texts or self.style_of or self.is_pyramid):
            raise OptionError("--truncation is for style-based models: leave out the options of texts and pyramids")
        if self.texts or self.style_of:
            self._check_texts()
        elif self.is_pyramid and (self.per_class is not None or shape or self.max_error is not None):
            raise OptionError(
                "--show-pyramid and --from-image generate one image per seed: leave out --grid, --per-class and "
                "--max-error"
            )

    def _check_texts(self) -> None:
        if not self.texts:
            raise OptionError(f"--style-of {self.style_of[0]} needs a text: add --text")
        others = self.label, self.per_class, self.grid, self.from_image, self.show_pyramid or None
        if any(other is not None for other in others):
            raise OptionError(
                "--text generates one row per text: leave out --class, --per-class, --grid and the pyramid options"
            )
        if self.style_of and (self.seeds is not None or self.num_samples is not None):
            raise OptionError("--style-of and --seeds both set z: give one of them")


def run(choice: flags.RunChoice, options: SampleOptions, place: flags.Place, out: Path | None) -> Report:
    """Sample and write the images. Returns: the result, and its lines. Raises: OptionError, CheckpointError."""
    if options.mix is not None:
        return mixing.run(choice, options, out)
    if options.texts:
        return _sample_texts(choice, options, out)
    if options.is_pyramid:
        return _sample_pyramid(choice, options, out)
    return _sample_images(choice, options, place, out)


def _sample_images(choice: flags.RunChoice, options: SampleOptions, place: flags.Place, out: Path | None) -> Report:
    from gancli.inference import class_sampling
    from gancli.inference.image_files import sample_files
    from gancli.nn.latents import Seeds

    opened_run.check_ending(out)
    trained = opened_run.open_run(choice, prefer=opened_run.fits(options.label), truncation=options.truncation)
    shape = options.shape
    facts: dict[str, object] = {}
    if options.per_class is not None:
        trained.require_labels(f"--per-class {options.per_class}")
    is_counted, seeds = options.seeds is not None or options.num_samples is not None, options.seeds
    if seeds is None:
        seeds = Seeds([range(options.num_samples or (shape[0] * shape[1] if shape else DEFAULT_COUNT))])
    if options.label is not None:
        classifiers, among = opened_run.classifiers(trained, place), options.seeds is not None
        images, facts = class_sampling.sample_class(
            trained, options.label, seeds, classifiers, max_error=options.max_error, among=among
        )
    elif is_counted or trained.is_unconditional:
        sample_files.check_size(out, len(seeds), trained.run.facts.shape, shape)
        images = trained.sampler.draw(trained.sampler.order_by_seed(seeds))
    else:
        order, shape = class_sampling.class_rows(trained, options.per_class, shape)
        sampler, labels = trained.sampler, order.unique_labels()
        facts = {"texts": [sampler.texts[label] for label in labels]} if sampler.texts else {"classes": len(labels)}
        images = sampler.draw(order)
    stem = f"sample-{'' if options.label is None else files.safe_name(options.label) + '-'}{trained.step:08}"
    out = out or opened_run.default_out(trained.run, stem, ".png")
    names = trained.sampler.texts if trained.takes_texts else trained.run.facts.classes
    sample_files.write_samples(out, images, classes=names, shape=shape)
    result = trained.about() | facts | {"images": len(images), "out": str(out)}
    result |= opened_run.seeds_for_result(images.order)
    return result, _lines(result)


def _sample_texts(choice: flags.RunChoice, options: SampleOptions, out: Path | None) -> Report:
    from gancli.inference import text_conditions
    from gancli.inference.image_files import real_images, sample_files
    from gancli.inference.trained_model import is_text_conditional
    from gancli.nn.latents import Seeds

    texts, styles = text_options.check(options.texts), []
    opened_run.check_ending(out)
    trained = opened_run.open_run(choice, prefer=is_text_conditional)
    text_conditions.check_texts(trained, texts)
    if options.style_of:
        text_conditions.need_style(trained)
        styles = list(real_images.open_files(trained, options.style_of)[0])  # all images of a folder
    seeds = options.seeds
    if seeds is None:
        seeds = Seeds([range(options.num_samples or len(styles) or ROW)])
    is_picture = out is None or (out.suffix.lower() == ".png" and not out.is_dir())
    if is_picture and len(seeds) > text_conditions.MAX_COLUMNS:
        raise OptionError(f"{len(seeds):,} images per text are more than a picture holds: give a folder with --out")
    trained.sampler.set_texts(texts)
    samples = text_conditions.sample_texts(trained, texts, seeds, styles)
    stem = f"sample-{files.safe_name(texts[0])[:40]}-{trained.step:08}"
    out = out or opened_run.default_out(trained.run, stem, ".png")
    if is_picture:
        files.atomic_write(out, samples.figure())
    else:
        sample_files.write_samples(out, samples.images, classes=tuple(texts))
    count, style_of = len(samples.images), list(map(str, options.style_of))
    result = trained.about() | {"out": str(out), "images": count, "texts": texts}
    result |= {"style_of": style_of} if style_of else opened_run.seeds_for_result(seeds)
    how = f"in the style of {', '.join(style_of)}" if style_of else f"of {len(seeds):,} seeds each"
    return result, [f"{out}: {count:,} images {how}, step {trained.step:,} of {trained.run.path}", *texts]


def _sample_pyramid(choice: flags.RunChoice, options: SampleOptions, out: Path | None) -> Report:
    from gancli.imaging import images
    from gancli.inference import laplacian_pyramid
    from gancli.inference.image_files import real_images, sample_files
    from gancli.inference.sample_stream import SampleStream
    from gancli.models.capabilities import Pyramid

    (flags.need_ending(out, ".png") if options.show_pyramid else opened_run.check_ending(out))
    seeds = list(options.seeds if options.seeds is not None else range(options.num_samples or ROW))
    opened_run.check_count(len(seeds), "--show-pyramid" if options.show_pyramid else "--from-image")
    trained = opened_run.open_run(choice, ability=Pyramid)
    path, level = options.from_image, laplacian_pyramid.level_of(trained.outline, options.from_side)
    start = None if path is None else real_images.open_files(trained, [path])[0][:1].repeat(len(seeds), axis=0)
    labels, model = trained.labels_for(seeds, options.label), trained.model
    stages = laplacian_pyramid.stages(model, model.latents(seeds), labels, start=start, level=level)
    stem = f"sample-{'pyramid' if options.show_pyramid else 'from-image'}-{trained.step:08}"
    out = out or opened_run.default_out(trained.run, stem, ".png")
    if options.show_pyramid:
        stages = stages if start is None else [laplacian_pyramid.PyramidStage("image", start), *stages]
        files.atomic_write(out, images.png(images.stages_grid([stage.pixels for stage in stages])))
    else:
        stages = stages[-1:]
        samples = SampleStream.from_arrays(stages[0].pixels, seeds, labels)
        sample_files.write_samples(out, samples, classes=trained.run.facts.classes)
    names, side = [stage.name for stage in stages], model.sides[level]
    result = trained.about() | {"out": str(out), "seeds": seeds, "images": len(seeds), "stages": names}
    result |= {} if path is None else {"from": str(path), "from_side": side}
    origin = f" from {path} at {side}x{side}" if path else ""
    line = f"{out}: {len(seeds)} images of step {trained.step:,} of {trained.run.path}{origin}; {', '.join(names)}"
    return result, [line]


def _lines(result: dict[str, object]) -> list[str]:
    lines = [f"{result['out']}: {result['images']:,} images of step {result['step']:,} of {result['run']}"]
    lines += [f"  {text}" for text in result.get("texts", ())]
    if "classes" in result:
        lines[0] += f", {result['classes']} classes, one z per column"
    if "number" in result:
        lines.append(f"class '{result['class']}', number {result['number']} of 0 to {result['of'] - 1}")
    if "drawn" in result:
        lines += [
            f"{result['drawn']:,} images generated, {result['kept']:,} kept ({result['share']:.1%}): two classifiers "
            f"give '{result['class']}' a probability of at least {_percent(result['threshold'])}, and a third agrees",
            result["selection"],
        ]
    return lines


def _percent(share: float) -> str:
    """With enough digits to differ from 100 %."""
    return next((f"{share:.{digits}%}" for digits in range(1, 9) if round(100 * share, digits) < 100), "100%")
