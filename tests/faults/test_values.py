"""Options: each bad value of each is refused, and each good one survives flags, variables, files and run.json."""

import json
import math
import os

import click
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gancli import models
from gancli.cli import main
from gancli.cli.commands import train
from gancli.core import options
from gancli.core.options import LARGEST
from gancli.models import config
from gancli.models.base import Model
from gancli.runs import metadata

BAD = {
    int: [
        "１２",
        "1_000",
        "nan",
        "inf",
        "-inf",
        "1.5",
        "1e3",
        "0x10",
        "many",
        "",
        " ",
        str(10**16),
        str(-(10**16)),
        "9" * 5000,
        "--",
    ],
    float: [
        "１２",
        "1_0.5",
        "nan",
        "NaN",
        "inf",
        "-inf",
        "1e400",
        "-1e400",
        "0x1p3",
        "many",
        "",
        " ",
        "1e16",
        "9" * 5000,
        "1,5",
    ],
    str: [],
    bool: [],
}


def own_fields(name):
    """The options of a model that the base has not."""
    known = {field.name for field in config.fields_of(Model)}
    return [field for field in config.fields_of(models.get(name)) if field.name not in known]


CASES = [("gan", field) for field in config.fields_of(Model)]
OWN = {}  # an option that several models have alike, its rule included, is tried with one of them
for name in models.names():
    for field in own_fields(name):
        OWN.setdefault((field.name, field.type, field.optional, field.rule), (name, field))
CASES += OWN.values()


def bad_texts(field):
    """Texts that must be refused: of no number, of none that is finite, and just beyond each bound."""
    rule, step = field.rule, 1 if field.type is int else 1e-6
    yield from BAD[field.type]
    if rule.choices:
        yield from ("", "x", rule.choices[0] + "x", rule.choices[0].upper() + " ")
    beyond = [None if bound is None else bound + by for bound, by in ((rule.low, -step), (rule.high, step))]
    yield from (repr(bound) for bound in [*beyond, rule.above, rule.below] if bound is not None)


@pytest.mark.parametrize(("model", "field"), CASES, ids=lambda case: getattr(case, "name", case))
def test_every_bad_value_of_an_option_is_exit_2_and_names_it(gancli, model, field):
    dashed = f"--{field.name.replace('_', '-')}"
    for text in bad_texts(field):
        for args in ([f"{dashed}={text}"], ["--set", f"{field.name}={text}"]):
            answer = gancli("train", "--model", model, *args, "--data", "nothing", "--dry-run")
            assert (answer.code, answer.out) == (2, ""), (text, answer)
            assert field.name in answer.err or f"{dashed} is empty" in answer.err
            assert answer.err.count("Error:") == 1


@pytest.mark.parametrize(
    "value", [math.nan, math.inf, -math.inf, 10**400, True, "5", [], {}, [5], b"5", 1 + 0j, LARGEST + 1, -LARGEST - 1]
)
@pytest.mark.parametrize("name", ["steps", "learning_rate", "batch_size", "epochs"])
def test_a_bad_value_of_a_file_is_refused_whatever_its_type(name, value):
    with pytest.raises(options.OptionError, match=name):
        config.from_mapping(Model, {name: value})


# --- good values


def good(field):
    """Any value that the option allows."""
    rule = field.rule
    if field.type is bool:
        values = st.booleans()
    elif rule.choices:
        values = st.sampled_from(rule.choices)
    elif field.type is str:
        values = st.text(st.characters(exclude_characters="\0"))
    elif field.type is int:
        low = rule.low if rule.low is not None else -LARGEST if rule.above is None else rule.above + 1
        high = rule.high if rule.high is not None else LARGEST if rule.below is None else rule.below - 1
        values = st.integers(low, high)
    else:
        low = rule.low if rule.above is None else rule.above
        high = rule.high if rule.below is None else rule.below
        values = st.floats(
            -LARGEST if low is None else low,
            LARGEST if high is None else high,
            exclude_min=rule.above is not None,
            exclude_max=rule.below is not None,
        )
    return st.none() | values if field.optional else values


def any_settings(model):
    named = st.fixed_dictionaries({field.name: good(field) for field in config.fields_of(model)})
    return named.map(lambda values: config.from_mapping(model, values))


def parsed(model, args, parent=None):
    """Settings as `gancli train` understands its arguments."""
    params = train.command.make_context("train", list(args), parent=parent).params
    values = {field.name: params[field.name] for field in config.fields_of(model)} | dict(params["settings"])
    return config.from_mapping(model, values)


def as_text(value):
    return repr(value) if isinstance(value, float) else str(value)


def as_flags(chosen):
    for name, value in chosen.to_mapping().items():
        dashed = name.replace("_", "-")
        if isinstance(value, bool):
            yield f"--{'' if value else 'no-'}{dashed}"
        elif value is not None:
            yield f"--{dashed}={as_text(value)}"


def as_settings(chosen):
    for name, value in chosen.to_mapping().items():
        if value is not None:
            yield from ("--set", f"{name}={as_text(value)}")


@pytest.mark.parametrize("model", models.names())
@settings(max_examples=10)
@given(drawn=st.data())
def test_options_survive_every_way_they_can_be_told(tmp_path_factory, model, drawn):
    """Options -> flags -> options -> a file -> options -> run.json -> options."""
    cls, folder = models.get(model), tmp_path_factory.getbasetemp()
    chosen = drawn.draw(any_settings(cls))
    assert parsed(cls, ["--model", model, *as_flags(chosen)]) == chosen
    assert parsed(cls, ["--model", model, *as_settings(chosen)]) == chosen
    file, record = folder / "config.json", folder / "run.json"
    file.write_text(json.dumps({"model": model} | chosen.to_mapping()), encoding="utf-8")
    assert parsed(cls, ["--config", str(file)]) == chosen
    record.write_text(json.dumps({"model": model, "options": chosen.to_mapping()}), encoding="utf-8")
    assert parsed(cls, ["--config", str(record)]) == chosen
    assert config.from_mapping(cls, metadata.read_json(record)["options"]) == chosen
    flags = list(as_flags(chosen))  # the command line beats the file
    other = drawn.draw(any_settings(cls))
    file.write_text(json.dumps({"model": model} | other.to_mapping()), encoding="utf-8")
    given = chosen.to_mapping()
    expected = given | {name: value for name, value in other.to_mapping().items() if given[name] is None}
    assert parsed(cls, ["--config", str(file), *flags]) == config.from_mapping(cls, expected)


def can_be_in_environment(text):
    """Whether an environment can hold a text: not, if it has surrogates that stand for no byte."""
    try:
        os.fsencode(text)
    except UnicodeEncodeError:
        return False
    return True


@settings(max_examples=20)
@given(drawn=st.data())
def test_options_survive_the_environment(drawn):
    cls = models.get("gan")
    mapping = drawn.draw(any_settings(cls)).to_mapping()
    mapping = {name: value for name, value in mapping.items() if value not in (None, "")}  # an empty one counts as none
    mapping = {name: value for name, value in mapping.items() if can_be_in_environment(as_text(value))}
    chosen = config.from_mapping(cls, mapping)
    told = {f"GANCLI_TRAIN_{name.upper()}": as_text(value) for name, value in mapping.items()}
    kept = dict(os.environ)
    try:
        os.environ.update(told)
        parent = click.Context(main.cli, info_name="gancli", auto_envvar_prefix="GANCLI")
        assert parsed(cls, ["--model", "gan"], parent) == chosen
    finally:
        os.environ.clear()
        os.environ.update(kept)


@pytest.mark.parametrize("text", ["nan", "-1", "inf", "many"])
@pytest.mark.parametrize(
    "words",
    [
        ("interpolate", "--along", "0", "--reach"),
        ("traverse", "--reach"),
        ("ablate", "7", "--edit-penalty"),
        ("eval-translation", "--false-positive-rate"),
    ],
)
def test_a_bad_number_of_a_command_is_exit_2_and_names_the_option(gancli, words, text):
    answer = gancli(*words, text)
    assert (answer.code, answer.out) == (2, ""), answer
    assert words[-1] in answer.err
