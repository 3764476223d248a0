"""TensorFlow's own log lines appear with --verbose or --debug, and never otherwise."""

import os
import subprocess
import sys

import pytest

from gancli.core import backend

LINES = b"WARNING: All log messages before absl::InitializeLog() is called are written to STDERR\n"


def test_a_real_start_prints_none_of_tensorflow_s_lines():
    environment = os.environ | {"TF_CPP_MIN_LOG_LEVEL": "0", "CUDA_VISIBLE_DEVICES": "0"}
    words = [sys.executable, "-m", "gancli", "doctor"]
    done = subprocess.run(words, env=environment, capture_output=True, text=True, check=True)
    assert "tensorflow" in done.stdout
    assert done.stderr == ""


@pytest.mark.parametrize(
    "line", [["--verbose", "models"], ["models", "--verbose"], ["models", "-v"], ["models", "--debug"], ["models"]]
)
def test_every_command_takes_the_flags_that_show_them(gancli, capfd, line):
    assert gancli(*line).code == 0
    with backend._quiet_stderr():
        os.write(2, LINES)
    assert (capfd.readouterr().err.encode() == LINES) == (len(line) > 1)


def test_train_and_subcommands_take_them_too(gancli):
    for line in (["runs", "verify", "--verbose"], ["runs", "-v"], ["train", "--run", "0", "-v"]):
        gancli(*line)
        assert os.environ["GANCLI_VERBOSE"] == "1", line
