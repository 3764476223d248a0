"""Options: what is wrong is refused with the name, the value and what was expected."""

import json
from dataclasses import asdict, dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gancli import models
from gancli.core import options
from gancli.core.errors import OptionError
from gancli.core.options import RENAMED, Options, option
from gancli.models import config


@dataclass(frozen=True)
class Oven(Options):
    heat: float = option(0.5, "how hot", above=0, below=1)
    loaves: int | None = option(None, "how many", low=1, high=9)
    crust: str = option("soft", "which", choices=("soft", "hard"))
    fan: bool = option(False, "blow")


@pytest.mark.parametrize(
    "values",
    [
        {"heat": 0.0},
        {"heat": 1.0},
        {"heat": float("nan")},
        {"heat": float("inf")},
        {"heat": "0.5"},
        {"loaves": 0},
        {"loaves": 10},
        {"loaves": 2.0},
        {"loaves": True},
        {"crust": "sotf"},
        {"fan": 1},
        {"heta": 0.5},
    ],
    ids=str,
)
def test_a_bad_value_or_name_is_refused_and_named(values):
    with pytest.raises(OptionError) as error:
        options.from_mapping(Oven, values)
    assert next(iter(values)) in str(error.value)


def test_near_names_are_suggested():
    with pytest.raises(OptionError, match="did you mean 'heat'"):
        options.from_mapping(Oven, {"heta": 0.5})
    with pytest.raises(OptionError, match="did you mean 'soft'"):
        options.from_mapping(Oven, {"crust": "sotf"})


@given(st.floats(0.001, 0.999), st.none() | st.integers(1, 9), st.sampled_from(["soft", "hard"]), st.booleans())
def test_options_survive_a_json_file(heat, loaves, crust, fan):
    made = Oven(heat, loaves, crust, fan)
    assert options.from_mapping(Oven, json.loads(json.dumps(asdict(made)))) == made


def test_settings_are_read_by_type():
    parsed = options.parse_settings(["heat=0.25", "loaves=3", "fan=true", "crust=hard"], options.fields(Oven))
    assert parsed == {"heat": 0.25, "loaves": 3, "fan": True, "crust": "hard"}
    with pytest.raises(OptionError, match="loaves"):
        options.parse_settings(["loaves=many"], options.fields(Oven))


@pytest.mark.parametrize("name", models.names())
def test_every_option_of_every_model_has_help_and_a_default_that_passes(name):
    model = models.get(name)
    for field in config.fields_of(model):
        assert len(field.rule.help) > 5
        assert field.parse(str(field.default)) == field.default if field.default is not None else field.optional
    settings = config.from_mapping(model, {})
    assert config.from_mapping(model, settings.to_mapping()) == settings


@pytest.mark.parametrize(
    ("ending", "text"),
    [(".json", '{"a": 1, "a": 2}'), (".json", "[1]"), (".json", ""), (".json", "{"), (".toml", "a = 1\na = 2")],
)
def test_a_broken_configuration_is_refused(tmp_path, ending, text):
    path = tmp_path / f"config{ending}"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(OptionError, match="config"):
        options.read_config(path)


def test_toml_and_json_say_the_same(tmp_path):
    (tmp_path / "a.toml").write_text('model = "gan"\nbatch-size = 16\n', encoding="utf-8")
    (tmp_path / "a.json").write_text('\ufeff{"model": "gan", "batch_size": 16}', encoding="utf-8")
    assert options.read_config(tmp_path / "a.toml") == options.read_config(tmp_path / "a.json")


@pytest.mark.parametrize("old", RENAMED)
def test_an_option_that_was_renamed_has_its_new_name_alone(old):
    known = {field.name for name in models.names() for field in config.fields_of(models.get(name))}
    assert old not in known
    assert RENAMED[old] in known


@pytest.mark.parametrize("name", models.names())
def test_a_run_json_of_old_names_and_values_is_read(name):
    fields = config.fields_of(models.get(name))
    then = {new: old for old, new in RENAMED.items()}
    settings = config.from_mapping(models.get(name), {"color": "gray"})
    written = {then.get(field.name, field.name): settings.to_mapping()[field.name] for field in fields}
    written["color"] = "grey"
    assert config.from_record(models.get(name), written) == settings


def test_an_old_name_on_the_command_line_is_answered_by_the_new_one(gancli):
    answer = gancli("train", "--model", "dcgan", "--k", 2)
    assert (answer.code, answer.err.count("renamed to --d-steps")) == (2, 1)


def test_a_configuration_of_old_names_is_understood(gancli, tmp_path):
    path = tmp_path / "run.json"
    path.write_text('{"model": "dcgan", "options": {"game": "hinge", "k": 2, "color": "grey", "steps": 3}}')
    answer = gancli("train", "--config", path, "--dry-run", "--json")
    chosen = json.loads(answer.out)["options"]
    assert (chosen["loss"], chosen["d_steps"], chosen["color"]) == ("hinge", 2, "gray")


@pytest.mark.parametrize("name", models.names())
def test_every_option_has_a_group_of_the_help(name):
    settings, own = (options.fields(cls) for cls in (models.get(name).Config, models.get(name).Options))
    assert list(dict.fromkeys(field.rule.group for field in settings)) == list(config.GROUPS[:-2])
    assert {field.rule.group for field in own} <= {*config.GROUPS[-2:]}


def test_a_default_alone_can_be_overridden():
    @dataclass(frozen=True)
    class HotOven(Oven):
        heat: float = 0.9
        loaves: int | None = option(3, high=5)

    heat, loaves = (next(one for one in options.fields(HotOven) if one.name == name) for name in ("heat", "loaves"))
    assert (heat.default, heat.rule) == (0.9, options.fields(Oven)[0].rule)
    assert (loaves.default, loaves.rule.help, loaves.rule.low, loaves.rule.high) == (3, "how many", 1, 5)


def test_a_number_is_understood_where_the_choices_are_numbers_as_text():
    @dataclass(frozen=True)
    class Tray(Options):
        rows: str = option("4", "how many", choices=("2", "4"))

    assert Tray(rows=2).rows == "2"
    assert config.from_mapping(models.get("espcn"), {"scale": 2}).options.scale == "2"
    for wrong in (3, True, 2.0):
        with pytest.raises(OptionError, match="rows"):
            Tray(rows=wrong)
    with pytest.raises(OptionError, match="crust = 1: expected text"):
        Oven(crust=1)
