"""gancli export --format hub: weights, configuration and model card, and what opens them again."""

import dataclasses
import getpass
import importlib.util
import json
import re
import socket
from pathlib import Path

import numpy as np
import pytest
from helpers import tiny
from helpers.publishing import outputs, publish, save_run

import gancli as library
from gancli import models
from gancli.core import options
from gancli.core.errors import CheckpointError, DataError, OptionError, ResourceError
from gancli.inference.publishing import card, card_scores, folder, markup, public_record
from gancli.inference.trained_model import TrainedModel
from gancli.models import config
from gancli.runs import registry
from gancli.runs.published.weights import inference_variables
from gancli.runs.run import Run

safetensors = pytest.importorskip("safetensors.numpy")
yaml = pytest.importorskip("yaml")
CONDITIONAL = ("acgan", "cgan", "matching")  # the hub has no task for them, as theirs takes no condition
TASKS = {"gan-cls": "text-to-image", "segmentation": "image-segmentation", "skip-thoughts": "feature-extraction"}
TASKS |= dict.fromkeys(("cyclegan", "pix2pix", "espcn", "srgan", "srresnet"), "image-to-image")
TASKS |= dict.fromkeys((*CONDITIONAL, "toy"))
WITHOUT_PICTURE = ("cyclegan", "espcn", "pix2pix", "segmentation", "skip-thoughts", "srgan", "srresnet", "toy")
TEMPLATE = Path(models.__file__).parent / "template" / "my_gan.py"


@pytest.mark.parametrize("name", tiny.ALL)
def test_every_model_computes_the_same_bits_from_its_published_folder(tmp_path, name):
    expected = tiny.build(name)
    publish(save_run(tmp_path / "runs", expected), tmp_path / "hub", expected)
    published = registry.open_folder(tmp_path / "hub")
    found = published.model()[0]
    arrays = [{key: value.numpy() for key, value in inference_variables(one).items()} for one in (expected, found)]
    assert arrays[0].keys() == arrays[1].keys() and arrays[0]
    assert all(np.array_equal(arrays[0][key], arrays[1][key]) for key in arrays[0])
    theirs = safetensors.load_file(tmp_path / "hub" / "model.safetensors")  # another reader of the format
    assert theirs.keys() == arrays[0].keys()
    assert all(np.array_equal(theirs[key], arrays[0][key]) for key in theirs)
    before, after = outputs(expected), outputs(found)
    assert before.keys() == after.keys() and before
    for what in before:
        assert np.array_equal(before[what], after[what]), what
    assert published.step == 5 and published.status()["state"] == "published"
    metadata = front_matter(tmp_path / "hub")
    assert metadata["library_name"] == "gancli" and metadata["license"] == "other" and name in metadata["tags"]
    assert metadata.get("pipeline_tag") == TASKS.get(name, "unconditional-image-generation")
    assert ("class-conditional-image-generation" in metadata["tags"]) == (name in CONDITIONAL)
    assert "None were measured." in (tmp_path / "hub" / "README.md").read_text(encoding="utf-8")
    assert "model-index" not in metadata and (tmp_path / "hub" / "samples.png").exists() == (
        name not in WITHOUT_PICTURE
    )


def front_matter(path):
    return yaml.safe_load((path / "README.md").read_text(encoding="utf-8").split("---\n")[1])


@pytest.fixture
def exported(gancli, run_path):
    """A run whose record holds what must not be published, and its published folder."""
    record = json.loads((run_path / "run.json").read_text())
    record["argv"] += ["--secret-flag"]
    record["data"]["source"], record["data"]["remarks"] = (
        "/home/jd/scans/stripes.npz",
        ["/home/jd/scans/7.png: bad"],
    )
    record["options"]["data"] = "/home/jd/scans/stripes.npz"
    (run_path / "run.json").write_text(json.dumps(record))
    (run_path / "about.json").write_text(json.dumps({"name": "evening", "note": "secret-note"}))
    (run_path / "eval").mkdir()
    score = {"frechet": 12.5, "frechet_deviation": 0.5, "step": 20, "weights": "ema 0.999", "run": str(run_path)}
    score |= {"samples": 2000, "data": "/home/jd/scans/stripes.npz", "real": {"frechet": 0.75}}
    score["features"] = {"name": "stripes-classifier", "file": "/home/jd/.cache/gancli/classifiers/1.h5"}
    (run_path / "eval" / "fid.json").write_text(json.dumps(score))
    older = score | {"step": 16, "frechet": 99.5}
    (run_path / "eval" / "fid-16.json").write_text(json.dumps(older))
    answer = gancli("export", "--format", "hub", "--run", run_path, "--out", "hub/stripes", "--license", "apache-2.0")
    assert answer.code == 0, answer.err
    return run_path, Path("hub/stripes").absolute(), answer


def test_the_command_writes_all_files_and_prints_their_sizes(exported):
    _, out, answer = exported
    assert sorted(path.name for path in out.iterdir()) == [
        "README.md",
        "config.json",
        "model.safetensors",
        "samples.png",
    ]
    assert list(out.parent.iterdir()) == [out]
    for path in out.iterdir():
        assert f"{path.name}  {path.stat().st_size / 1e6:,.3f} MB" in answer.out
    assert "ema 0.999 weights, 8 arrays" in answer.out and "before you upload" in answer.err


def test_nothing_about_the_machine_and_its_users_is_published(exported):
    run_path, out, _ = exported
    private = [
        "/home",
        "jd",
        "scans",
        "secret",
        "7.png",
        str(run_path),
        str(Path.home()),
        socket.gethostname(),
        "argv",
    ]
    private += [run_path.name, *([getpass.getuser()] if getpass.getuser() != "root" else [])]
    cpu = json.loads((run_path / "run.json").read_text())["device"]["cpu"]
    for path in [out / "README.md", out / "config.json"]:
        text = path.read_text(encoding="utf-8").replace("read the", "")
        assert not [word for word in [*private, cpu] if re.search(rf"(?<![a-z]){re.escape(word)}(?![a-z])", text)]
    assert json.loads((out / "config.json").read_text())["options"]["data"] == "stripes"


def test_the_card_holds_the_metadata_of_hubs_and_the_scores_with_their_recipe(exported):
    _, out, _ = exported
    metadata, text = front_matter(out), (out / "README.md").read_text(encoding="utf-8")
    assert metadata["license"] == "apache-2.0" and metadata["pipeline_tag"] == "unconditional-image-generation"
    (index,) = metadata["model-index"]
    (result,) = index["results"]
    assert result["task"] == {"type": "unconditional-image-generation"}
    # features of a classifier are not those of the published FID; scores of other weights are in the text alone
    assert result["metrics"] == [{"name": "Fréchet distance", "type": "frechet-distance", "value": 12.5}]
    assert "**Fréchet distance 12.5 ± 0.5** (real images: 0.75) at step 20. weights ema 0.999; samples 2000" in text
    assert "99.5 ± 0.5** (real images: 0.75) at step 16, other weights than these" in text
    assert "features name stripes-classifier" in text and "data stripes.npz" in text
    assert "# evening: dcgan on stripes" in text and "Classes: lying, standing." in text and "96 items" in text
    assert "Radford, Metz & Chintala 2015" in text and "| `width` | 4 |" in text


def test_the_lines_of_the_card_work(exported, monkeypatch):
    run_path, out, _ = exported
    text = (out / "README.md").read_text(encoding="utf-8")
    monkeypatch.chdir(out.parent)
    names = {}
    exec(re.search("```python\n(.*?)```", text, re.S)[1], names)
    expected = library.load_run(run_path).load().sample(seeds=range(16))
    assert np.array_equal(names["images"], expected) and names["images"].shape == (16, 8, 8, 1)
    assert names["networks"].keys() == {"generator", "discriminator"}
    assert "gancli sample --seeds 0-15 --run stripes" in text


def test_commands_give_the_same_images_and_refuse_what_needs_a_training(exported, gancli, stripes_file):
    run_path, out, _ = exported
    for source, name in ((run_path, "a.png"), (out, "b.png")):
        assert gancli("sample", "--run", source, "--seeds", "0-5", "--out", name).code == 0
    assert Path("a.png").read_bytes() == Path("b.png").read_bytes()
    for words, what in {
        ("train", "--resume", "--run", out): "without the state of its optimizers",
        ("sample", "--run", out, "--weights", "raw"): "published with ema weights only",
        ("sample", "--run", out, "--checkpoint", "16"): "has no checkpoint 16; it has 20",
        ("runs", "rename", out, "other"): "is a published model",
        ("runs", "note", out, "other"): "is a published model",
        ("runs", "rm", out, "--yes"): "is a published model",
        ("eval-fid", "--run", out): "give them with --data PATH",
    }.items():
        answer = gancli(*words)
        assert answer.code in (2, 3, 4) and what in answer.err and answer.err.count("\n") == 1, answer
    assert "published at step 20" in gancli("runs", "show", out).out
    assert "published, for inference" in gancli("runs", "verify", out).out
    for end in ("", "-2"):  # the name that each command chooses is free, and outside of the folder
        assert gancli("sample", "--run", out, "--seeds", "0-5").code == 0
        assert Path(f"{out.name}-sample-00000020{end}.png").read_bytes() == Path("a.png").read_bytes()
    scored = gancli("eval-parzen", "--run", out, "--data", stripes_file, "--num-samples", "50")
    assert scored.code == 0 and "is a published model, which is not changed; the score is not saved" in scored.err
    assert sorted(path.name for path in out.iterdir()) == [
        "README.md",
        "config.json",
        "model.safetensors",
        "samples.png",
    ]
    run = registry.open_folder(out)
    assert len(run.dataset(source=str(stripes_file))) == 96  # recognized by its fingerprint
    with pytest.raises(DataError, match="not those"):
        run.dataset(source="digits")


def test_raw_weights_are_published_as_a_model_without_a_moving_average(tmp_path):
    run = save_run(tmp_path / "runs", tiny.build("dcgan", precision="float16"))  # its optimizers are wrapped
    expected = run.model(weights="raw")[0]
    publish(run, tmp_path / "hub", weights="raw")
    published = registry.open_folder(tmp_path / "hub")
    trained = TrainedModel(published)
    assert trained.weights == "raw" and published.options().ema == 0
    kernels = [one.generator.model.get_weights()[0] for one in (expected, trained.model)]
    assert np.array_equal(*kernels)
    with pytest.raises(OptionError, match="published with raw weights only"):
        published.need_checkpoint("last", "ema")


def test_networks_of_others_are_left_out(tmp_path, monkeypatch):
    assert models.get("srgan").unpublished_networks == ("features",)  # of VGG19 or a classifier
    monkeypatch.setattr(models.get("toy"), "unpublished_networks", ("discriminator",))
    publish(save_run(tmp_path / "runs", tiny.build("toy")), tmp_path / "hub")
    names = safetensors.load_file(tmp_path / "hub" / "model.safetensors")
    assert {name.split("/")[0] for name in names} == {"generator"}
    registry.open_folder(tmp_path / "hub").model()


@pytest.mark.parametrize(("count", "names"), [(60_000, ["zalando-datasets/fashion_mnist"]), (500, None)])
def test_a_data_set_of_the_hub_is_named_only_if_all_of_it_was_used(tmp_path, count, names):
    model = tiny.build("dcgan", shape=(28, 28, 1), width=4)
    model.data = dataclasses.replace(model.data, name="fashion_mnist", count=count)
    trained = TrainedModel(save_run(tmp_path / "runs", model))
    assert card.metadata(trained, [], "", card.Choices("mit", "")).get("datasets") == names


def test_pictures_of_the_data_are_published_only_on_request(tmp_path):
    run = save_run(tmp_path / "runs", tiny.build("espcn"))
    with pytest.raises(OptionError, match="has no sample grid"):
        publish(run, tmp_path / "hub", training_picture=True)
    (run.path / "samples").mkdir()
    (run.path / "samples" / "train-00000005.png").write_bytes(b"the newest grid")
    publish(run, tmp_path / "without")
    publish(run, tmp_path / "with", training_picture=True)
    assert not (tmp_path / "without" / "samples.png").exists()
    assert (tmp_path / "with" / "samples.png").read_bytes() == b"the newest grid"
    cards = [(tmp_path / name / "README.md").read_text(encoding="utf-8") for name in ("without", "with")]
    assert ["samples.png" in card for card in cards] == [False, True]


def test_a_model_from_a_file_is_opened_only_when_the_user_names_it(tmp_path, gancli):
    file = tmp_path / "lines_gan.py"
    file.write_text(TEMPLATE.read_text(encoding="utf-8") + "\nopen('executed', 'a').close()\n")
    model_class = models.named_by_user(str(file))
    settings = config.from_mapping(model_class, {"batch_size": 8})
    facts = tiny.build("dcgan").data
    run = save_run(tmp_path / "runs", model_class(*settings, facts))
    publish(run, out := tmp_path / "hub")
    assert (out / file.name).read_bytes() == file.read_bytes()
    assert "executed to open it" in (out / "README.md").read_text()
    record = json.loads((out / "config.json").read_text())
    assert record["model_file"]["path"] == file.name
    record["model_file"]["sha256"] = "0" * 64  # no file of this process
    (out / "config.json").write_text(json.dumps(record))
    Path("executed").unlink()
    answer = gancli("sample", "--run", out)
    assert answer.code == 2 and "lines_gan.py" in answer.err and not Path("executed").exists()


def test_a_published_configuration_starts_a_new_training(exported):
    _, out, _ = exported
    values = options.read_config(out / "config.json")
    assert values.pop("model") == "dcgan"
    assert config.from_mapping(models.get("dcgan"), values).options.width == 4


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (["--out", "full"], "it exists and is not an empty folder"),
        (["--out", "full/file"], "it exists and is not an empty folder"),
        (["--out", "new", "--license", "My License"], "expected an identifier of the hub"),
        (["--out", "new", "--float16"], "holds all networks in float32"),
        (["--out", "new", "--network", "generator"], "holds all networks in float32"),
        (["--out", "new", "--training-picture", "--run", "no-such"], "no run is called"),
        (["--out", "new", "--format", "saved-model", "--license", "mit"], "--format saved-model has no model card"),
    ],
)
def test_bad_requests_get_one_sentence_and_leave_nothing(gancli, run_path, words, what):
    Path("full").mkdir()
    Path("full/file").write_text("kept")
    answer = gancli("export", "--format", "hub", "--outdir", run_path.parent, *words)
    assert answer.code in (2, 4) and what in answer.err and answer.err.count("\n") == 1, answer
    assert not Path("new").exists() and Path("full/file").read_text() == "kept"


def test_without_the_package_export_says_what_to_install_and_reading_works(exported, gancli, monkeypatch):
    run_path, out, _ = exported
    plain = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "safetensors" else plain(name))
    answer = gancli("export", "--format", "hub", "--run", run_path, "--out", "new")
    assert answer.code == 2 and "pip install 'gancli[export]'" in answer.err
    monkeypatch.setitem(__import__("sys").modules, "safetensors", None)
    assert registry.open_folder(out).model()[1] == 20


def test_a_failed_write_leaves_nothing(tmp_path, monkeypatch):
    run = save_run(tmp_path / "runs", tiny.build("toy"))

    def fail(source, target):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch, pytest.raises(ResourceError, match=r"cannot write .*hub"):
        patch.setattr(folder.os, "replace", fail)
        publish(run, tmp_path / "out" / "hub")
    assert list((tmp_path / "out").iterdir()) == []
    (tmp_path / "out" / "hub").mkdir()  # an empty folder may be there
    publish(run, tmp_path / "out" / "hub")
    assert (tmp_path / "out" / "hub" / "model.safetensors").exists()


def test_arrays_in_any_order_of_memory_are_written_right(tmp_path):
    square = np.arange(12, dtype=np.float32).reshape(3, 4)
    arrays = {
        "turned": square.T,
        "steps": square[:, ::2],
        "reversed": square[::-1],
        "none": square[:0],
        "one": square[0, 0],
    }
    found = safetensors.load(folder._weights(arrays))
    assert all(np.array_equal(found[name], arrays[name]) and found[name].shape == arrays[name].shape for name in arrays)


def test_an_export_that_another_version_writes_differently_is_refused(tmp_path, monkeypatch):
    run = save_run(tmp_path / "runs", tiny.build("toy"))
    plain = safetensors.save
    monkeypatch.setattr(
        safetensors,
        "save",
        lambda arrays, metadata: plain({name: array + 1 for name, array in arrays.items()}, metadata),
    )
    with pytest.raises(CheckpointError, match="written differently by the installed safetensors"):
        publish(run, tmp_path / "hub")
    assert not (tmp_path / "hub").exists()


def test_a_card_of_odd_names_is_still_one_card(tmp_path):
    odd = 'a: "b" | *c* #d \x1b[31m\u2028- e'
    text = "\n".join(markup.yaml({"name": odd, "list": [{"one": odd, "two": ["yes", "1", "x-y"]}], "n": 1.5}))
    read = yaml.safe_load(text)
    assert read["list"][0]["two"] == ["yes", "1", "x-y"] and read["n"] == 1.5 and "\x1b" not in read["name"]
    assert read["name"] == read["list"][0]["one"] and read["name"].startswith('a: "b" | *c* #d ')
    assert "\n" not in markup.plain("a\n# b") and "\\*c\\*" in markup.plain(odd)


@pytest.mark.parametrize(
    ("text", "public"),
    [
        ("/home/me/faces.zip", "faces.zip"),
        ("~/faces", "faces"),
        ("C:\\Users\\me\\faces.h5", "faces.h5"),
        ("data/faces.h5:images", "faces.h5:images"),
        ("classifier-5-of-/home/me/faces", "classifier-5-of-faces"),
        ("glyphs:40", "glyphs:40"),
        ("128,64", "128,64"),
    ],
)
def test_options_keep_the_last_part_of_a_path(text, public):
    assert public_record._public_option(text) == public


@pytest.mark.parametrize(
    ("metric", "kind"),
    [
        ("FID (inception-2015, clean, 50,000)", "fid"),
        ("Fréchet distance, inception-2015 with weights 1a2b3c4d features", "frechet-distance"),
        ("Fréchet distance, InceptionV3 (Keras weights) features", "frechet-distance"),
    ],
)
def test_only_the_features_of_published_fids_are_fid_on_the_hub(run_path, metric, kind):
    (run_path / "eval").mkdir()
    (run_path / "eval" / "fid-x.json").write_text(json.dumps({"metric": metric, "frechet": 3.5, "step": 20}))
    (found,) = card_scores.of_run(TrainedModel(Run(run_path)))
    assert found.type == kind
