"""gancli export --format hub: a trained model as a folder for model hubs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from gancli.cli import output
from gancli.cli.output import note
from gancli.core.errors import OptionError

if TYPE_CHECKING:
    from gancli.cli.flags import RunChoice

EPILOG = """\b
--format hub writes a folder for a model hub, such as the Hugging Face Hub: all networks of the model in
model.safetensors, config.json, a model card (README.md) with the scores of the run, and samples.png. --run FOLDER and
gancli.load_run open it. Weights are those that sampling uses: EMA weights if they are kept, or raw ones with --weights
raw. Paths, command lines and names of machines are not published; names of classes, and the words and captions of text
models, are."""
FORMAT, UNCHOSEN = "hub", "other"  # the hub's word for a license that is none of its list
MOST_FOLDERS = 10_000


def need_absent(kind: str, license: str | None, *, training_picture: bool) -> None:
    """Raise OptionError for options of this format with another one."""
    if license is not None or training_picture:
        flag = "--license" if license is not None else "--training-picture"
        raise OptionError(f"{flag}: --format {kind} has no model card; use --format {FORMAT}, or leave it out")


def check(out: Path | None, license: str | None, *, half: bool, network: str | None) -> None:
    """Raise OptionError for options that a published folder does not have, before anything is loaded."""
    if half or network:
        raise OptionError(
            f"--{'float16' if half else 'network'}: --format hub holds all networks in float32: leave it out"
        )
    from gancli.inference.publishing import folder

    folder.check(out, UNCHOSEN if license is None else license)


def export(choice: RunChoice, out: Path | None, license: str | None, *, training_picture: bool, as_json: bool) -> None:
    """Write the folder, and report its files."""
    from gancli.cli import opened_run
    from gancli.inference.publishing import folder

    trained = opened_run.open_run(choice, ability=None)
    names = ("hub", *(f"hub-{number}" for number in range(2, MOST_FOLDERS)))
    out = out or trained.run.new_path(f"export/{name}" for name in names)
    license = UNCHOSEN if license is None else license
    found = folder.publish(trained, out, license=license, training_picture=training_picture)
    model, count = trained.outline.name(), found.tensors
    lines = [
        f"{out}: {model} at step {trained.step:,} of {trained.run.path}, {trained.weights} weights, {count} arrays"
    ]
    lines += [f"  {name}  {size / 1e6:,.3f} MB" for name, size in found.files.items()]
    if license == UNCHOSEN:
        note("note: no license is chosen: give one with --license, such as apache-2.0")
    note(f"note: read {out}/README.md before you upload the folder")
    result = {"out": str(out), "format": FORMAT, "license": license, "files": found.files, "arrays": count}
    output.report(trained.about() | result, lines, as_json=as_json)
