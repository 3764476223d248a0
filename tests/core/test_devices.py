"""Several devices: what --devices means and refuses; tests/helpers/on_two_devices.py, in a process that has two."""

import subprocess
import sys

import pytest
from helpers import programs

from gancli.core.distributed import strategy
from gancli.core.distributed.cluster import Team
from gancli.core.errors import OptionError
from gancli.training import setup


def test_on_two_virtual_devices():
    """TensorFlow splits the CPU before its first computation or never: hence a process of its own."""
    file = programs.TESTS / "helpers" / "on_two_devices.py"
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-o", "addopts=", file]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert " passed" in done.stdout
    assert "skipped" not in done.stdout


def test_one_device_has_no_strategy():
    assert strategy.choose("1", 64) is strategy.SINGLE_DEVICE
    assert strategy.SINGLE_DEVICE.strategy is None


@pytest.mark.parametrize("wish", ["0", "-1", "two", "1.5", ""])
def test_a_number_of_devices_is_a_number_or_all(wish):
    with pytest.raises(OptionError, match="expected a number of at least 1, or all"):
        strategy.choose(wish, 64)


def test_more_devices_than_there_are_is_refused_with_what_there_is(monkeypatch):
    with pytest.raises(OptionError, match="no GPU"):
        strategy.choose("17", 64)
    monkeypatch.setattr(strategy.tf.config, "list_physical_devices", lambda kind: ["a GPU", "another"])
    with pytest.raises(OptionError, match="2 GPUs"):
        strategy.choose("3", 66)


@pytest.mark.parametrize(("batch", "replicas", "near"), [(64, 3, 63), (2, 2, 4), (65, 2, 64)])
def test_a_batch_that_gives_no_equal_shares_is_refused_with_one_that_does(batch, replicas, near):
    with pytest.raises(OptionError, match=f"--batch-size {near}$"):
        strategy.check_share(batch, replicas)
    strategy.check_share(near, replicas)


def test_going_back_is_for_one_machine(stripes_file):
    team = Team(("localhost:1", "localhost:2"))
    with pytest.raises(OptionError, match="--on-divergence restore"):
        setup.prepare("dcgan", {"data": str(stripes_file), "on_divergence": "restore"}, data_dir=None, team=team)
