"""Every command of gancli, and the exit codes that a command line may have."""

import click

from gancli.cli import main

EXIT_CODES = {0, 2, 3, 4, 6}  # those of an empty folder, in which nothing can be trained


def everything(command, context, path=()):
    """Each command with its path, subcommands too."""
    yield path, command
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            yield from everything(command.get_command(context, name), context, (*path, name))


CONTEXT = click.Context(main.cli)
COMMANDS = dict(everything(main.cli, CONTEXT))
