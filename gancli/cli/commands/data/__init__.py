"""gancli data: data sets to train on."""

from __future__ import annotations

import click

from gancli.cli import flags, output
from gancli.cli.command_groups import SubcommandFolder

EPILOG = """\b
Examples:
  gancli data
  gancli data check photos/
  gancli data pack photos.zip photos.h5 --image-size 64"""


@click.group(cls=SubcommandFolder, package=__name__, invoke_without_command=True, epilog=EPILOG)
@flags.json_option
@click.pass_context
def command(ctx: click.Context, as_json: bool) -> None:
    """List data sets. The subcommands check, pack and deduplicate your own data."""
    if ctx.invoked_subcommand is not None:
        return
    from gancli import data

    named = {name: source.summary for name, source in data.named_sources().items()}
    formats = [module.ACCEPTS for module in data.path_sources()]
    width = max(map(len, named))
    lines = [f"{name:{width}}  {summary}" for name, summary in named.items()]
    lines += [f"{'PATH':{width}}  {text}" for text in formats]
    lines.append("Named data sets are searched in --data-dir (GANCLI_DATA), then in Keras' cache, then downloaded.")
    output.report({"named": named, "paths": formats}, lines, as_json=as_json)
