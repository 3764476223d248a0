"""The Click command of `gancli train`: its flags depend on the model, and its help is printed in groups."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path

import click
from click.shell_completion import CompletionItem

from gancli.cli import path_types
from gancli.cli.commands.train._option_flags import FieldOption
from gancli.core import options
from gancli.core.errors import CheckpointError, OptionError

DEFAULT_MODEL = "dcgan"
OWN_GROUPS = {  # of the command's own flags, by parameter name
    "Run": "model preset name outdir resume run_name config settings dry_run",
    "Output": "quiet preview verbose debug as_json",
    "Data": "data_dir strict",
    "Distribution": "workers worker",
}
ORDER = ("Run", "Output", "Data", "Training", "Checkpoints", "Evaluation", "Distribution", "Regularization", "Model")


@dataclass(frozen=True)
class FirstPass:
    """What must be known before the flags are: the model, and the values of --config."""

    model: str
    config: dict[str, object]


class TrainCommand(click.Command):
    """A command with its own flags and one for each option of the named model."""

    def make_context(
        self, info_name: str, args: list[str], parent: click.Context | None = None, **extra: object
    ) -> click.Context:
        """Find the model first, then parse. The context's `obj` is the name of the model."""
        is_completing = bool(extra.get("resilient_parsing"))
        try:
            first = _first_pass(args, parent, is_completing=is_completing)
        except OptionError:
            if not is_completing:
                raise
            first = FirstPass(DEFAULT_MODEL, {})
        extra["default_map"] = first.config
        extra["obj"] = first.model
        return super().make_context(info_name, args, parent, **extra)

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """The command's own flags, then those of the model."""
        return [*super().get_params(ctx), *_model_flags(ctx.obj if isinstance(ctx.obj, str) else DEFAULT_MODEL)]

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the flags in groups: the command's own, then the options by topic, last those of the model."""
        groups: dict[str, list[tuple[str, str]]] = {name: [] for name in ORDER}
        for param in sorted(self.get_params(ctx), key=lambda param: not isinstance(param, FieldOption)):
            if (record := param.get_help_record(ctx)) is not None:
                groups[group_of(param)].append(record)
        for name, records in ((name, records) for name, records in groups.items() if records):
            formatter.write_paragraph()
            formatter.write(f"Model: {ctx.obj or DEFAULT_MODEL}\n" if name == "Model" else f"{name}:\n")
            with formatter.indentation():
                formatter.write_dl(records)


def complete_model(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The names of models that begin so, those of installed packages too; else files."""
    from gancli import models

    found = [CompletionItem(name) for name in models.names() if name.startswith(incomplete)]
    return found or [CompletionItem(incomplete, type="file")]


def group_of(param: click.Parameter) -> str:
    """The heading of a flag in the help of `gancli train`."""
    if isinstance(param, FieldOption):
        return param.field.rule.group
    if "--help" in param.opts:  # made by Click
        return "Output"
    return next(group for group, names in OWN_GROUPS.items() if param.name in names.split())


@functools.cache
def _model_flags(model: str) -> tuple[FieldOption, ...]:
    from gancli import models
    from gancli.models import config

    model_class = models.get(model)
    default_texts = {"steps": f"{model_class.default_steps:,}"}
    return tuple(
        FieldOption(field, default_text=default_texts.get(field.name, "")) for field in config.fields_of(model_class)
    )


def _first_pass(args: list[str], parent: click.Context | None, *, is_completing: bool) -> FirstPass:
    """Parse only the flags that decide on the model, and check the values of --config and --preset."""
    from gancli import models
    from gancli.models import config as settings
    from gancli.models import presets

    command = click.Command(
        "train",
        params=[
            click.Option(["--model"]),
            click.Option(["--config"], type=path_types.INPUT),
            click.Option(["--preset"]),
            click.Option(["--resume"], is_flag=True),
            click.Option(["--run"]),
            click.Option(["--outdir"], default="runs", envvar="GANCLI_OUTDIR", type=click.Path(path_type=Path)),
            click.Option(["-h", "--help"], is_flag=True),
        ],
        context_settings={"ignore_unknown_options": True, "allow_extra_args": True},
        add_help_option=False,
    )
    found = command.make_context("train", list(args), parent=parent, resilient_parsing=is_completing).params
    config = options.read_config(found["config"]) if found.get("config") else {}
    model = next((name for name in (found.get("model"), config.get("model")) if name is not None), DEFAULT_MODEL)
    if found.get("resume") and not found.get("model"):
        model = _model_of_run(found.get("run"), found["outdir"]) or model
    is_typed = found.get("model") is not None and not is_completing
    model_class = (models.named_by_user if is_typed else models.get)(str(model))
    values = options.renamed(config, settings.fields_of(model_class))
    values.pop("model", None)
    if found.get("preset"):
        values = {**presets.values(model_class, found["preset"]), **values}
    settings.from_mapping(model_class, values)
    name = str(model) if models.is_file(str(model)) else model_class.name()
    return FirstPass(name, {"model": name, **values})


def _model_of_run(selector: str | None, outdir: Path) -> str | None:
    from gancli.runs import resumable

    try:
        run = resumable.find_resumable(selector, outdir)
    except CheckpointError:
        return None  # the command reports it
    if selector is None and not run.is_loaded and run.status()["state"] == "finished":
        raise OptionError(f"every run in {outdir} is finished: to train one longer give --resume --run RUN --steps N")
    return run.model_class.name()
