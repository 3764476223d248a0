"""Pictures in terminals that show them, and nowhere else."""

import importlib.util
import re
import sys

import pytest
from helpers import terminals

from gancli.api.progress import preview
from gancli.training import loop

SHOW = """
import sys
import numpy as np
from gancli.api.progress import preview
from gancli.api.progress.terminal import LiveLine
render, reason = preview.find()
with LiveLine(transient=False) as live:
    live.print("picture: train-00000000.png")
    if render:
        live.print(render(np.arange(64 * 64 * 3).astype(np.uint8).reshape(64, 64, 3)))
print(f"reason: {reason}", file=sys.stderr)
"""
needs_package = pytest.mark.skipif(
    importlib.util.find_spec(preview.PACKAGE) is None, reason="textual-image is not installed"
)
SIXEL, KITTY = "\x1bP", "\x1b_G"


def sixel_terminal(shown):
    """Says of itself that it shows sixels."""
    return b"\x1b[?62;4c" if b"\x1b[c" in shown else None


def kitty(shown):
    """Knows kitty's protocol, and no sixels."""
    if b"a=q" in shown:
        return b"\x1b_Gi=1;OK\x1b\\"
    return b"\x1b[?62;c" if b"\x1b[c" in shown else None


def plain_terminal(shown):
    """Answers that it shows neither."""
    return b"\x1b[?62;22c" if b"\x1b[c" in shown else None


@needs_package
@pytest.mark.parametrize(("terminal", "start"), [(sixel_terminal, SIXEL), (kitty, KITTY)])
def test_a_terminal_that_says_so_shows_the_picture(terminal, start):
    shown = terminals.run(SHOW, answer=terminal)
    after = shown.rpartition("picture: train-00000000.png")[2]
    assert start in after
    assert "reason: \r" in after


@needs_package
@pytest.mark.parametrize("terminal", [plain_terminal, None], ids=["other", "silent"])
def test_a_terminal_that_shows_none_gets_the_name_alone(terminal):
    shown = terminals.run(SHOW, answer=terminal)
    after = shown.rpartition("picture: train-00000000.png")[2]
    assert SIXEL not in after
    assert KITTY not in after
    assert preview.UNABLE in after


@pytest.mark.parametrize("environment", [{"TERM": "dumb"}, {"TERM": "linux"}, {"TERM_PROGRAM": "Apple_Terminal"}])
def test_a_terminal_that_would_print_the_question_is_not_asked(environment):
    shown = terminals.run(SHOW, **environment)
    assert "\x1b[c" not in shown
    assert KITTY not in shown
    assert preview.UNABLE in shown


@pytest.mark.parametrize("stream", ["<&3", ">&3", "2>&3"])
def test_with_a_stream_that_is_no_terminal_nothing_is_asked_and_nothing_reaches_the_stream(tmp_path, stream):
    program = tmp_path / "show.py"
    program.write_text(SHOW)
    line = f"exec 3<>{tmp_path}/log; {sys.executable} {program} {stream}"
    shown = terminals.run("import subprocess, sys; subprocess.run(['bash', '-c', sys.argv[1]], check=True)", line)
    assert "\x1b[c" not in shown
    assert KITTY not in shown
    assert "\x1b" not in (tmp_path / "log").read_text()
    assert preview.UNABLE in shown + (tmp_path / "log").read_text()


def test_without_the_package_a_wish_says_how_to_install_it(gancli, monkeypatch, stripes_file):
    monkeypatch.setattr(preview, "_may_ask", lambda: True)
    monkeypatch.setattr(preview, "PACKAGE", "no_such_package")
    monkeypatch.setattr(loop, "train", lambda *state, **given: iter(()))
    words = ["train", "--data", stripes_file, "--steps", 2, "--width", 4, "--batch-size", 16]
    assert preview.MISSING in gancli(*words, "--preview", "auto").err
    assert preview.MISSING not in gancli(*words).err
    assert re.search("pip install 'gancli\\[preview\\]'", preview.MISSING)
