"""docs/commands: a page for each command, written from the command itself.

python -m experiments.command_pages            write (make readme)
python -m experiments.command_pages --check    fail if a page differs from its command
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from pathlib import Path

import click

from experiments import markdown
from experiments.readmes import ROOT
from gancli.cli import main as entry
from gancli.cli.commands.train import _command as train

FOLDER = ROOT / "docs" / "commands"
MODEL_OPTIONS = """The options of a model, such as `--batch-size` and `--learning-rate`, are on its
[page](../models/index.md); `gancli train --model wgan --help` prints those of `wgan`.
"""


def pages() -> dict[Path, str]:
    """The text of each page, by its path."""
    context = click.Context(entry.cli, info_name="gancli", **entry.cli.context_settings)
    found = {}
    for name in entry.cli.list_commands(context):
        lines = _page(entry.cli.get_command(context, name), context, name)
        found[FOLDER / f"{name}.md"] = re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).rstrip() + "\n"
    return found


def _page(command: click.Command, parent: click.Context, name: str, level: int = 1) -> Iterator[str]:
    """Lines of a command: what it does, usage, examples, options, details, subcommands."""
    context = click.Context(command, parent, name)
    usage = " ".join([context.command_path, *command.collect_usage_pieces(context)])
    about = inspect.cleandoc(command.help or "")
    yield from (f"{'#' * level} {context.command_path}", "", markdown.text(about), "", "```text", usage, "```", "")
    examples, details = _epilog(command.epilog or "")
    if examples:
        yield from ("```sh", *examples, "```", "")
    for title, rows in _options(command, context).items():
        yield from (f"{'#' * (level + 1)} {title}", "", *markdown.table(("option", "description"), rows), "")
    if isinstance(command, train.TrainCommand):
        yield from (f"{'#' * (level + 1)} Model", "", MODEL_OPTIONS)
    if details:
        yield from (f"{'#' * (level + 1)} Details", "", *details, "")
    for child in command.list_commands(context) if isinstance(command, click.Group) else ():
        yield from _page(command.get_command(context, child), context, child, level + 1)


def _options(command: click.Command, context: click.Context) -> dict[str, list[tuple[str, str]]]:
    """Rows of the tables of options, by heading."""
    is_train = isinstance(command, train.TrainCommand)
    found: dict[str, list[tuple[str, str]]] = {name: [] for name in train.ORDER} if is_train else {"Options": []}
    params = command.get_params(context)
    for param in sorted(params, key=lambda param: is_train and not hasattr(param, "field")):  # as help sorts them
        record = param.get_help_record(context)
        if "--help" in param.opts and record:  # Click keeps its names from the first context that asked for them
            record = (", ".join(context.help_option_names), record[1])
        if record and record[1]:  # an argument is in the usage
            row = (f"`{markdown.cell(record[0])}`", markdown.cell(markdown.text(record[1])))
            found[train.group_of(param) if is_train else "Options"].append(row)
    return {name: rows for name, rows in found.items() if name != "Model"}


def _epilog(text: str) -> tuple[list[str], list[str]]:
    """The examples at the end of a help text, as lines of a shell, and the lines of its other paragraphs."""
    examples: list[str] = []
    details: list[str] = []
    for paragraph in re.split(r"\n\s*\n", text.strip()):
        is_verbatim, body = paragraph.startswith("\b"), paragraph.lstrip("\b\n").split("\n")
        if is_verbatim and body[0] == "Examples:":
            examples = list(markdown.commands(line.removeprefix("  ") for line in body[1:]))
        elif is_verbatim and body[0].endswith(":"):
            details += [body[0], "", "```text", *(line.removeprefix("  ") for line in body[1:]), "```", ""]
        else:
            details += [markdown.text("\n".join(body)), ""]
    return examples, details


@click.command()
@click.option("--check", is_flag=True, help="Fail if a page differs, and change nothing.")
def main(check: bool) -> None:
    """Write docs/commands from the commands."""
    markdown.write(pages(), FOLDER, check=check)


if __name__ == "__main__":
    main()
