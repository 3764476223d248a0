"""Small trainings to do harm to: in this process, or in one of their own."""

import os
import shutil
from pathlib import Path

from gancli.runs import checkpoints
from gancli.runs.run import Run
from gancli.training import loop, setup
from gancli.training.resume import resume_run
from helpers import forkserver, shared, streets

SENTENCES = Path(__file__).with_name("sentences.txt")


def streets_file():
    """Streets with label maps."""
    return shared.once("streets.h5", streets.write)


def pairs_file():
    """Streets and their maps in colors."""
    return shared.once("pairs.h5", streets.write_pairs)


def kinds_file():
    """Streets by day and by night."""
    return shared.once("kinds.h5", streets.write_kinds)


SMALL = {  # options of each model; a function gives its value when it is needed
    "goodfellow": {"units": 16, "d_units": 8, "hold_out": False},
    "wgan": {"width": 4, "warmup_steps": 5, "warmup_d_steps": 3, "d_steps": 2},  # a kill falls into the second stage
    "toy": {"data": "ring8"},
    "lapgan": {"sizes": "4,8", "steps": 6, "units": 16},  # a kill falls into the second level
    "autoencoder": {"units": "16", "noise": 0.5},
    "bgan": {"width": 4, "samples": 3},
    "f-gan": {"units": "16,16", "d_units": "8,8"},
    "gogan": {"width": 4, "stages": 2},  # a kill falls into the second stage
    "infogan": {"width": 4},
    "vae": {"units": "16"},
    "alpha-gan": {"width": 4, "code_units": 16},
    "gan-cls": {
        "width": 4,
        "text_units": 4,
        "word_size": 4,
        "style_steps": 2,
        "text_steps": 8,  # a kill falls between two stages
        "data": "glyphs:32",
        "image_size": 8,
    },
    "vaegan": {"width": 4},
    "espcn": {"data": "digits", "crop": 8, "scale": "2"},
    "srgan": {
        "data": "glyphs:40",
        "crop": 24,
        "scale": "2",
        "depth": 1,
        "width": 4,
        "content": "pixels",
        "pretrain_steps": 8,  # a kill falls between two stages
    },
    "srresnet": {"data": "digits", "crop": 8, "scale": "2", "depth": 1, "width": 4},
    "progan": {"width": 8, "full_width_side": 4, "z_dim": 8, "growth_steps": 12},  # a kill falls into a fade-in
    "cyclegan": {"data": kinds_file, "width": 4, "depth": 1, "pool": 3, "batch_size": 2},
    "pix2pix": {"data": pairs_file, "width": 4, "batch_size": 2},
    "segmentation": {"data": streets_file, "crop": 16, "width": 4, "adversary_width": 4, "adversarial_weight": 0.1},
    "r3gan": {"width": 4, "max_width": 8, "z_dim": 8},
    "sngan": {"width": 4, "d_width": 4, "max_width": 1, "z_dim": 8, "loss": "least-squares"},  # a hinge may cancel
    "skip-thoughts": {"units": 6, "word_size": 4, "max_words": 6, "data": str(SENTENCES)},
    "stylegan": {"r1": 0.0, "penalty_every": 1, "width": 2, "max_width": 4, "w_dim": 4, "mapping_layers": 1},
    "stylegan2": {"r1": 0.0, "penalty_every": 1, "width": 2, "max_width": 4, "w_dim": 4, "mapping_layers": 1},
} | {name: {"width": 4} for name in ("dcgan", "acgan", "lsgan", "wgan-gp")}
TIMES = ("images_per_second", "seconds")  # of a record
QUICK = {"steps": 12, "batch_size": 16, "log_every": 4, "sample_every": 6, "save_every": 4}


def start(outdir, data, /, model="dcgan", **chosen):
    """A new run, ready to train."""
    small = {name: str(value()) if callable(value) else value for name, value in SMALL.get(model, {}).items()}
    values = {"data": str(data), **QUICK, **small, **chosen}
    return setup.prepare(model, values, data_dir=None).start(outdir, "", ["test"])


def resume(run, **chosen):
    """A run ready to go on."""
    return resume_run(run, chosen, data_dir=None, warn=lambda text: None)


def finish(started):
    """Train to the end; every moment."""
    return list(loop.train(*started))


def run_until(started, step):
    """Train up to a chunk's end and stop as a kill would: no word, no save."""
    generator = loop.train(*started)
    for moment in generator:
        if moment.step >= step:
            break
    generator.close()


def finish_with_a_kill(started, step, place):
    """Train to the end; returns the run as a kill at a chunk's end would have left it, copied on the way to a place."""
    for moment in loop.train(*started):
        if moment.step >= step and not place.exists():
            shutil.copytree(started.run.path, place)
    return Run(place)


def records(run):
    """The records of a run without the fields of time."""
    return [{key: record[key] for key in record if key not in TIMES} for record in run.metrics()]


def digest(run, step=None):
    """Of a checkpoint's names, shapes and bits; the newest if no step is given."""
    found = run.checkpoints()
    return checkpoints.digest(checkpoints.read(found[step or max(found)])[0])


def spawn(outdir, data, *more, model="dcgan"):
    """`gancli train` in a process of its own, with Ctrl-C as a terminal would give it."""
    width = ["--width", "4"] if model == "dcgan" else []
    words = ["train", "--model", model, "--data", data, "--outdir", outdir, *width, "--batch-size", 16]
    return forkserver.Process([*words, "--log-every", 1, "-v", *more], os.environ)


def wait_for_step(process, step):
    """Read the process's progress up to a step."""
    for line in process.stderr:
        if line.startswith("train step ") and int(line.split()[2].split("/")[0].replace(",", "")) >= step:
            return
    raise AssertionError("the training ended before its step")
