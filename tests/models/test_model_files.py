"""Models in files outside of the package: trained and opened again if the user names the file, never otherwise."""

import json

import pytest

from gancli import models
from gancli.models import model_files, template
from gancli.runs.run import Run

SMALL = ("--data", "digits", "--steps", 6, "--save-every", 3, "--batch-size", 16, "--units", 8)
BROKEN = {
    "x = (": "broken.py, line 1: SyntaxError",
    "\nimport nothing_of_this_name": "broken.py, line 2: ModuleNotFoundError: No module named",
    "raise SystemExit(3)": "broken.py, line 1: SystemExit: 3",
    "x = 1": "expected one class that inherits from Model, and it has none",
    "from gancli.models.base import Model\nclass Half(Model):\n    pass": "Half does not define build, train_step",
    "from gancli.models.gan import GAN\nclass One(GAN):\n    pass\nclass Two(GAN):\n    pass": "and it has One, Two",
}


@pytest.fixture
def command(gancli, monkeypatch):
    """A command line in a process that has executed no file yet."""

    def run(*words):
        monkeypatch.setattr(model_files, "_files", {})
        monkeypatch.setattr(model_files, "_by_text", {})
        return gancli(*words)

    return run


@pytest.fixture
def mine(command, tmp_path):
    """my_gan.py, as `gancli models new` writes it, which prints a word when it is executed."""
    assert command("models", "new", "my_gan").code == 0
    path = tmp_path / "my_gan.py"
    path.write_text(path.read_text(encoding="utf-8") + '\nprint("EXECUTED")\n', encoding="utf-8")
    return path


@pytest.fixture
def run_of_mine(command, mine, tmp_path):
    answer = command("train", "--model", "my_gan.py", *SMALL, "-q")
    assert answer.code == 0, answer.err
    return Run(next((tmp_path / "runs").iterdir()))


def test_a_model_of_a_file_is_trained_and_opened_again_only_if_the_file_is_named(command, run_of_mine, mine):
    table = run_of_mine.record["model_file"]
    assert (run_of_mine.record["model"], table["path"]) == ("my-gan", str(mine))
    kept = run_of_mine.path / "my_gan.py"
    assert kept.read_bytes() == mine.read_bytes()

    for words in (
        ["sample"],
        ["interpolate", "--run", 0, "--seeds", "3,11"],
        ["train", "--resume", "--run", 0, "--steps", 9],
    ):
        answer = command(*words)
        assert (answer.code, answer.out) == (2, "")
        assert "was trained with the model file my_gan.py, which is executed to open the run" in answer.err
        assert f"--model {kept}" in answer.err.replace("runs/", f"{run_of_mine.path.parent}/")
    assert (
        "every run in runs is finished: to train one longer give --resume --run RUN" in command("train", "--resume").err
    )
    for words in (["runs"], ["runs", "show", 0], ["runs", "verify"], ["runs", "prune", "--keep", 1]):
        answer = command(*words)
        assert (answer.code, "EXECUTED" in answer.out) == (0, False), answer.err

    answer = command("sample", "--model", "my_gan.py", "--seeds", "0-3", "--json")
    assert answer.code == 0, answer.err
    assert answer.out.startswith("EXECUTED")
    assert command("sample", "--model", kept, "--seeds", "0-3").code == 0
    answer = command("train", "--resume", "--model", "my_gan.py", "--steps", 9, "-q")
    assert answer.code == 0, answer.err
    assert run_of_mine.status()["step"] == 9

    mine.write_text(mine.read_text(encoding="utf-8") + "# changed\n", encoding="utf-8")
    for words in (["sample", "--run", 0], ["sample"], ["train", "--resume", "--steps", 12, "--run", 0]):
        answer = command(*words, "--model", "my_gan.py")
        assert answer.code == 2
        assert f"of SHA-256 {table['sha256'][:12]}, and my_gan.py has" in answer.err
        assert "or start a new run" in answer.err
    assert command("sample", "--run", 0, "--model", "dcgan").code == 2
    assert command("sample", "--model", "gan").code == 4  # no run of it
    answer = command("train", "--config", run_of_mine.path / "run.json")
    assert (answer.code, "unknown model 'my-gan'" in answer.err) == (2, True)


@pytest.mark.parametrize(
    "damage",
    [3, {}, {"path": 1, "sha256": "", "capabilities": []}, {"path": "a.py", "sha256": "x", "capabilities": [1]}],
)
def test_a_damaged_record_of_a_file_is_one_sentence(command, run_path, damage):
    record = run_path / "run.json"
    table = json.loads(record.read_text(encoding="utf-8"))
    odd = {"class": 1, "__class__": 2, "a b": 3, "units": 4}
    table |= {"model_file": damage, "options": table["options"] | odd}
    record.write_text(json.dumps(table), encoding="utf-8")
    whole = isinstance(damage, dict) and damage.get("path") == "a.py"
    for words in (["sample", "--run", run_path], ["runs", "show", run_path]):
        answer = command(*words)
        assert answer.code == ((2 if words[0] == "sample" else 0) if whole else 4), answer.err
        assert len(answer.err.splitlines()) == (0 if answer.code == 0 else 1)


def test_neither_a_record_nor_a_configuration_nor_completion_executes_a_file(
    command, mine, run_path, tmp_path, monkeypatch
):
    (tmp_path / "c.toml").write_text(f'model = "{mine}"\n', encoding="utf-8")
    answer = command("train", "--config", "c.toml")
    assert (answer.code, "EXECUTED" in answer.out) == (2, False)
    assert f"would be executed: name it on the command line, as --model {mine}" in answer.err

    record = run_path / "run.json"
    table = json.loads(record.read_text(encoding="utf-8")) | {"model": str(mine)}
    record.write_text(json.dumps(table), encoding="utf-8")
    answer = command("sample", "--run", run_path)
    assert (answer.code, "EXECUTED" in answer.out) == (4, False)

    monkeypatch.setenv("_GANCLI_COMPLETE", "bash_complete")
    monkeypatch.setenv("COMP_WORDS", f"gancli train --model {mine} --un")
    monkeypatch.setenv("COMP_CWORD", "4")
    assert "EXECUTED" not in command().out


@pytest.mark.parametrize("source", BROKEN)
def test_a_file_without_a_model_gets_its_error_in_one_sentence(command, tmp_path, source):
    (tmp_path / "broken.py").write_text(source, encoding="utf-8")
    answer = command("train", "--model", "broken.py", "--dry-run")
    assert (answer.code, answer.out) == (2, "")
    assert BROKEN[source] in answer.err
    assert "Traceback" not in answer.err


def test_an_error_in_a_method_of_a_file_is_told_with_its_line(command, mine):
    lines = mine.read_text(encoding="utf-8").splitlines()
    start = next(at for at, line in enumerate(lines) if "def build" in line)
    number = next(at for at, line in enumerate(lines) if at > start and line.startswith("        return"))
    lines.insert(number, "        unitz.of_nothing()")
    mine.write_text("\n".join(lines), encoding="utf-8")
    answer = command("train", "--model", "my_gan.py", *SMALL, "-q")
    assert (answer.code, f"my_gan.py, line {number + 1}: NameError: name 'unitz'" in answer.err) == (2, True), (
        answer.err
    )


def test_names_that_are_taken_or_none_are_refused(command, tmp_path):
    (tmp_path / "dcgan.py").write_text("from gancli.models.gan import GAN\nclass D(GAN): ...", encoding="utf-8")
    for words, message in {
        ("train", "--model", "dcgan.py"): "gancli has a model dcgan; rename the file, as my_dcgan.py",
        ("train", "--model", "none.py"): "cannot read the model file none.py: No such file",
        ("models", "new", "wgan-gp"): "gancli has a model 'wgan-gp'",
        ("models", "new", "2 gans"): "expected a name of letters",
        ("models", "new", "dcgan2.py"): "",
    }.items():
        answer = command(*words)
        assert (answer.code, message in answer.err) == (2 if message else 0, True), answer.err
    before = (tmp_path / "dcgan2.py").read_text(encoding="utf-8")
    answer = command("models", "new", "dcgan2")
    assert (answer.code, "dcgan2.py exists and is left as it is" in answer.err) == (2, True)
    assert (tmp_path / "dcgan2.py").read_text(encoding="utf-8") == before
    assert "class Dcgan2(LatentModel" in before


def test_the_layers_of_a_file_s_model_are_shown(command, mine):
    answer = command("models", "my_gan.py", "--summary", "--units", 8, "--json")
    found = json.loads(answer.out.removeprefix("EXECUTED\n"))
    assert found["paper"].startswith("A generative adversarial network to change.")
    layers = found["networks"]["generator"]["layers"]
    assert [layer["output"] for layer in layers][:1] == [[[8]]]
    assert sum(layer["parameters"] for layer in layers) == found["networks"]["generator"]["parameters"]


def test_a_summary_has_the_layers_for_the_sizes_that_are_given(gancli):
    answer = gancli("models", "dcgan", "--summary", "--width", 4, "--depth", 2, "--image-size", 28)
    assert answer.code == 0, answer.err
    assert answer.out.startswith("The networks below are built for images of 28x28x1")
    assert "(None, 7, 7, 8)" in answer.out
    assert models.paper("dcgan")[:40] not in answer.out
    assert "└ up_28" in gancli("models", "acgan", "--summary", "--width", 4, "--image-size", 28).out  # a model inside
    answer = gancli("models", "gan", "--summary", "--width", 3)
    assert (answer.code, "--width: the sizes of gan are --units and --d-units" in answer.err) == (2, True)
    answer = gancli("models", "dcgan", "--summary", "--depth", 5, "--image-size", 28)
    assert (answer.code, "too small for it; give 4 or less" in answer.err) == (2, True)


def test_the_template_has_no_name_of_a_model():
    assert template.TEMPLATE.stem.replace("_", "-") not in models.names()
