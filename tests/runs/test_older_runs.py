"""Runs that an older version wrote open, sample and resume; their options have the names of today."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from gancli import models
from gancli.core import options
from gancli.core.names import renamed_options
from gancli.models import config
from gancli.runs import checkpoints

OLDER = Path(__file__).with_name("older_runs")  # of version 0.1.0 before options were renamed
OPTIONS = json.loads((OLDER / "options.json").read_text(encoding="utf-8"))


@pytest.fixture
def older(tmp_path):
    """A DCGAN with a hinge loss, warm-up loss, weight clipping and two discriminator steps, after 8 steps."""
    return shutil.copytree(OLDER / "run", tmp_path / "runs" / "00000-dcgan-digits-small")


def test_there_are_options_of_every_model():
    assert set(OPTIONS) <= set(models.names())
    assert len(OPTIONS) == 24


@pytest.mark.parametrize("name", OPTIONS)
def test_the_options_of_an_older_run_have_their_names_and_values_of_today(name):
    settings = config.from_record(models.get(name), OPTIONS[name])
    now = {**vars(settings.config), **vars(settings.options)}
    for old, value in OPTIONS[name].items():
        new = old if old in now else options.RENAMED[old]
        expected = options.RENAMED_VALUES.get((new, value), value)
        if old in renamed_options.FACTORS:  # of the learning rate; a factor of 1 is no rate of its own
            expected = None if value == 1 else value * OPTIONS[name]["learning_rate"]
        assert now[new] == expected, old


def test_an_older_run_gives_the_same_samples(gancli, older):
    answer = gancli("sample", "--seeds", "0-7", "--out", "samples.npz")
    assert answer.code == 0, answer.err
    with np.load(older.parents[1] / "samples.npz") as found, np.load(OLDER / "expected.npz") as expected:
        assert np.abs(found["images"].astype(int) - expected["samples"]).max() <= 1  # another CPU may round otherwise


def test_an_older_run_resumes_where_it_would_have_gone(gancli, older):
    answer = gancli("train", "--resume", "--steps", 12, "-q")
    assert answer.code == 0, answer.err
    (newest,) = (older / "checkpoints").glob("*12.h5")
    found = checkpoints.read(newest)[0]
    with np.load(OLDER / "expected.npz") as expected:
        names = {name.removeprefix("state/") for name in expected.files if name.startswith("state/")}
        assert set(found) == names
        for name in names:
            np.testing.assert_allclose(found[name], expected[f"state/{name}"], rtol=1e-3, atol=1e-4, err_msg=name)


def test_the_record_of_an_older_run_is_still_a_configuration(gancli, older):
    answer = gancli("train", "--config", older / "run.json", "--dry-run", "--json")
    assert answer.code == 0, answer.err
    chosen = json.loads(answer.out)["options"]
    assert (chosen["loss"], chosen["d_steps"], chosen["color"]) == ("hinge", 2, "gray")


@pytest.mark.parametrize(("flag", "new"), [("--game", "--loss"), ("--k", "--d-steps"), ("--clip", "--weight-clip")])
def test_an_old_flag_is_answered_with_its_new_name(gancli, flag, new):
    answer = gancli("train", flag, "1")
    assert answer.code == 2
    assert f"{flag} was renamed to {new}" in answer.err
