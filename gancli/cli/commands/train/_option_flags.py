"""Click options for the options of training and models: one flag for each field."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from gancli.core import options
from gancli.core.errors import OptionError

if TYPE_CHECKING:
    from gancli.core.options import Field

KINDS = {int: "whole number", float: "number", str: "text", bool: "flag"}
METAVARS = {int: "N", float: "X", str: "TEXT"}


class FieldType(click.ParamType):
    """The type of a flag that sets an option; values are checked as the option checks them."""

    def __init__(self, field: Field) -> None:
        self.field = field
        self.name = KINDS[field.type]

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> object:
        """Parse text of the command line or environment; values of a configuration file are typed already."""
        try:
            return self.field.parse(value) if isinstance(value, str) else self.field.check(value)
        except OptionError as error:
            self.fail(str(error), param, ctx)

    def get_metavar(self, param: click.Parameter, ctx: click.Context | None = None) -> str:
        """The choices, or a letter for the kind of value."""
        choices = self.field.rule.choices
        return f"[{'|'.join(choices)}]" if choices else METAVARS[self.field.type]


class FieldOption(click.Option):
    """The flag that sets an option."""

    def __init__(self, field: Field, *, default_text: str = "") -> None:
        """default_text: the default as help shows it, for a field whose default depends on the model."""
        self.field = field
        dashed = field.name.replace("_", "-")
        text = field.rule.help[0].upper() + field.rule.help[1:]
        self.default_text = default_text
        kind, names = FieldType(field), [f"--{dashed}"]
        if field.type is bool:
            kind, names = None, [f"--{dashed}/--no-{dashed}"]
        super().__init__(names, type=kind, default=field.default, show_default=True, help=f"{text}.")

    def get_help_extra(self, ctx: click.Context) -> dict[str, object]:
        """What help shows in brackets: the default, unless it is empty, and the bounds."""
        extra = super().get_help_extra(ctx)
        if self.default_text:
            extra["default"] = self.default_text
        elif self.field.type is bool:
            extra["default"] = "on" if self.field.default else "off"
        elif self.field.default == "":
            extra.pop("default", None)
        bounds = self.field.rule.range_text()
        return extra | ({"range": bounds} if bounds else {})


class SettingType(click.ParamType):
    """NAME=VALUE: an option by the name that it has in configuration files, and its checked value."""

    name = "setting"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, object]:
        """Parse with the options of the model that the context holds."""
        from gancli import models
        from gancli.models import config

        (setting,) = options.parse_settings([value], config.fields_of(models.get(ctx.obj))).items()
        return setting
