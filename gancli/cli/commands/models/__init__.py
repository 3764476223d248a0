"""gancli models: models to train."""

from __future__ import annotations

import click

from gancli.cli import flags, output
from gancli.cli.command_groups import SubcommandFolder

EPILOG = """\b
Examples:
  gancli models
  gancli models dcgan                            the paper, differences from it, layers
  gancli models dcgan --summary --data mnist     layers and parameter counts
  gancli models new my_gan                       a file to start a model of your own"""


class ModelGroup(SubcommandFolder):
    """A group whose default command is `show`: `gancli models dcgan` is `gancli models show dcgan`."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find a subcommand; any other word is the name of a model to show."""
        return super().resolve_command(ctx, args if args[0] in self.list_commands(ctx) else ["show", *args])


@click.group(cls=ModelGroup, package=__name__, invoke_without_command=True, epilog=EPILOG)
@flags.json_option
@click.pass_context
def command(ctx: click.Context, as_json: bool) -> None:
    """List models. With a NAME, show its paper, layers and parameter counts."""
    if ctx.invoked_subcommand is not None:
        return
    from gancli.models import description

    found = description.first_lines(lambda text: output.note(f"warning: {text}"))
    width = max(map(len, found))
    output.report(found, [f"{name:{width}}  {line}" for name, line in found.items()], as_json=as_json)
