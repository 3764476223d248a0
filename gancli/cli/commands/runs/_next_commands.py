"""The commands that a run can be continued with."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from gancli.models import capabilities
from gancli.runs import own_model
from gancli.training.resume import SLOWER

if TYPE_CHECKING:
    from gancli.runs.reports.details import RunDetails
    from gancli.runs.run import Run

INTERPOLATE = "interpolate --seeds 3,11"
DEFAULT_OUTDIR = Path("runs")
USES: tuple[tuple[type, tuple[str, ...]], ...] = (  # by capability: the first that a model has
    (capabilities.Segmenter, ("segment IMAGE", "eval-segmentation")),
    (capabilities.Translator, ("translate IMAGE", "eval-translation")),
    (capabilities.Upscaler, ("upscale IMAGE", "eval-psnr --data FOLDER")),
    (capabilities.StyleBased, ("sample", "sample --mix 0-4 5-9", INTERPOLATE, "eval-fid")),
    (capabilities.Decoder, ("sample", INTERPOLATE, "eval-fid")),
    (capabilities.PointGenerator, ("eval-modes",)),
    (capabilities.TextEncoder, ('encode --text "A sentence."',)),
)


def lines(run: Run, details: RunDetails) -> list[str]:
    """Exact commands with what they do, in the order of their use."""
    name = selector(run)
    is_live, options = details.state == "running", details.options
    if not run.is_loaded and own_model.is_registered_class(run.record):
        return []  # only a program that registers it can open the run
    is_in_file = not run.is_loaded and "model_file" in run.record
    model = f" --model {shlex.quote(str(own_model.kept_copy(run.path, run.record)))}" if is_in_file else ""
    commands = []
    if details.checkpoints and not is_live and not run.is_published and not options.get("level_steps"):
        commands.append(f"gancli train --resume --run {name}{model}{_resume(details)}")
    if max(details.checkpoints, default=0) > 0:
        commands += [f"gancli {use} --run {name}{model}" for use in _uses(run)]
    if not is_live:
        config = shlex.quote(str(run.path / run.RECORD))
        commands.append(f"gancli train --config {config}{model} --seed {int(options['seed']) + 1}")
    return commands


def selector(run: Run) -> str:
    """What selects a run on the command line: its number if it is in the default folder, else its path."""
    in_default = run.path.parent == DEFAULT_OUTDIR and run.number >= 0
    return str(run.number) if in_default else shlex.quote(str(run.path))


def _uses(run: Run) -> list[str]:
    uses = next((uses for ability, uses in USES if run.can(ability)), ())
    if not run.is_loaded:
        return list(uses)
    columns = run.model_class.data_requirements(run.options()).columns
    label = f" --class {shlex.quote(run.facts.classes[-1])}" if "label" in columns and run.facts.classes else ""
    if "caption" in columns:
        uses = tuple(use for use in uses if use != INTERPOLATE)  # it needs two texts
    return [use + label if use == INTERPOLATE else use for use in uses]


def _resume(details: RunDetails) -> str:
    """The options of a resume: a length twice as large for a finished training, a smaller rate for a diverged one."""
    options = details.options
    if details.state == "diverged":
        return f" --learning-rate {options['learning_rate'] / SLOWER:g}"
    if details.state != "finished":
        return ""
    return f" --epochs {2 * options['epochs']:g}" if options["epochs"] else f" --steps {2 * (options['steps'] or 0)}"


def shell(program: str, words: list[object]) -> str:
    """A command line as it is typed into a shell."""
    return shlex.join([program, *map(str, words)])
