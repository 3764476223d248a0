"""Flags of `gancli train`: their groups in help, --set, and old names of commands and flags."""

import json

import click
import pytest

from gancli import models
from gancli.cli import main, renamed
from gancli.cli.commands import train
from gancli.cli.commands.train import _command
from gancli.core import options
from gancli.models import config
from gancli.models.regularization import RegularizationOptions

GROUPS = ["Run", "Output", "Data", "Training", "Checkpoints", "Evaluation", "Distribution", "Regularization", "Model"]
SMALL = ["--data", "digits", "--dry-run", "--json"]


def context(command, name, model=None):
    return click.Context(command, click.Context(main.cli, info_name="gancli"), name, obj=model)


def headings(text):
    """Group headings of a help page, with the flags below each."""
    found, heading = {}, None
    for line in text.splitlines():
        if line and not line.startswith(" "):
            heading = line.removesuffix(":")
            found[heading] = []
        elif line.startswith("  -"):
            declared = line.strip().split("  ")[0]  # without the help text
            found[heading] += [word for word in declared.replace(",", " ").replace("/", " ").split() if word[0] == "-"]
    return found


# --- groups of help


@pytest.mark.parametrize("model", models.names())
def test_every_flag_is_listed_once_in_its_group(gancli, model):
    found = headings(gancli("train", "--model", model, "--help").out)
    absent = () if issubclass(models.get(model).Options, RegularizationOptions) else ("Regularization",)
    titles = [f"Model: {model}" if name == "Model" else name for name in GROUPS if name not in absent]
    assert [heading for heading in found if not heading.startswith("Usage")] == titles
    flags = [flag for group in titles for flag in found[group]]
    for param in train.command.get_params(context(train.command, "train", model)):
        group = f"Model: {model}" if _command.group_of(param) == "Model" else _command.group_of(param)
        assert all(flag in found[group] for flag in param.opts)
        assert flags.count(max(param.opts, key=len)) == 1


def test_groups_of_options_are_those_that_help_prints():
    assert set(config.GROUPS) <= set(_command.ORDER)
    assert {field.rule.group for name in models.names() for field in config.fields_of(models.get(name))} <= {
        *config.GROUPS
    }


def test_every_flag_of_the_command_itself_has_a_group():
    names = {name for group in _command.OWN_GROUPS.values() for name in group.split()}
    assert names == {param.name for param in train.command.params}


# --- --set


def test_a_setting_and_a_flag_for_one_option_are_refused(gancli):
    answer = gancli("train", "--width", 4, "--set", "width=6", *SMALL)
    assert (answer.code, answer.out) == (2, "")
    assert "width is given twice" in answer.err


def test_a_setting_overrides_the_environment_and_a_file(gancli, tmp_path, monkeypatch):
    monkeypatch.setenv("GANCLI_TRAIN_WIDTH", "5")
    (tmp_path / "c.json").write_text('{"width": 7, "steps": 9}', encoding="utf-8")
    answer = gancli("train", "--config", tmp_path / "c.json", "--set", "width=6", "--set", "epochs=2", *SMALL)
    found = json.loads(answer.out)["options"]
    assert (found["width"], found["steps"], found["epochs"]) == (6, None, 2)


# --- old names


@pytest.mark.parametrize(("old", "new"), renamed.COMMANDS.items())
def test_an_old_command_name_gets_the_new_one(gancli, old, new):
    answer = gancli(old)
    assert (answer.code, answer.out) == (2, "")
    assert f"{old} was renamed to {new}" in answer.err
    assert main.cli.get_command(None, new) is not None


@pytest.mark.parametrize(("old", "new"), options.RENAMED.items())
def test_an_old_flag_of_train_gets_the_new_one(gancli, old, new):
    old_flag, new_flag = (f"--{name.replace('_', '-')}" for name in (old, new))
    able = [
        name
        for name in models.names()
        if new in (known := {field.name for field in config.fields_of(models.get(name))}) and old not in known
    ]
    assert able, f"no model has the option {new}"
    answer = gancli("train", "--model", able[0], old_flag, 1)
    assert (answer.code, answer.out) == (2, "")
    assert f"{old_flag} was renamed to {new_flag}" in answer.err
    answer = gancli("train", "--model", able[0], "--set", f"{old}=1")
    assert (answer.code, f"'{old}' was renamed to '{new}'" in answer.err) == (2, True)


def commands(group=main.cli, path=()):
    for name in group.list_commands(None):
        command = group.get_command(None, name)
        yield (*path, name), command
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))


@pytest.mark.parametrize("old", renamed.FLAGS)
def test_an_old_flag_of_another_command_gets_the_new_one(gancli, old):
    old_flag = f"--{old.replace('_', '-')}"
    lines = []
    for path, command in commands():
        known = {name for param in command.get_params(context(command, path[-1])) for name in param.opts}
        new_flags = [f"--{name.replace('_', '-')}" for name in renamed.FLAGS[old]]
        new = next((flag for flag in new_flags if flag in known), None)
        if new and old_flag not in known and path != ("train",):
            lines.append(path)
            answer = gancli(*path, old_flag, 1)
            assert (answer.code, f"{old_flag} was renamed to {new}" in answer.err) == (2, True), answer.err
    assert lines, f"no command has one of the flags {renamed.FLAGS[old]}"


def test_a_flag_that_a_command_never_had_is_not_said_to_be_renamed(gancli):
    answer = gancli("doctor", "--game", "hinge")
    assert (answer.code, "renamed" in answer.err) == (2, False)


def test_an_old_run_json_is_a_configuration(gancli, tmp_path):
    record = {"model": "dcgan", "options": {"game": "hinge", "color": "grey", "width": 4}}
    (tmp_path / "run.json").write_text(json.dumps(record), encoding="utf-8")
    found = json.loads(gancli("train", "--config", tmp_path / "run.json", *SMALL).out)["options"]
    assert (found["loss"], found["color"], found["width"]) == ("hinge", "gray", 4)


# --- presets


@pytest.mark.parametrize("model", [name for name in models.names() if models.get(name).presets])
def test_every_preset_holds_options_of_its_model_that_go_together(model):
    for values in models.get(model).presets.values():
        models.get(model).check(*config.from_mapping(models.get(model), values))


def test_flags_and_files_override_a_preset(gancli, tmp_path):
    (tmp_path / "mine.toml").write_text("batch_size = 16\n", encoding="utf-8")
    given = ["--model", "dcgan", "--preset", "paper", "--width", "8", "--config", str(tmp_path / "mine.toml")]
    found = json.loads(gancli("train", *given, *SMALL).out)["options"]
    assert (found["width"], found["batch_size"], found["learning_rate"]) == (8, 16, 2e-4)


def test_an_unknown_preset_and_one_of_a_resumed_run_are_refused(gancli):
    for arguments, answer in (
        (["--preset", "papr", *SMALL], "its presets are paper"),
        (["--model", "toy", "--preset", "paper"], "toy has no preset 'paper'"),
        (["--resume", "--preset", "paper"], "--preset is for a new run"),
    ):
        found = gancli("train", *arguments)
        assert (found.code, answer in found.err) == (2, True), found
