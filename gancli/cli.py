"""The command `gancli`: finds subcommands by file name, turns errors into one sentence and an exit code."""

from __future__ import annotations

import importlib
import io
import os
import pkgutil
import signal
import sys
import traceback
from types import ModuleType

import click

from gancli import commands
from gancli.console.flags import note
from gancli.errors import GancliError, Interrupted, brief
from gancli.options import did_you_mean

EPILOG = """\b
A first evening:
  gancli train --model dcgan --data digits     one minute, no download
  gancli sample --digit 7
  gancli interpolate --seeds 3,11
  gancli zvector-arith "7 - 1 + 4"

Exit codes: 0 done, 1 unexpected, 2 usage, 3 data, 4 checkpoint, 5 diverged, 6 disk or memory,
7 the run is being trained, 8 a worker was lost, 129, 130 and 143 interrupted after saving."""


COMPLETING = "_GANCLI_COMPLETE"  # set by a shell
MEMORY_ADVICE = "the memory is full; fewer --samples, a smaller --batch-size, --width or --image-size need less"


class Commands(click.Group):
    """A group whose commands are the files of gancli/commands; each holds a `command`."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(_files())

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        return _module(name).command if name in _files() else None

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple:
        if args and not args[0].startswith("-") and self.get_command(ctx, args[0]) is None:
            ctx.fail(f"no command '{args[0]}'" + did_you_mean(args[0], self.list_commands(ctx)))
        return super().resolve_command(ctx, args)


def _files() -> list[str]:
    return [found.name.replace("_", "-") for found in pkgutil.iter_modules(commands.__path__)]


def _module(name: str) -> ModuleType:
    return importlib.import_module(f"{commands.__name__}.{name.replace('-', '_')}")


def _print_version(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted and not ctx.resilient_parsing:
        from gancli.environment import versions

        click.echo(", ".join(f"{name} {version}" for name, version in versions().items()))
        ctx.exit()


@click.command(
    cls=Commands,
    epilog=EPILOG,
    context_settings={"auto_envvar_prefix": "GANCLI", "help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_version,
    help="Versions of gancli and what it computes with.",
)
@click.option("--debug", is_flag=True, help="Show tracebacks and TensorFlow's own messages.")
def cli(debug: bool) -> None:
    """Train generative adversarial networks, draw from them, score them."""
    if debug:
        os.environ["GANCLI_DEBUG"] = "1"


def main() -> None:
    """Run the command line and leave with its exit code."""
    _open_closed_streams()
    sys.exit(_run())


def _open_closed_streams() -> None:
    """Open what was closed into nothing: a file of ours would get its number, and what is printed there go into it."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest free number, this one


def _run() -> int:
    try:
        result = cli.main(prog_name="gancli", standalone_mode=False)
        return result if isinstance(result, int) else 0
    except click.exceptions.Exit as ending:
        return ending.exit_code
    except click.ClickException as error:
        shown = io.StringIO()
        error.show(shown)
        note(brief(shown.getvalue().rstrip()))
        return error.exit_code
    except Interrupted as ending:  # asked for, and nothing was lost: no error
        note(str(ending))
        return ending.exit_code
    except GancliError as error:
        return _fail(error, error.exit_code)
    except (KeyboardInterrupt, click.Abort):
        note("interrupted")
        return 128 + signal.SIGINT
    except SystemExit as ending:  # Click's answer to a shell that completes, else to a reader who has left
        return ending.code if COMPLETING in os.environ else 0
    except MemoryError as error:
        return _fail(error, 6, MEMORY_ADVICE)
    except OSError as error:
        return _fail(error, 6, f"{error.strerror or error}{f': {error.filename}' if error.filename else ''}")
    except Exception as error:
        if type(error).__name__ == "ResourceExhaustedError":  # TensorFlow's, which is not imported here
            return _fail(error, 6, MEMORY_ADVICE)
        return _fail(error, 1, f"unexpected {type(error).__name__}: {error} (gancli --debug shows where)")


def _fail(error: Exception, code: int, text: str | None = None) -> int:
    if os.environ.get("GANCLI_DEBUG") == "1":
        traceback.print_exception(error)
    note(brief(f"Error: {text or error}").replace("\n", " "))
    return code
