"""gancli models new: a file to start a model of one's own."""

from __future__ import annotations

import click

from gancli.cli import flags, output

EPILOG = """\b
Examples:
  gancli models new my_gan
  gancli train --model my_gan.py --data digits"""


@click.command(epilog=EPILOG)
@click.argument("name")
@flags.json_option
def command(name: str, as_json: bool) -> None:
    """Write NAME.py, a small GAN with comments that trains as it stands.

    No file is overwritten. gancli train --model NAME.py executes the file and trains its model; the run keeps a copy.
    """
    from gancli.models import template

    path = template.write(name)
    lines = [f"{path}: change it, then gancli train --model {path} --data digits"]
    output.report({"path": str(path)}, lines, as_json=as_json)
