"""What a run's record decides is told at once, by every command: TensorFlow cannot be imported here."""

import json
import shutil
import subprocess
import sys

import pytest
from helpers.programs import environment
from PIL import Image

from gancli import models
from gancli.models import config

PROGRAM = """
import contextlib, io, json, sys, time

sys.modules |= {"tensorflow": None, "keras": None}
import click
from gancli.cli import main as entry

wrong = []
for line, code, text in json.load(sys.stdin):
    sys.argv = ["gancli", *line]
    said, begun = io.TextIOWrapper(io.BytesIO()), time.process_time()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        got = entry._run()
    answer = said.buffer.getvalue().decode()
    if got != code or text not in answer or time.process_time() - begun > 1:
        wrong.append(f"{' '.join(line)}: {got} after {time.process_time() - begun:.1f} s: {answer}")
context = click.Context(entry.cli)
commands = {name: entry.cli.get_command(context, name) for name in entry.cli.list_commands(context)}
of_runs = [name for name, one in commands.items() if any("--checkpoint" in param.opts for param in one.params)]
print(json.dumps({"wrong": wrong, "of_runs": of_runs}))
"""
MODELS = {  # of runs: their names, models, options, and what their data have besides images
    "plain": ("gan", {}, {}),
    "convolutions": ("dcgan", {"ema": 0.0}, {}),
    "digits": ("dcgan", {}, {"classes": ["0", "1"]}),
    "conditional": ("cgan", {}, {"classes": ["0", "1"]}),
    "texts": ("gan-cls", {}, {"captions": ["a red bird"], "words": ["a", "red", "bird"]}),
    "sentences": ("skip-thoughts", {}, {"words": ["a", "red", "bird"]}),
    "pyramid": ("lapgan", {"conditional": True}, {"classes": ["0", "1"]}),
    "codes": ("vae", {}, {}),
    "larger": ("espcn", {"scale": "2"}, {}),
    "other": ("pix2pix", {"direction": "a-to-b"}, {}),
    "pixels": ("segmentation", {}, {"classes": ["sky"], "palette": [[0, 0, 0]], "frequencies": [1.0], "numbers": [0]}),
    "ring": ("toy", {"data": "ring8"}, {}),
}
USE = {  # of each command, on a run that has what it takes
    "ablate": ["ablate", "0", "--run", "digits"],
    "encode": ["encode", "me.png", "--run", "codes"],
    "eval": ["eval", "--run", "plain"],
    "eval-captions": ["eval-captions", "--run", "texts"],
    "eval-diversity": ["eval-diversity", "--run", "plain"],
    "eval-elbo": ["eval-elbo", "--run", "codes"],
    "eval-fid": ["eval-fid", "--run", "plain"],
    "eval-labels": ["eval-labels", "--run", "digits"],
    "eval-modes": ["eval-modes", "--run", "digits"],
    "eval-neighbors": ["eval-neighbors", "--run", "plain"],
    "eval-parzen": ["eval-parzen", "--run", "plain"],
    "eval-probe": ["eval-probe", "--run", "digits"],
    "eval-psnr": ["eval-psnr", "--data", "digits", "--run", "larger"],
    "eval-segmentation": ["eval-segmentation", "--run", "pixels"],
    "eval-sentences": ["eval-sentences", "--run", "sentences"],
    "eval-spectrum": ["eval-spectrum", "--run", "plain"],
    "eval-translation": ["eval-translation", "--run", "other"],
    "export": ["export", "--format", "keras", "--run", "plain"],
    "interpolate": ["interpolate", "--seeds", "3,11", "--run", "plain"],
    "project": ["project", "me.png", "--run", "plain"],
    "reconstruct": ["reconstruct", "me.png", "--run", "codes"],
    "sample": ["sample", "--run", "plain"],
    "segment": ["segment", "me.png", "--run", "pixels"],
    "translate": ["translate", "me.png", "--run", "other"],
    "traverse": ["traverse", "--run", "plain"],
    "upscale": ["upscale", "me.png", "--run", "larger"],
    "visualize-features": ["visualize-features", "--run", "digits"],
    "zvector-arith": ["zvector-arith", "[1] - [2]", "--run", "plain"],
}
UNFIT = {  # options that do not fit a run, and what is told
    "sample --run plain --digit 7": "has no labels and no attributes",
    "sample --run digits --digit 7": "has no class '7'; its classes: 0, 1",
    "sample --run conditional --digit 7": "has no class '7'; its classes: 0, 1",
    "sample --run conditional --digit 1 --max-error 0.1": "is class-conditional, so no images are selected",
    "sample --run texts --digit 7": "takes texts, not classes: give --text 'a red bird'",
    "sample --run texts --text strange": "knows no word of 'strange'",
    "sample --run texts --text red --style-of absent.png": "absent.png",
    "sample --run plain --text red": "takes no text",
    "sample --run plain --per-class 3": "takes no labels",
    "sample --run conditional --per-class 3 --grid 1x2": "has fewer cells",
    "sample --run plain --num-samples 9000000": "are more than a picture",
    "sample --run plain --show-pyramid": "does not generate images from coarse to fine",
    "sample --run pyramid --from-image me.png --from-side 3": "this run has levels of",
    "sample --run pyramid --show-pyramid --class 7": "has no class '7'",
    "sample --run convolutions --weights ema": "keeps no moving average",
    "sample --run plain --checkpoint best": "has no validation scores",
    "sample --run plain --truncation 0.7": "has no style space; stylegan and stylegan2 have",
    "sample --run plain --mix 0-3 4-7": "has no style space",
    "project me.png --run plain --space w": "has no style space",
    "sample --run absent": "no run is called 'absent'",
    "interpolate --run plain --seeds 1,2 --class 1": "takes no labels",
    "interpolate --run conditional --seeds 1,2": "takes labels: give --class",
    "interpolate --run conditional --seeds 1,2 --from-class 0 --to-class 7": "has no class '7'",
    "interpolate --run plain --seeds 1,2 --along smiling": "has no labels and no attributes",
    "interpolate --run texts --seeds 1,2": "takes texts: give --text 'a red bird'",
    "eval --run plain --metrics elbo": "elbo needs a vae; the metrics of gan: fid, fid_infinity,",
    "eval --run plain --metrics fidd": "unknown metric 'fidd'; those that apply are fid, fid_infinity, kid,",
    "eval --run ring --features pixels": "unknown option 'features'; these metrics have no options",
    "eval --run plain --features absent.pth": "expected classifier, inception-2015,",
    "zvector-arith 1-0 --run conditional": "conditioned on the class",
    "zvector-arith 7-1 --run digits": "has no class '7'",
    "zvector-arith [1]-[2] --run plain --repeat 3": "--repeat needs other seeds",
    "traverse --run plain --coordinate 400": "z has coordinates 0 to 99",
    "traverse --run plain --of smiling": "has no attribute or class 'smiling'",
    "traverse --run plain --code c1": "its z has no codes; that of infogan has",
    "traverse --run plain --plane": "--plane needs a two-dimensional z, not 100",
    "ablate window --run convolutions": "has no labels and no attributes",
    "ablate window --run plain": "its networks have no convolutions",
    "ablate 0 --run conditional --method latent": "is conditioned on labels or texts",
    "visualize-features --run plain": "its networks have no convolutions",
    "encode me.png --run plain": "it has no encoder",
    "encode me.png --run codes --out codes.png": "a scatter plot needs a two-dimensional z, not",
    "encode --text strange --run sentences": "knows no word of 'strange'",
    "encode --text red --run texts --word-vectors me.png": "cannot use word vectors",
    "project me.png --run texts": "takes texts, so an image alone has no z",
    "project me.png --run conditional": "takes labels: give --class",
    "project me.png --run plain --class 1": "takes no labels",
    "reconstruct me.png --run plain": "it has no encoder",
    "segment me.png --run plain": "it does not segment images",
    "translate me.png --run other --direction b-to-a": "this run only translates a-to-b",
    "upscale me.png --run larger --scale 4": "upscales by 2; train another run",
    "upscale me.png --run larger --comparison c.png --beside plain": "it does not upscale images",
    "eval-captions --run plain": "does not generate images from text",
    "eval-elbo --run plain": "it has no bound on the likelihood",
    "eval-labels --run plain": "has no labels, so no classifier can be trained",
    "eval-modes --run plain": "has no labels, so no classifier can be trained",
    "eval-parzen --run pyramid --multi-scale": "does not work for a class-conditional pyramid",
    "eval-probe --run plain": "has no convolutions to probe",
    "eval-probe --run convolutions": "has no labels, so no classifier can be trained",
    "eval-psnr --data digits --run plain": "it does not upscale images",
    "eval-segmentation --run plain": "it does not segment images",
    "eval-sentences --run plain": "it does not predict sentences",
    "eval-sentences --run sentences --text strange": "knows no word of 'strange'",
    "eval-translation --run plain": "it does not translate images",
    "train --resume --run digits --width 5": "would change: width 32 -> 5",
    "train --resume --run digits --model gan": "is a run of dcgan, not of gan",
    "train --resume --run tiny": "is finished at step 20: train longer with --steps N, N above 20",
    "train --resume --run tiny --steps 5": "has done 20 steps, more than 5: train longer with --steps N, N above 20",
    "train --resume --run tiny --steps 30 --data absent.npz": "absent.npz does not exist",
    "train --resume": "note: every run in runs is finished; the newest is ",
}
CODES = {"absent": 4, "absent.png": 3, "absent.npz": 3, "best": 4}  # of the last word of a line; 2 for all others


@pytest.fixture(scope="module")
def runs(trained, tmp_path_factory):
    """A folder with the records of runs of many models, a run that is finished, and a picture."""
    folder = tmp_path_factory.mktemp("records")
    tiny = next(trained.glob("*-tiny"))
    plain = json.loads((tiny / "run.json").read_text(encoding="utf-8"))
    for number, (name, (model, options, data)) in enumerate(MODELS.items()):
        path = folder / "runs" / f"{number:05}-{model}-{name}"
        (path / "checkpoints").mkdir(parents=True)
        (path / "checkpoints" / "step-00000020.h5").touch()
        (path / "status.json").write_text('{"state": "finished", "step": 20, "reason": "", "changes": {}}')
        model_class = models.get(model)
        settings = config.from_mapping(model_class, options)
        columns = model_class.data_requirements(settings.options).columns
        shapes = {"sentence": [], "point": [2], "image": [32, 32, 3 if model in ("pix2pix", "segmentation") else 1]}
        facts = plain["data"] | {"name": "some", "shape": shapes[columns[0]], "classes": []} | data
        columns = [*columns, *(["label"] if "classes" in data and not {"label", "map"} & set(columns) else [])]
        record = {"model": model, "name": name, "options": settings.to_mapping(), "data": facts | {"columns": columns}}
        (path / "run.json").write_text(json.dumps(plain | record), encoding="utf-8")
    shutil.copytree(tiny, folder / "runs" / f"{len(MODELS):05}-dcgan-stripes-tiny")
    Image.new("RGB", (32, 32)).save(folder / "me.png")
    return folder


def test_errors_that_a_record_decides_are_told_in_a_second_without_tensorflow(runs):
    lines = [(line.split(), CODES.get(line.split()[-1], 2), text) for line, text in UNFIT.items()]
    lines += [([*line, "--checkpoint", "99"], 4, "has no checkpoint 99; it has 20") for line in USE.values()]
    asked = json.dumps(lines)
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=runs, env=environment(), input=asked, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert not answer["wrong"], "\n".join(answer["wrong"])
    assert answer["of_runs"] == sorted(USE)
