"""Old names of commands and flags, and their new names: an error for an old name gives the new one."""

from __future__ import annotations

import click

from gancli.core import options, renamed_options

COMMANDS = {"eval-neighbours": "eval-neighbors", "features": "visualize-features", "forget": "ablate"}
FLAGS: dict[str, tuple[str, ...]] = {  # parameter names, for all commands but train; a command has one of the new names
    "count": ("num_samples", "num_images"),
    "labels": ("num_labels",),
    "samples": ("num_samples",),
    "images": ("from_images", "num_images"),
    "penalty": ("regularization",),
    "side": ("resize", "grid_size"),
    "grid": ("comparison",),
    "compare": ("comparison",),
    "shown": ("preview",),
    "false_alarms": ("false_positive_rate",),
    "closeness": ("edit_penalty",),
}


def message(error: click.NoSuchOption) -> str | None:
    """The error message for a renamed flag; None for any other."""
    if error.ctx is None:
        return None
    old = error.option_name.lstrip("-").replace("-", "_")
    negation = "no-" if old.startswith("no_") else ""
    old = old.removeprefix("no_")
    candidates = (*FLAGS.get(old, ()), *filter(None, [options.RENAMED.get(old)]))
    known = {name for param in error.ctx.command.get_params(error.ctx) for name in (*param.opts, *param.secondary_opts)}
    flags = (f"--{negation}{name.replace('_', '-')}" for name in candidates)
    new = next((flag for flag in flags if flag in known), None)
    return f"{error.option_name} was renamed to {new}{renamed_options.unit_today(old)}." if new else None
