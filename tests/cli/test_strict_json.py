"""Every command with --json on data that have nothing to measure: strict JSON, or one sentence and its exit code."""

import json
import shutil
import warnings

import click
import numpy as np
import pytest
from helpers import trainings
from PIL import Image

from gancli.cli import main
from gancli.core import strict_json
from gancli.data.formats import hdf5
from gancli.evaluation import classifier, classifier_kinds, image_text_matcher, near_duplicates
from gancli.inference.ablation import latent_editor
from gancli.runs import metadata, registry
from gancli.runs.checkpoints import Position
from gancli.runs.reports import scores


def commands_with_json(group=None, names=()):
    """The names of every command and subcommand that has --json, from the command line itself."""
    group = group or main.cli
    for name in group.list_commands(None):
        command = group.get_command(None, name)
        if any("--json" in option.opts for option in command.params):
            yield " ".join([*names, name])
        if isinstance(command, click.Group):
            yield from commands_with_json(command, (*names, name))


NAMES = sorted(commands_with_json())
LINES = {  # of each command: what follows it, after the exit code if that is not 0; {…} is a run, a file or a new place
    "data": [[]],
    "data check": [["{black}"], ["{onetest}"]],
    "data duplicates": [["{black}"]],
    "data pack": [["{pictures}", "{new}.h5"]],
    "doctor": [[]],
    "encode": [["--run", "{vae}"], ["--run", "{vae}", "{picture}"], ["--run", "{texts}", "--text", "red"]],
    "export": [["--run", "{labels}", "--format", "saved-model", "--out", "{new}"]],
    "eval-captions": [["--run", "{texts}", "--num-samples", 20]],
    "eval-diversity": [
        *(["--images", "{noise}", "--data", name] for name in ("{black}", "{twins}")),
        [3, "--images", "{noise}", "--data", "{onetest}"],
    ],
    "eval": [
        ["--run", "{plain}", "--num-samples", 60],
        ["--run", "{toy}"],
        ["--images", "{noise}", "--data", "{onetest}", "--out", "{new}"],
        ["--images", "{twins}", "--data", "{twins}"],
    ],
    "eval-elbo": [["--run", "{vae}", "--num-images", 1, "--importance", 2]],
    "eval-fid": [
        ["--images", "{noise}", "--data", "{black}"],
        [3, "--images", "{noise}", "--data", "{onetest}"],
        ["--images", "{twins}", "--data", "{twins}"],
        ["--run", "{labels}", "--num-samples", 60, "--repeats", 1],
    ],
    "eval-labels": [["--images", "{noise}", "--data", "{noisy}"], ["--run", "{labels}", "--num-samples", 60]],
    "eval-modes": [["--run", "{toy}", "--num-samples", 2], ["--run", "{labels}", "--num-samples", 2]],
    "eval-neighbors": [
        ["--images", "{noise}", "--data", "{black}", "--out", "{new}.png"],
        ["--images", "{twins}", "--data", "{twins}", "--out", "{new}.png"],
    ],
    "eval-parzen": [
        ["--images", "{noise}", "--data", "{onetest}"],
        ["--images", "{noise}", "--data", "{black}"],
        [3, "--images", "{noise}", "--data", "{four}"],
    ],
    "eval-probe": [[3, "--run", "{labels}", "--draws", 1, "--num-samples", 10]],
    "eval-psnr": [["--run", "{larger}", "--data", "{picture}"], ["--run", "{larger}", "--data", "{black}"]],
    "eval-segmentation": [["--run", "{classes}"]],
    "eval-sentences": [["--run", "{sentences}", "--num-samples", 100]],
    "eval-spectrum": [["--images", "{noise}", "--data", "{black}"]],
    "eval-translation": [["--run", "{kinds}"]],
    "visualize-features": [["--run", "{plain}", "--num-images", 10, "--top", 2, "--maps", "0"]],
    "ablate": [["corner", "--run", "{plain}", "--boxes", "{boxes}", "--random", 1]],
    "interpolate": [["--run", "{vae}", "--seeds", "1,1", "--steps", 2]],
    "models": [[], ["gan"]],
    "models new": [["{new}"]],
    "models show": [["gan", "--summary", "--units", 4]],
    "project": [["{picture}", "--run", "{plain}", "--steps", 1, "--starts", 1]],
    "reconstruct": [["--run", "{vae}"], ["--run", "{vae}", "{picture}"]],
    "runs": [["--outdir", "{runs}"]],
    "runs compare": [["{vae}", "{toy}"], ["{toy}", "{larger}"]],
    "runs list": [["--outdir", "{runs}", "--columns", "name,width,score"]],
    "runs note": [["{vae}", "all black"]],
    "runs prune": [["{vae}", "--dry-run"]],
    "runs rename": [["{spare}", "other"]],
    "runs rm": [["{waste}", "--yes"]],
    "runs show": [["{vae}"]],
    "runs verify": [["{vae}"]],
    "sample": [["--run", "{labels}", "--num-samples", 3, "--class", "one"], ["--run", "{plain}", "--num-samples", 1]],
    "segment": [["{picture}", "--run", "{classes}", "--out", "{new}.png"]],
    "train": [["--data", "{black}", "--model", "vae", "--units", 8, "--dry-run", "--batch-size", 8]],
    "translate": [["{picture}", "--run", "{kinds}", "--out", "{new}.png"]],
    "traverse": [["--run", "{vae}", "--steps", 2, "--coordinate", 0]],
    "upscale": [["{picture}", "--run", "{larger}", "--out", "{new}.png"]],
    "zvector-arith": [["[1,2] - [3,4]", "--run", "{plain}"]],
}


@pytest.fixture(scope="module")
def places(tmp_path_factory):
    """Files and runs, by their names in LINES: black images, one image, images that are all one, one class alone."""
    folder = tmp_path_factory.mktemp("nothing")
    random = np.random.default_rng(0)
    noise, black = random.integers(0, 256, (60, 8, 8), np.uint8), np.zeros((60, 8, 8), np.uint8)
    one_class, names = np.zeros(60, int), np.array(["one", "two"])
    shown = {"y_train": one_class, "y_test": one_class[:30], "classes": names}
    arrays = {
        "noise": {"images": noise},
        "black": {"x_train": black, "x_test": black[:30]},
        "onetest": {"x_train": noise, "x_test": noise[:1]},
        "twins": {"x_train": noise[:10].repeat(6, axis=0), "x_test": noise[:5].repeat(6, axis=0)},
        "four": {"x_train": noise[:4], "x_test": noise[4:]},
        "noisy": {"x_train": noise, "x_test": noise[:30], **shown},
        "wide": {"images": black.repeat(2, axis=1).repeat(2, axis=2), "labels": one_class, "classes": names},
    }
    for name, held in arrays.items():
        np.savez(folder / f"{name}.npz", **held)
    (folder / "pictures").mkdir()
    Image.fromarray(np.zeros((24, 24, 3), np.uint8)).save(folder / "pictures" / "black.png")
    (folder / "same.txt").write_text("the same words .\n" * 2000, encoding="utf-8")
    flat = np.zeros((80, 16, 16, 3), np.uint8)
    kinds = {"labels": np.arange(80) % 2, "tests": (np.arange(80) >= 40).astype(np.uint8)}
    hdf5.write(folder / "kinds.h5", flat, flat.shape, columns=kinds, description=hdf5.Description(("A", "B")))
    maps = {"maps": np.zeros((24, 16, 16), np.uint8), "tests": np.repeat(np.arange(2, dtype=np.uint8), (20, 4))}
    named = {"classes": ("sky", "road"), "palette": ((0, 0, 0), (9, 9, 9))}
    hdf5.write(folder / "maps.h5", flat[:24], flat[:24].shape, columns=maps, description=hdf5.Description(**named))
    told = {"captions": np.array([[f"red {chr(97 + at % 26)}{at // 26}"] for at in range(120)], object)}
    hdf5.write(folder / "told.h5", np.zeros((120, 8, 8, 3), np.uint8), (120, 8, 8, 3), columns=told)
    boxes = "seed,x0,y0,x1,y1\n" + "".join(f"{seed},0,0,5,5\n" for seed in range(9))
    (folder / "boxes.csv").write_text(boxes, encoding="utf-8")
    found = {name: folder / f"{name}.npz" for name in arrays} | {"boxes": folder / "boxes.csv"}
    found |= {"picture": folder / "pictures" / "black.png", "pictures": folder / "pictures", "runs": folder / "runs"}
    for name, model, data, chosen in (
        ("vae", "vae", folder / "black.npz", {}),
        ("labels", "acgan", folder / "noisy.npz", {}),
        ("plain", "dcgan", folder / "wide.npz", {}),
        ("toy", "toy", "ring8", {}),
        ("texts", "gan-cls", folder / "told.h5", {}),
        ("sentences", "skip-thoughts", folder / "same.txt", {}),
        ("larger", "espcn", folder / "wide.npz", {}),
        ("kinds", "cyclegan", folder / "kinds.h5", {}),
        ("classes", "segmentation", folder / "maps.h5", {}),
    ):
        begun = trainings.start(folder / "runs", data, model, **{"data": str(data)} | chosen)
        begun.run.save(begun.model, Position())  # untrained: enough to be asked
        found[name] = begun.run.path
    for name in ("spare", "waste"):
        found[name] = shutil.copytree(found["toy"], folder / "runs" / name)
    return found


@pytest.fixture(autouse=True)
def _quick_classifiers(monkeypatch):
    for module, name in (
        (classifier_kinds, "MAX_EPOCHS"),
        (image_text_matcher, "STEPS"),
        (near_duplicates, "MAX_EPOCHS"),
    ):
        monkeypatch.setattr(module, name, 1)
    monkeypatch.setattr(classifier, "MAX_IMAGES", 200)
    monkeypatch.setattr(classifier_kinds, "DOMAIN_STEPS", (1, 1))
    monkeypatch.setattr(latent_editor, "STEPS", 1)


def test_every_command_with_json_has_its_lines_here():
    assert sorted(LINES) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_json_is_strict_where_there_is_nothing_to_measure(gancli, places, tmp_path, name):
    places = places | {"new": tmp_path / "new"}
    for line in LINES[name]:
        code, *words = line if line and isinstance(line[0], int) else [0, *line]
        with warnings.catch_warnings():
            warnings.simplefilter("error", RuntimeWarning)
            answer = gancli(*name.split(), *(str(word).format(**places) for word in words), "--json")
        assert answer.code == code, (line, answer.err)
        assert "Warning" not in answer.err, line
        assert isinstance(parsed(answer.out), dict) if code == 0 else not answer.out
    for run in registry.list_runs(places["runs"]):  # what was saved is understood by gancli runs
        assert all(score.value is not None for score in scores.saved(run)), run.path
    for path in [*places["runs"].rglob("*.json"), *places["runs"].rglob("*.jsonl")]:
        for text in path.read_text(encoding="utf-8").splitlines() if path.suffix == ".jsonl" else [path.read_text()]:
            parsed(text)


def parsed(text):
    """JSON as its standard has it. Raises: ValueError."""

    def refuse(constant):
        raise ValueError(constant)

    return json.loads(text, parse_constant=refuse)


def test_what_is_not_finite_is_null_and_what_is_numpy_s_is_a_number():
    given = {"a": float("nan"), "b": [np.float32(0.5), np.inf], 3: np.arange(2), "c": {"d": np.int64(7)}, "e": True}
    assert parsed(strict_json.dumps(given)) == {"a": None, "b": [0.5, None], "3": [0, 1], "c": {"d": 7}, "e": True}
    with pytest.raises(TypeError, match="object cannot be written as JSON"):
        strict_json.dumps({"a": object()})


def test_records_leave_out_what_was_not_finite(tmp_path):
    lines = ['{"step": 1, "seconds": 1, "score": null}', '{"step": 2, "seconds": 2, "score": NaN, "loss": 0.5}']
    (tmp_path / "metrics.jsonl").write_text("\n".join(lines), encoding="utf-8")
    found = metadata.read_lines(tmp_path / "metrics.jsonl")
    assert found == [{"step": 1, "seconds": 1}, {"step": 2, "seconds": 2, "loss": 0.5}]
