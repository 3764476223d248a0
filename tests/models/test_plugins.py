"""Models of other packages and registered classes: listed, trained, opened again; broken ones harm no one else."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from helpers import shared

import gancli
from gancli import models
from gancli.models import plugins
from gancli.models.gan import GAN
from gancli.runs.run import Run

PACKAGE = Path(__file__).parents[1] / "helpers" / "example_package"
SMALL = {"steps": 4, "batch_size": 16, "units": 8, "progress": False}


@pytest.fixture(scope="session")
def installed():
    """A folder into which pip has installed the example package."""

    def install(target):
        source = target.with_name("example_package")
        shutil.copytree(PACKAGE, source)  # setuptools leaves a build folder beside it
        options = ["-q", "--no-deps", "--no-index", "--no-build-isolation", "--disable-pip-version-check"]
        subprocess.run([sys.executable, "-m", "pip", "install", *options, "--target", target, source], check=True)

    return shared.once("example-installed", install)


@pytest.fixture
def outside(monkeypatch):
    """A function: from now on the packages in these folders are installed, and no others; no class is registered."""

    def install(*folders):
        monkeypatch.setattr(plugins, "_registered", {})
        monkeypatch.setattr(plugins, "_packages", {})
        for name in [name for name in sys.modules if name.startswith("example_")]:
            monkeypatch.delitem(sys.modules, name)
        monkeypatch.setattr(sys, "path", [*map(str, folders), *plain])
        plugins._entry_points.cache_clear()

    plain = list(sys.path)
    install()
    yield install
    install()


def write_package(folder, name, entry, *, source="", version="1.0"):
    """A package as pip leaves it: NAME.dist-info with an entry point, and the module example_NAME."""
    info = folder / f"{name}-{version}.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n", encoding="utf-8")
    (info / "entry_points.txt").write_text(f"[gancli.models]\n{entry}\n", encoding="utf-8")
    (folder / f"example_{name.replace('-', '_')}.py").write_text(source, encoding="utf-8")
    return folder


def program(*words, path, code=None, cwd=None):
    """The command line, or other code, in a process of its own, with the packages of a folder."""
    start = ["-c", code] if code else ["-m", "gancli", *map(str, words)]
    environ = os.environ | {"PYTHONPATH": os.pathsep.join([str(path), str(Path(gancli.__file__).parents[1])])}
    return subprocess.run([sys.executable, *start], env=environ, cwd=cwd, capture_output=True, text=True)


def test_an_installed_package_adds_a_model_to_the_command_line(installed, tmp_path):
    listed = program("models", path=installed)
    assert "example        A GAN of dense networks with a hinge loss. Lim and Ye 2017" in listed.stdout
    assert (listed.returncode, listed.stderr) == (0, "")
    help_text = " ".join(program("train", "--model", "Example", "--help", path=installed).stdout.split())
    assert "Model: example" in help_text and "--margin" in help_text and "Margin of the hinge loss." in help_text
    words = ["train", "--model", "example", "--data", "digits", "--units", 8, "--margin", 2, "--steps", 4, "-q"]
    trained = program(*words, "--batch-size", 16, path=installed, cwd=tmp_path)
    assert trained.returncode == 0, trained.stderr
    (run,) = (tmp_path / "runs").iterdir()
    record = json.loads((run / "run.json").read_text(encoding="utf-8"))
    table = {"class": "example_gan:ExampleGAN", "package": "example-gan", "version": "0.1"}
    assert record["model"] == "example"
    assert record["options"]["margin"] == 2
    assert record["model_class"] == table | {"capabilities": ["Decoder", "Latent"]}


def test_an_installed_package_is_trained_and_opened_again_from_python(outside, installed, tmp_path):
    outside(installed)
    assert "example" in gancli.list_models()
    assert "example_gan" not in sys.modules  # listing imports nothing
    run = gancli.train("example", "digits", outdir=tmp_path, margin=0.5, **SMALL)
    assert run.path.name.startswith("00000-example-digits")
    assert gancli.load_run(0, tmp_path).load().sample([1, 2]).shape == (2, 8, 8, 1)
    assert run.resume(steps=6, progress=False).status["step"] == 6


@pytest.fixture
def run_of_example(outside, installed, tmp_path):
    outside(installed)
    return gancli.train("example", "digits", outdir=tmp_path / "runs", **SMALL).path


def test_a_run_without_its_package_says_which_to_install(gancli_command, outside, run_of_example, monkeypatch):
    outside()
    monkeypatch.chdir(run_of_example.parents[1])
    sentence = (
        f"{run_of_example} was trained with the model 'example' of example-gan 0.1, which is not installed: "
        "if you trust it, pip install example-gan==0.1"
    )
    for use in (lambda run: run.load(), lambda run: run.resume(steps=9, progress=False)):
        with pytest.raises(gancli.OptionError, match="is not installed") as caught:
            use(gancli.load_run(run_of_example))
        assert str(caught.value) == sentence
    for words in (["runs"], ["runs", "show", 0], ["runs", "verify"]):
        answer = gancli_command(*words)
        assert answer.code == 0, answer.err
        if words[0] == "runs" and len(words) == 1:
            assert "example" in answer.out
    assert "is not installed" in gancli_command("sample", "--run", run_of_example).err
    assert not Run(run_of_example).is_loaded


def test_another_version_of_the_package_is_noted(gancli_command, outside, run_of_example, tmp_path):
    newer = tmp_path / "newer"
    write_package(newer, "example-gan", "example = example_gan:ExampleGAN", version="0.2")
    shutil.copy(PACKAGE / "src" / "example_gan" / "__init__.py", newer / "example_gan.py")
    outside(newer)
    answer = gancli_command("sample", "--run", run_of_example)
    assert answer.code == 0, answer.err
    assert f"{run_of_example} was trained with example-gan 0.1, and its model is now of example-gan 0.2" in answer.err
    answer = gancli_command("train", "--resume", "--run", run_of_example, "--steps", 6, "-q")
    assert "was trained with example-gan 0.1" in answer.err


HALF = "from gancli.models.base import Model\nclass Half(Model):\n    pass\n"
NAMED = "from gancli.models.gan import GAN\nclass Named(GAN):\n    model_name = 'other'\n"
BROKEN = {  # entry point, module, and what is said of it
    "absent": ("broken = example_p:X", "import nothing_of_this_name", "ModuleNotFoundError: No module named"),
    "exits": ("broken = example_p:X", "raise SystemExit(3)", "cannot be imported: SystemExit: 3"),
    "no-class": ("broken = example_p:X", "", "AttributeError"),
    "number": ("broken = example_p:X", "X = 3", "example_p:X is no class that inherits from gancli.models.base.Model"),
    "half": ("broken = example_p:Half", HALF, "example_p:Half does not define build, train_step"),
    "named": ("broken = example_p:Named", NAMED, "example_p:Named has the model_name 'other'"),
    "ours": ("broken = gancli.models.gan:GAN", "", "is gancli's own"),
    "odd": ("br&ken = example_p:X", "", "expected a name of letters"),
    "value": ("broken = not a place", "", "cannot be imported"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_package_is_named_in_a_line_and_harms_no_other_model(gancli_command, outside, tmp_path, case):
    entry, source, why = BROKEN[case]
    outside(write_package(tmp_path, "p", entry, source=source))
    answer = gancli_command("models")
    assert answer.code == 0
    (line,) = answer.err.splitlines()
    assert line.startswith("warning: ") and "the package p 1.0" in line and why in line
    assert "dcgan" in answer.out and entry.split(" ")[0] not in answer.out
    assert gancli_command("--help").err == gancli_command("models", "gan").err == ""
    with pytest.raises(gancli.OptionError, match=r"of the package p 1\.0"):
        models.get(entry.split(" ")[0])


def test_names_that_are_taken_are_not_given_away(gancli_command, outside, tmp_path):
    outside(write_package(tmp_path / "a", "a", "DCGAN = example_a:X", source="raise SystemExit"))
    assert models.get("dcgan").__module__ == "gancli.models.dcgan"
    answer = gancli_command("models")
    assert "the package a 1.0 has a model 'dcgan', a name of gancli's own" in answer.err
    assert answer.out.count("\ndcgan") == 1
    twins = [write_package(tmp_path / name, name, f"same = example_{name}:X") for name in "bc"]
    outside(*twins)
    with pytest.raises(gancli.OptionError, match=r"several packages have a model 'same': b 1\.0, c 1\.0"):
        models.get("same")


def test_a_run_json_imports_nothing(outside, run_of_example, tmp_path):
    (tmp_path / "example_evil.py").write_text("raise SystemExit('imported')", encoding="utf-8")
    outside(tmp_path)
    path = run_of_example / "run.json"
    record = json.loads(path.read_text(encoding="utf-8"))
    for name in ("example_evil", "example"):
        record["model"], record["model_class"]["class"] = name, "example_evil:X"
        path.write_text(json.dumps(record), encoding="utf-8")
        with pytest.raises(gancli.OptionError, match="is not installed"):
            gancli.load_run(run_of_example).load()
    record["model_class"]["package"] = "x; rm -rf y"
    path.write_text(json.dumps(record), encoding="utf-8")
    with pytest.raises(gancli.CheckpointError, match="name and version of a package"):
        gancli.load_run(run_of_example)
    del record["model_class"]
    path.write_text(json.dumps(record), encoding="utf-8")
    with pytest.raises(gancli.CheckpointError, match="unknown model 'example'"):
        gancli.load_run(run_of_example)
    assert "example_evil" not in sys.modules


def test_names_are_completed_without_an_import(outside, installed, gancli_command, monkeypatch):
    outside(installed)
    monkeypatch.setenv("_GANCLI_COMPLETE", "bash_complete")
    monkeypatch.setenv("COMP_WORDS", "gancli train --model ex")
    monkeypatch.setenv("COMP_CWORD", "3")
    assert gancli_command().out.split() == ["plain,example"]
    assert "example_gan" not in sys.modules
    monkeypatch.setenv("COMP_WORDS", "gancli train --model example --marg")
    monkeypatch.setenv("COMP_CWORD", "4")
    assert gancli_command().out.split() == ["plain,--margin"]


def test_help_looks_for_no_packages(installed):
    code = "import sys; from gancli.cli import main; sys.argv = ['gancli', '--help']; main._run()\n"
    answer = program(path=installed, code=code + "print('importlib.metadata' in sys.modules)")
    assert answer.stdout.split("\n")[-2] == "False"


def test_a_registered_class_is_trained_by_its_name_and_needed_to_open_its_run(outside, gancli_command, tmp_path):
    @gancli.register_model
    class MyDenseGAN2(GAN):
        """A model of a notebook."""

    assert MyDenseGAN2.name() == "my-dense-gan2"
    assert "my-dense-gan2" in gancli.list_models()
    how = {"outdir": tmp_path, **SMALL, "units": "8", "d_units": "8"}
    run = gancli.train("my_dense_gan2", "digits", **how)
    assert run.load().sample([3]).shape == (1, 8, 8, 1)
    assert "A model of a notebook." in gancli_command("models").out
    outside()
    sentence = "was trained with the class .*MyDenseGAN2, which this program does not have: define it, and call"
    with pytest.raises(gancli.OptionError, match=sentence):
        gancli.load_run(0, tmp_path).load()
    for words in (["runs", "--outdir", tmp_path], ["runs", "show", run.path]):
        answer = gancli_command(*words)
        assert answer.code == 0, answer.err
        assert "my-dense-gan2" in answer.out
    gancli.register_model(MyDenseGAN2)
    assert gancli.load_run(0, tmp_path).load().sample([3]).shape == (1, 8, 8, 1)


def test_classes_of_one_module_have_names_of_their_own(outside):
    class First(GAN):
        pass

    class Second(GAN):
        model_name = "the-second"

    class Third(Second):
        pass

    names = ["first", "the-second", "third"]
    for one, name in zip((First, Second, Third), names, strict=True):
        assert gancli.register_model(one) is one
        assert (one.name(), models.get(name)) == (name, one)
    assert plugins.names() == names


def test_what_cannot_be_registered_is_refused_in_one_sentence(outside, installed):
    def of(name, **attributes):
        return type(name, (GAN,), attributes | {"__module__": "elsewhere"})

    outside(installed)
    gancli.register_model(of("Mine"))
    gancli.register_model(of("Mine"))  # a cell of a notebook, run again
    gancli.register_model(GAN)  # known already
    assert models.get("gan") is GAN
    abstract = type("Half", (models.Model,), {})
    refused = {
        "gancli has a model 'dcgan': give DCGAN another model_name": of("DCGAN"),
        "'mine' is the model elsewhere:Mine: give elsewhere:Other another": of("Other", model_name="mine"),
        "'example' is a model of the package example-gan 0.1": of("Example"),
        "model_name 'My GAN': expected lower-case letters": of("X", model_name="My GAN"),
        "Half does not define build, train_step": abstract,
        "int is no class that inherits from gancli.models.base.Model": int,
    }
    for sentence, one in refused.items():
        with pytest.raises(gancli.OptionError) as caught:
            gancli.register_model(one)
        assert sentence in str(caught.value)
    assert plugins.names() == ["example", "mine"]


def test_the_class_of_an_installed_package_may_be_registered_too(outside, installed):
    outside(installed)
    import example_gan

    gancli.register_model(example_gan.ExampleGAN)
    assert example_gan.ExampleGAN.name() == "example"
    assert plugins.record(example_gan.ExampleGAN)["model_class"]["package"] == "example-gan"


def test_an_error_in_a_package_is_said_with_its_place(outside, gancli_command, installed, tmp_path):
    text = (PACKAGE / "src" / "example_gan" / "__init__.py").read_text(encoding="utf-8")
    text = text.replace("        layers, units, shape =", "        1 / 0\n        layers, units, shape =")
    line = text[: text.index("1 / 0")].count("\n") + 1
    outside(write_package(tmp_path, "zero", "example = example_zero:ExampleGAN", source=text))
    answer = gancli_command("train", "--model", "example", "--data", "digits", "-q")
    assert answer.code == 2
    assert f"example_zero.py, line {line}: ZeroDivisionError" in answer.err


@pytest.fixture
def gancli_command(gancli):
    """The fixture `gancli`, a command line, under a name that the package does not have."""
    return gancli
