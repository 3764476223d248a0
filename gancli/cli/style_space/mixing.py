"""`gancli sample --mix`: a grid of images with some styles of one seed and all others of another."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from gancli.cli import flags, opened_run
from gancli.core import files
from gancli.core.errors import OptionError
from gancli.models.capabilities import StyleBased

if TYPE_CHECKING:
    from gancli.cli.sample_options import Report, SampleOptions

DEFAULT_LAYERS = "coarse"


def check(options: SampleOptions) -> None:
    """Raise OptionError for options that do not go with --mix, or seeds that no picture holds."""
    from gancli.inference.style_space import mixing

    if options.mix is None:
        if options.mix_layers is not None:
            raise OptionError(f"--mix-layers {options.mix_layers} chooses styles to mix: add --mix SEEDS SEEDS")
        return
    given = {
        "--seeds": options.seeds,
        "--num-samples": options.num_samples,
        "--per-class": options.per_class,
        "--max-error": options.max_error,
        "--grid": options.grid,
        "--show-pyramid": options.show_pyramid or None,
        "--from-image": options.from_image,
        "--text": options.texts or None,
        "--style-of": options.style_of or None,
    }
    if found := [name for name, value in given.items() if value is not None]:
        raise OptionError(f"--mix makes a grid of its own seeds: leave out {found[0]}")
    if most := [part for part in options.mix if len(part) > mixing.MOST_IMAGES]:
        raise OptionError(f"--mix {most[0]}: at most {mixing.MOST_IMAGES} seeds fit into a picture in each direction")
    mixing.parse_layers(options.mix_layers or DEFAULT_LAYERS)


def run(choice: flags.RunChoice, options: SampleOptions, out: Path | None) -> Report:
    """Mix styles and write the picture. Returns: the result, and its lines. Raises: OptionError, CheckpointError."""
    from gancli.inference.style_space import mixing
    from gancli.inference.style_space.sampler import StyleSampler

    flags.need_ending(out, ".png")
    trained = opened_run.open_run(choice, ability=StyleBased, truncation=options.truncation)
    outline = trained.outline
    layers = mixing.layers_of(options.mix_layers or DEFAULT_LAYERS, outline.name(), outline.style_layers)
    sampler = StyleSampler.of(trained)
    first, second = map(list, options.mix)
    rows, columns = (
        sampler.to_w(sampler.model.latents(seeds), trained.labels_for(seeds, options.label))
        for seeds in (first, second)
    )
    found = mixing.mix_images(sampler, rows, columns, layers)
    out = out or opened_run.default_out(trained.run, f"sample-mix-{trained.step:08}", ".png")
    files.atomic_write(out, found.figure(*([f"seed {seed}" for seed in seeds] for seeds in (first, second))))
    count = len(first) * len(second)
    result = trained.about() | {"out": str(out), "images": count, "first": first, "second": second}
    result |= {"layers": list(layers), "style_layers": outline.style_layers}
    result |= {} if options.label is None else {"class": options.label}
    line = (
        f"{out}: {count} images of step {trained.step:,} of {trained.run.path}: style layers "
        f"{mixing.layer_words(layers)} of the columns (seeds {options.mix[1]}), others of the rows ({options.mix[0]})"
    )
    return result, [line]
