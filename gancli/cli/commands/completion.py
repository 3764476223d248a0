"""gancli completion: shell completion of commands and options."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

EPILOG = """\b
Examples:
  eval "$(gancli completion bash)"          in ~/.bashrc
  gancli completion fish > ~/.config/fish/completions/gancli.fish"""


@click.command(epilog=EPILOG)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"], case_sensitive=False))
@click.pass_context
def command(ctx: click.Context, shell: str) -> None:
    """Print the completion script for a shell."""
    root = ctx.find_root()
    script = get_completion_class(shell)(root.command, {}, "gancli", "_GANCLI_COMPLETE")
    click.echo(script.source())
