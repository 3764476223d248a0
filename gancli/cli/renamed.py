"""Names of commands and flags that are not ours: of older versions, and of other tools. Errors give the right one.

The options of trainings have their own table, core/names/familiar_options.py, since configuration files hold them too.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

import click

from gancli.core.names import familiar_options, renamed_options, similar

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


def _by_name(table: dict[str, str]) -> dict[str, str]:
    return {name: ours for names, ours in table.items() for name in names.split()}


FAMILIAR_COMMANDS = {  # by group: commands of other tools, and the command line to use here
    "gancli": _by_name(
        {
            "generate gen synthesize infer inference predict draw gen-images generate-images txt2img": "sample",
            "fit run start launch pretrain": "train",
            "finetune fine-tune resume continue": "train --resume",
            "evaluate score scores val validate metrics calc-metrics benchmark": "eval",
            "fid": "eval-fid",
            "likelihood nll parzen": "eval-parzen",
            "lerp slerp morph walk latent-walk gen-video": "interpolate",
            "arithmetic vector-arithmetic": "zvector-arith",
            "embed": "encode",
            "projector invert inversion": "project",
            "super-resolve superres sr enhance enlarge": "upscale",
            "img2img style-transfer": "translate",
            "seg": "segment",
            "show-features activations": "visualize-features",
            "ls list ps history status experiments": "runs list",
            "show info describe": "runs show",
            "diff compare": "runs compare",
            "rm remove delete": "runs rm",
            "rename mv": "runs rename",
            "note": "runs note",
            "clean gc": "runs prune",
            "zoo summary": "models",
            "dataset datasets": "data",
            "download dataset-tool prepare": "data pack",
            "help": "--help",
            "version": "--version",
            "env environment system-info settings": "doctor",
            "install-completion autocomplete": "completion",
            "tensorboard": "train --tensorboard",
        }
    ),
    "runs": _by_name(
        {
            "ls": "runs list",
            "info view get describe cat log history status": "runs show",
            "diff cmp": "runs compare",
            "delete remove del": "runs rm",
            "mv": "runs rename",
            "tag comment annotate": "runs note",
            "clean gc": "runs prune",
            "check fsck": "runs verify",
            "new start": "train",
            "resume continue": "train --resume",
        }
    ),
    "data": _by_name(
        {
            "ls list": "data",
            "info show verify validate inspect": "data check",
            "convert zip prepare": "data pack",
            "dedup dedupe": "data duplicates",
        }
    ),
}
FAMILIAR_FLAGS = {  # flags of other tools that are no options of trainings: flags here, of which the first is meant
    name: tuple(ours.split())
    for name, ours in _by_name(
        {
            "output o out save outfile output_file save_path dst destination": "out outdir",
            "out_dir output_dir save_dir logdir log_dir default_root_dir checkpoints_dir results_dir": "outdir out",
            "project work_dir": "outdir out",
            "exp exp_name experiment experiment_name run_name": "name run",
            "arch architecture net netg backbone network model m": "model run",
            "model_path run_id run_dir": "run",
            "ckpt ckpt_path checkpoint_path load load_from step": "checkpoint resume",
            "checkpoint weights": "resume",
            "continue continue_train resume_training resume_from resume_from_checkpoint auto_resume": "resume run",
            "c cfg conf config_file hparams params opts": "config",
            "b": "batch-size",
            "l": "learning-rate",
            "e": "epochs",
            "d": "data",
            "s seed": "seed seeds",
            "g": "devices",
            "n num n_samples nsamples num_images n_images batch_size bs": "num-samples num-images",
            "rows cols columns ncols nrow": "grid",
            "label labels cls class_idx category": "class",
            "prompt prompts caption sentence": "text",
            "frames n_frames num_frames num_steps n_steps": "steps",
            "source input i images files": "from-image from-images images",
            "dryrun": "dry-run",
            "sort_by order_by": "sort",
            "silent": "quiet",
            "force f assume_yes": "yes",
        }
    ).items()
}
EXPLAINED = {  # flags of other tools that have no counterpart, and what to know instead
    name: text
    for names, text in {
        "summary": "use gancli models NAME --summary",
        "num_workers n_workers j": "data are loaded without extra processes",
        "cpu no_cuda": "CUDA_VISIBLE_DEVICES=-1 hides the GPUs",
        "n_cpu threads num_threads": "TF_NUM_INTRAOP_THREADS sets the number of threads",
        "weight_decay wd": "no model uses weight decay",
        "trunc truncation truncation_psi psi": "z is not truncated",
        "beta2 b2": "beta2 of Adam is fixed",
    }.items()
    for name in names.split()
}

FILES = ("i", "input", "image", "images", "img", "path", "file", "source")  # flags of other tools for an argument


def unknown_command(group: str, name: str, known: Collection[str]) -> str:
    """The error message for a command that a group does not have. known: those that it has."""
    if COMMANDS.get(name) in known:
        return f"{name} was renamed to {COMMANDS[name]}"
    if ours := FAMILIAR_COMMANDS.get(group, {}).get(name.casefold().replace("_", "-")):
        return f"no command '{name}': use gancli {ours}"
    return f"no command '{name}'" + similar.did_you_mean(name, known)


def unknown_option(error: click.NoSuchOption) -> str:
    """The error message for a flag that a command does not have."""
    message = f"No such option '{error.option_name}'"
    if error.ctx is None:
        return message
    params = error.ctx.command.get_params(error.ctx)
    known = [flag for param in params for flag in (*param.opts, *param.secondary_opts) if flag.startswith("--")]
    name = error.option_name.lstrip("-").replace("-", "_").casefold()
    if new := _renamed(name, known):
        return f"{error.option_name} was renamed to {new}{renamed_options.unit_today(name)}."
    candidates = [_flag(name), *map(_flag, _familiar(name))]
    if ours := next((flag for flag in candidates if flag in known), None):
        return f"{message}: use {ours}."
    if name in EXPLAINED:
        return f"{message}: {EXPLAINED[name]}."
    if name in FILES and any(isinstance(param, click.Argument) for param in params):
        return f"{message}: give files without a flag."
    for flag in candidates if error.ctx.info_name == "train" else ():
        if owners := _models_with(flag):
            return f"{message} of {error.ctx.obj}; models with {flag}: {', '.join(owners)}."
    return message + similar.did_you_mean(error.option_name, known)


def extra_argument(error: click.UsageError) -> str:
    """What to do about an argument that a command does not take: quotes, or a flag before it."""
    found = re.search(r"unexpected extra arguments? \((.*)\)", error.message)
    first = found[1].split(" ")[0] if found else ""
    if error.ctx is not None and error.ctx.info_name == "train" and first:
        from gancli import models

        if error.ctx.params.get("resume"):
            return f"; did you mean --resume --run {first}?"
        name, equals, value = first.partition("=")
        if equals:
            return f"; options have dashes: {_flag(name)} {value}"
        return f"; did you mean --{'model' if first in models.names() else 'data'} {first}?"
    return "; a value with spaces must be in quotes"


def _renamed(name: str, known: Collection[str]) -> str | None:
    """Today's flag for one of an older version, if the command has it."""
    negation, plain = ("no-", name[3:]) if name.startswith("no_") else ("", name)
    candidates = (*FLAGS.get(plain, ()), *filter(None, [renamed_options.RENAMED.get(plain)]))
    flags = (_flag(f"{negation}{candidate}") for candidate in candidates)
    return next((flag for flag in flags if flag in known), None)


def _flag(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def _familiar(name: str) -> Iterator[str]:
    """What a flag of another tool may be called here."""
    yield from FAMILIAR_FLAGS.get(name, ())
    yield from familiar_options.FAMILIAR.get(name, ())


def _models_with(flag: str) -> list[str]:
    """The models that have an option."""
    from gancli import models
    from gancli.models import config

    name = flag[2:].replace("-", "_")
    return [one for one in models.built_in() if any(field.name == name for field in config.fields_of(models.get(one)))]
