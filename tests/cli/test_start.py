"""What is answered without computing is answered at once: help, versions, completion, wrong use import nothing slow.

How fast that is `experiments/benchmarks/start.py` measures.
"""

import json
import shutil
import subprocess
import sys
from pathlib import Path

from gancli import models

SLOW = ["numpy", "scipy", "h5py", "PIL", "sklearn", "tensorflow", "keras", "matplotlib", "pandas", "rich", "asyncio"]
CONTRADICTIONS = [
    ["train", "--model", "dcgna"],
    ["train", "--set", "widht=3"],
    ["train", "--config", "absent.json"],
    ["train", "--run", "3"],
    ["train", "--steps", "5", "--epochs", "5"],
    ["train", "--steps", "5", "--minutes", "5"],
    ["train", "--data", "digits", "--worker", "1"],
    ["train", "--data", "digits", "--workers", "one,two"],
    ["sample", "--seeds", "1", "--num-samples", "2"],
    ["sample", "--seeds", "0-63", "--grid", "4x8"],
    ["sample", "--out", "a.jpg"],
    ["interpolate", "--seeds", "3"],
    ["interpolate", "--seeds", "3,4", "--out", "a.mov"],
    ["zvector-arith", "7 -"],
    ["models", "dcgna"],
    ["upscale", "a.png", "--original", "b.png"],
    ["upscale", "a.png", "--comparison", "b.jpg"],
    ["translate", "a.png", "--comparison", "b.jpg"],
    ["traverse", "--out", "a.jpg"],
    ["visualize-features", "--out", "a.jpg"],
    ["ablate", "window", "--out", "a.jpg"],
    ["encode", "a.png", "--out", "a.jpg"],
    ["encode", "--text", "a bird", "--out", "a.png"],
    ["reconstruct", "a.png", "--out", "a.jpg"],
    ["project", "a.png", "--out", "a.jpg"],
    ["eval-neighbors", "--out", "a.jpg"],
    ["eval-spectrum", "--out", "a.jpg"],
    ["eval-fid", "--images", "a.npz", "--num-samples", "5"],
    ["export", "--format", "onnx", "--out", "a.keras"],
    ["export", "--format", "saved-model", "--out", "a.onnx"],
    ["export", "--format", "saved-model", "--float16"],
]
OLDER_RUN = Path(__file__).parents[1] / "runs" / "older_runs" / "run"
RUNS = [  # what run folders alone decide, after the exit code
    [0, "runs", "--sort", "-step", "--filter", "model=dcgan", "--json"],
    [0, "runs", "show", "last", "--json"],
    [0, "runs", "compare", "0", "1", "--no-picture", "--json"],
    [0, "runs", "note", "0", "the first"],
    [2, "runs", "rename", "0", "7"],
    [4, "runs", "compare", "0", "nothing"],
    [4, "sample", "--run", "small"],
    [4, "train", "--resume", "--run", "last-2"],
    [2, "train", "--data", "digits", "--name", "00000-dcgan-digits-one"],
    [0, "runs", "rename", "0", "first", "--json"],
    [0, "runs", "rm", "0", "--yes", "--json"],
]
PROGRAM = """
import contextlib, importlib, io, json, pkgutil, sys
import click
import gancli
from click.shell_completion import ShellComplete
from gancli.cli import main as entry
from gancli.cli import path_types

SLOW, MODELS, CONTRADICTIONS, RUNS = json.loads(sys.argv[1])
TEXTS = (click.Path, path_types.Source, type(click.STRING))
found, blamed, asked = [], set(), [0]


def look(line):
    asked[0] += 1
    new = {name for name in SLOW if name in sys.modules} - blamed
    blamed.update(new)
    found.extend(f"gancli {' '.join(line)}: imports {name}" for name in sorted(new))


def ask(line, code):
    sys.argv = ["gancli", *line]
    said = io.TextIOWrapper(io.BytesIO())
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        got = entry._run()
    if got != code:
        found.append(f"gancli {' '.join(line)}: exit code {got}: {said.buffer.getvalue().decode()}")
    look(line)


def complete(line, incomplete):
    answers = ShellComplete(entry.cli, {}, "gancli", "_GANCLI_COMPLETE").get_completions(line, incomplete)
    look([*line, "TAB"])
    return answers


def commands(command, context, path):
    yield command, context, path
    for name in command.list_commands(context) if isinstance(command, click.Group) else ():
        one = command.get_command(context, name)
        yield from commands(one, click.Context(one, context, name), [*path, name])


def of_values(command, context):
    for option in command.get_params(context):
        if isinstance(option, click.Option) and not option.is_flag:
            is_text = option.callback is None and isinstance(option.type, TEXTS)
            is_text = is_text or getattr(getattr(option.type, "field", None), "type", None) is str
            yield option.opts[0], is_text


ask(["--help"], 0)  # before any command is imported
ask(["--version"], 0)
if len(complete([], "")) < 30:
    found.append("gancli TAB: lists no commands")
ask(["unknown"], 2)
for shell in ("bash", "zsh", "fish"):
    ask(["completion", shell], 0)
for command, context, path in commands(entry.cli, click.Context(entry.cli), []):
    ask([*path, "--help"], 0)
    ask([*path, "--no-such-option"], 2)
    if not complete(path, "-"):
        found.append(f"gancli {' '.join(path)} -TAB: lists no options")
    if any(param.required for param in command.params):
        ask(path, 2)
    for option, is_text in of_values(command, context):
        complete([*path, option], "")
        if not is_text:
            ask([*path, option, "no:such value"], 2)
for name in MODELS:
    ask(["train", "--model", name, "--help"], 0)
    ask(["train", "--model", name, "--learning-rate", "x"], 2)
    complete(["train", "--model", name], "--")
for line in CONTRADICTIONS:
    ask(line, 2)
ask(["models"], 0)
for line in RUNS:
    ask(line[1:], line[0])
SLOW.remove("asyncio")  # of the meeting of workers alone
for module in pkgutil.walk_packages(gancli.__path__, "gancli."):
    if module.name != "gancli.__main__":
        importlib.import_module(module.name)
        look(["(the module", module.name + ")"])
print(json.dumps({"found": found, "asked": asked[0]}))
"""


def test_help_versions_completion_and_wrong_use_import_nothing_slow(tmp_path):
    for number, name in enumerate(("one", "two")):
        shutil.copytree(OLDER_RUN, tmp_path / "runs" / f"{number:05}-dcgan-digits-{name}")
        shutil.rmtree(tmp_path / "runs" / f"{number:05}-dcgan-digits-{name}" / "checkpoints")
    asked = json.dumps([SLOW, models.names(), CONTRADICTIONS, RUNS])
    done = subprocess.run([sys.executable, "-c", PROGRAM, asked], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert not answer["found"], "\n".join(answer["found"])
    assert answer["asked"] > 500  # every command, every option with a value, every model
