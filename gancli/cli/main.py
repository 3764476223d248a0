"""The command `gancli`: every error ends in one sentence and an exit code."""

from __future__ import annotations

import atexit
import contextlib
import gc
import io
import itertools
import os
import sys
import threading

import click

from gancli.api.progress import counting
from gancli.cli import commands, renamed
from gancli.cli.command_groups import CommandFolder, show_log
from gancli.cli.output import note
from gancli.core import backend, input_files, progress
from gancli.core.errors import GancliError, Interrupted, brief

TASKS = {  # what most users do, each with an example
    "Train a model": "gancli train --model dcgan --data digits",
    "Generate images": "gancli sample --digit 7",
    "Interpolate": "gancli interpolate --seeds 3,11",
    "Compare runs": "gancli runs compare 0 1",
    "Score a run": "gancli eval",
    "Check your pictures": "gancli data check photos/",
}
EPILOG = """\b
Every command has --help with examples. `gancli models` and `gancli data` list what can be trained, and on what.

\b
Exit codes: 0 success, 1 unexpected error, 2 usage, 3 data, 4 checkpoint, 5 divergence, 6 disk or memory,
7 run in training, 8 lost worker, 129, 130 and 143 interrupted (training saves first)."""


ECHO_SECONDS = 0.5
COMPLETING = "_GANCLI_COMPLETE"  # set by the shell for completion
MEMORY_ADVICE = "out of memory: reduce --num-samples, --batch-size, --width or --image-size"


class RootGroup(CommandFolder):
    """The command `gancli`."""

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """What gancli is, then the common tasks, before all options and commands."""
        super().format_help_text(ctx, formatter)
        with formatter.section("Common tasks"):
            formatter.write_dl(list(TASKS.items()))

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Refuse empty values, which come from unset shell variables, for all commands.

        An empty environment variable counts as unset; one that holds only spaces is refused.
        """
        for name, value in os.environ.items() if not ctx.resilient_parsing else ():
            if name.startswith("GANCLI_") and value.isspace():
                ctx.fail(f"environment variable {name} holds only spaces: unset it, or give it a value")
        for before, arg in itertools.pairwise(["", *args] if not ctx.resilient_parsing else []):
            name, equals, value = arg.partition("=")
            is_option = bool(equals) and name.startswith("-")
            if not (value if is_option else arg).strip():
                subject = name if is_option else before if before.startswith("-") else "an argument"
                ctx.fail(f"{subject} is empty: is a shell variable unset?")
        return super().parse_args(ctx, args)


def _print_version(ctx: click.Context, _: click.Parameter, value: bool) -> None:
    if value and not ctx.resilient_parsing:
        from gancli.core.environment import versions

        click.echo(", ".join(f"{name} {version}" for name, version in versions().items()))
        ctx.exit()


@click.command(
    cls=RootGroup,
    package=commands.__name__,
    epilog=EPILOG,
    context_settings={"auto_envvar_prefix": "GANCLI", "help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_version,
    help="Print the versions of gancli and its libraries.",
)
@click.option(
    "--debug", is_flag=True, expose_value=False, callback=show_log, help="Show tracebacks and TensorFlow's log."
)
@click.option("--verbose", is_flag=True, expose_value=False, callback=show_log, help="Show TensorFlow's log.")
def cli() -> None:
    """Train, sample and evaluate generative adversarial networks."""


def main() -> None:
    """Run the command line, then exit with its exit code."""
    backend.own_process()
    _open_closed_streams()
    _let_signals_unwind()
    gc.freeze()  # all modules stay loaded; collecting them at exit takes a tenth of the time of --help
    _leave(_run())


def _leave(code: int) -> None:
    """Exit, after TensorFlow was used without taking it apart, which takes half a second."""
    if "tensorflow" in sys.modules and all((sys.stdout, sys.stderr)):
        threading._shutdown()  # waits for threads
        atexit._run_exitfuncs()
        with contextlib.suppress(OSError, ValueError):  # a closed pipe: Python's own exit reports it
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)
    sys.exit(code)


def _open_closed_streams() -> None:
    """Open closed standard streams as /dev/null, else the next opened file gets their number, and the output."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # gets the lowest free number, which is this one


def _let_signals_unwind() -> None:
    """End a command on SIGTERM and SIGHUP as on Ctrl-C, without partial files; a second signal exits at once.

    A closing terminal and `timeout` send their signal twice within a moment, which counts as one.
    """
    import signal
    import time

    since: list[float] = []

    def interrupt(number: int, frame: object) -> None:
        if not since:
            since.append(time.monotonic())
            raise Interrupted(f"interrupted by {signal.Signals(number).name}", number)
        if time.monotonic() - since[0] > ECHO_SECONDS:
            os._exit(128 + number)

    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)  # Windows has no SIGHUP
        if number is not None and signal.getsignal(number) is signal.SIG_DFL:  # nohup ignores SIGHUP
            signal.signal(number, interrupt)


def _run() -> int:
    try:
        with input_files.guard(), progress.shown_by(counting.show):
            result = cli.main(prog_name="gancli", standalone_mode=False)
        return result if isinstance(result, int) else 0
    except click.exceptions.Exit as ending:
        return ending.exit_code
    except click.ClickException as error:
        note(*map(brief, _usage_lines(error)))
        return error.exit_code
    except Interrupted as ending:  # by the user, with everything saved: not an error
        note(str(ending))
        return ending.exit_code
    except GancliError as error:
        return _fail(error, error.exit_code)
    except (KeyboardInterrupt, click.Abort):
        note("interrupted")
        return 130  # 128 + SIGINT
    except SystemExit as ending:  # Click's way to end completion, or to react to a closed pipe
        return ending.code if COMPLETING in os.environ else 0
    except MemoryError as error:
        return _fail(error, 6, MEMORY_ADVICE)
    except OSError as error:
        return _fail(error, 6, f"{error.strerror or error}{f': {error.filename}' if error.filename else ''}")
    except Exception as error:
        if type(error).__name__ == "ResourceExhaustedError":  # of TensorFlow, which is not imported here
            return _fail(error, 6, MEMORY_ADVICE)
        if place := _in_model_file(error):
            return _fail(error, 2, f"{place}: {type(error).__name__}: {error}")
        return _fail(error, 1, f"unexpected {type(error).__name__}: {error} (--debug shows a traceback)")
    finally:
        if "gancli.core.temporary_files" in sys.modules:  # in commands that write files
            sys.modules["gancli.core.temporary_files"].release_all()


def _in_model_file(error: Exception) -> str:
    """The name and line of a model's file from outside in which an exception was raised; empty for any other."""
    models = sys.modules.get("gancli.models")
    return models.place_of(error) if models else ""


def _usage_lines(error: click.ClickException) -> list[str]:
    """The lines of an error in Click's form: usage, hint, and one line for the message, which may contain any name."""
    message = renamed.unknown_option(error) if isinstance(error, click.NoSuchOption) else error.format_message()
    if isinstance(error, click.exceptions.NoArgsIsHelpError):  # its message is the help
        return message.split("\n")
    buffer = io.StringIO()
    click.UsageError("", getattr(error, "ctx", None)).show(buffer)
    *usage, start = buffer.getvalue().rstrip("\n").split("\n")
    if "unexpected extra argument" in message:
        message += renamed.extra_argument(error)
    if isinstance(error, click.MissingParameter):  # Click puts each choice on a line of its own
        message = message.replace("\n\t", " ")
    return [*usage, f"{start}{message}"]


def _fail(error: Exception, code: int, text: str | None = None) -> int:
    if os.environ.get("GANCLI_DEBUG") == "1":
        import traceback

        note(*"".join(traceback.format_exception(error)).rstrip().split("\n"))
    note(brief(f"Error: {text or error}"))
    return code
