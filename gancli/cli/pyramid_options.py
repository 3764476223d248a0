"""How a model that makes images from coarse to fine is drawn: every stage, or from the coarse image of a real one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from gancli.cli import flags
from gancli.core.backend import np
from gancli.core.errors import OptionError

if TYPE_CHECKING:
    from gancli.cli.opened_run import TrainedModel


class Asked(NamedTuple):
    """What --show-pyramid, --from-image and --from-side say."""

    is_whole: bool = False
    start: Path | None = None
    from_side: int | None = None

    def check(self) -> None:
        """Raise OptionError for a side without an image."""
        if self.from_side is not None and self.start is None:
            raise OptionError(f"--from-side {self.from_side} says where an image begins: add --from-image FILE")


def draw(choice: flags.RunChoice, asked: Asked, seeds: list[int], label: str | None, out: Path | None) -> tuple:
    """Draw seeds into a file, all stages or the last. Returns: the result and its lines. Raises: OptionError."""
    from gancli.cli import image_inputs, opened_run
    from gancli.core import files
    from gancli.imaging import images
    from gancli.inference import laplacian_pyramid
    from gancli.inference.sample_stream import SampleStream
    from gancli.models.capabilities import Pyramid

    (flags.need_ending(out, ".png") if asked.is_whole else opened_run.check_ending(out))
    opened_run.need_few(len(seeds), "--show-pyramid" if asked.is_whole else "--from-image")
    chosen = opened_run.open_run(choice, ability=Pyramid)
    model, sides, start = chosen.model, chosen.model.sides, asked.start
    if asked.from_side is not None and asked.from_side not in sides[:-1]:
        levels = ", ".join(map(str, sides[:-1]))
        raise OptionError(f"--from-side {asked.from_side}: {chosen.run.path} has levels of {levels}")
    level = sides.index(asked.from_side) if asked.from_side else 0
    begun = None if start is None else image_inputs.opened(chosen, [start])[0][:1].repeat(len(seeds), axis=0)
    labels = _labels(chosen, label, seeds)
    shown = laplacian_pyramid.stages(model, model.latents(seeds), labels, start=begun, level=level)
    stem = f"sample-{'pyramid' if asked.is_whole else 'from-image'}-{chosen.step:08}"
    out = out or opened_run.fresh(chosen.run, stem, ".png")
    if asked.is_whole:
        stages = shown if begun is None else [laplacian_pyramid.PyramidStage("image", begun), *shown]
        files.atomic_write(out, images.png(images.stages_grid([stage.pixels for stage in stages])))
    else:
        stages = shown[-1:]
        opened_run.write(
            out, SampleStream.from_arrays(shown[-1].pixels, seeds, labels), classes=chosen.run.facts.classes
        )
    names = [stage.name for stage in stages]
    result = chosen.about() | {"out": str(out), "seeds": seeds, "images": len(seeds), "stages": names}
    result |= {} if start is None else {"from": str(start), "from_side": sides[level]}
    origin = f" from {start} at {sides[level]}x{sides[level]}" if start else ""
    line = f"{out}: {len(seeds)} images of step {chosen.step:,} of {chosen.run.path}{origin}; {', '.join(names)}"
    return result, [line]


def _labels(chosen: TrainedModel, label: str | None, seeds: list[int]) -> np.ndarray | None:
    """Of a model that takes labels, the class that was asked for, or every class in turn."""
    if label is not None:
        chosen.need_labels(f"--class {label}")
        return np.full(len(seeds), chosen.class_index(label), np.int32)
    return chosen.sampler.cycle_labels(seeds)
