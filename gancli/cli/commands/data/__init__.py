"""gancli data: data sets to train on."""

from __future__ import annotations

import textwrap

import click

from gancli.cli import flags, output
from gancli.cli.command_groups import SubcommandFolder

EPILOG = """\b
Examples:
  gancli data
  gancli data check photos/
  gancli data pack photos.zip photos.h5 --image-size 64"""


@click.group(cls=SubcommandFolder, package=__name__, invoke_without_command=True, epilog=EPILOG)
@flags.data_dir_option
@flags.json_option
@click.pass_context
def command(ctx: click.Context, data_dir: str | None, as_json: bool) -> None:
    """List data sets. The subcommands check, pack and deduplicate your own data."""
    if ctx.invoked_subcommand is not None:
        return
    from gancli import data
    from gancli.data import layouts

    named = {name: source.summary for name, source in data.named_sources().items()}
    formats = [module.NAME for module in layouts.recognizers()]
    yours = {name: str(path) for name, path in data.files_in(data_dir).items()} if data_dir else {}
    known = data.known_names()
    width = max(map(len, [*named, *yours]))
    lines = ["By name (--data NAME):"]
    lines += [f"  {name:{width}}  {summary}" for name, summary in named.items()]
    lines += ["By name, if --data-dir or a cache has their files (--data NAME):", *_wrapped(known)]
    lines += [f"In {data_dir} (--data NAME):"] if yours else []
    lines += [f"  {name:{width}}  {path}" for name, path in yours.items()]
    lines += ["By path (--data PATH):", *(f"  {text}" for text in formats)]
    if not data_dir:
        lines.append("Files in the folder --data-dir (GANCLI_DATA) also have names: celeba for celeba.zip.")
    lines.append("mnist, fashion_mnist and cifar10 come from that folder, from Keras' cache, or from the network.")
    output.report({"named": named, "known": known, "in data_dir": yours, "paths": formats}, lines, as_json=as_json)


def _wrapped(names: list[str]) -> list[str]:
    return textwrap.wrap(", ".join(names), 96, initial_indent="  ", subsequent_indent="  ")
