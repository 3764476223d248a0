"""Where the output goes: closed, full, left by its reader, without a terminal, in a locale that knows ASCII alone."""

import os
import subprocess
import sys

import pytest
from helpers.trainings import spawn, wait_for_step

from gancli.runs import registry

PLAIN_C = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
WRONG, UNKNOWN = "runs show 9", "trian"  # exit codes 4 and 2


def shell(line, cwd, **environment):
    """Run a line of a shell in which `gancli` is ours."""
    return subprocess.run(
        ["bash", "-c", f'gancli() {{ "{sys.executable}" -m gancli "$@"; }}; {line}'],
        cwd=cwd,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=100,
    )


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("gancli runs > /dev/full", 6),
        ("gancli runs --json > /dev/full", 6),
        ("gancli models > /dev/full", 6),
        ("gancli train --help > /dev/full", 6),
        ("gancli --version > /dev/full", 6),
        ("gancli runs >&-", 0),
        ("gancli runs <&- >&- 2>&-", 0),
        (f"gancli {WRONG} 2> /dev/full", 4),
        (f"gancli {WRONG} 2>&-", 4),
        (f"gancli {WRONG} <&- >&- 2>&-", 4),
        (f"gancli {UNKNOWN} 2> /dev/full", 2),
        (f"gancli {UNKNOWN} 2>&-", 2),
        ("gancli train --data nothing 2> /dev/full", 3),
        ("gancli --help | true; exit ${PIPESTATUS[0]}", 0),
        ("gancli runs | true; exit ${PIPESTATUS[0]}", 0),
        ("gancli models | true; exit ${PIPESTATUS[0]}", 0),
        ("gancli models | head -1 > /dev/null; exit ${PIPESTATUS[0]}", 0),
        (f"gancli {WRONG} 2>&1 >&- | true; exit ${{PIPESTATUS[0]}}", 4),
    ],
)
def test_a_closed_or_full_output_changes_no_exit_code_but_that_of_a_lost_result(tmp_path, line, code):
    done = shell(line, tmp_path)
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    assert "Exception" not in done.stderr
    if code == 6:
        assert done.stderr == "Error: No space left on device\n"


def test_files_of_ours_never_get_the_number_of_a_closed_output(tmp_path):
    """What TensorFlow's C++ says to descriptor 2 would otherwise end up in a checkpoint."""
    program = (
        "import os; from gancli.cli import main; main._run = lambda: os.open('mine', os.O_CREAT) < 3; "
        "import sys; sys.argv[1:] = []; main.main()"
    )
    done = subprocess.run(
        ["bash", "-c", f'"{sys.executable}" -c "{program}" <&- >&- 2>&-'], cwd=tmp_path, capture_output=True
    )
    assert (tmp_path / "mine").exists()
    assert done.returncode == 0


def test_a_training_goes_on_when_the_readers_of_its_output_leave(tmp_path, stripes_file):
    process = spawn(tmp_path, stripes_file, "--steps", "400", "--save-every", "400", model="gan")
    wait_for_step(process, 5)
    process.stderr.close()
    process.stdout.close()
    assert process.wait(timeout=60) == 0
    assert registry.list_runs(tmp_path)[0].status()["state"] == "finished"


def test_without_a_terminal_there_are_plain_lines_alone(tmp_path, stripes_file):
    line = f"gancli train --model gan --data '{stripes_file}' --steps 20 --batch-size 16 --log-every 5"
    done = shell(line, tmp_path, **PLAIN_C)
    assert done.returncode == 0
    assert "\r" not in done.stdout + done.stderr
    assert "\x1b" not in done.stdout + done.stderr
    said = [line.split(":")[0] for line in done.stderr.splitlines()]
    assert said[1:4] == ["pictures", "picture", "D"]
    assert {words.split()[0] for words in said[4:]} == {"train"}  # and nothing of TensorFlow's
    quiet = shell("gancli train --resume --steps 25 -q", tmp_path, **PLAIN_C)
    assert (quiet.returncode, quiet.stderr.count("\n")) == (0, 2)  # which run is meant, and that its steps are changed


@pytest.mark.parametrize("environment", [PLAIN_C, {"PYTHONIOENCODING": "ascii"}], ids=["C", "ascii"])
def test_names_of_any_language_are_printed_in_a_locale_that_knows_ascii_alone(run_path, environment):
    named = run_path.with_name("00001-dcgan-größe-数字")
    run_path.rename(named)
    record = (named / "run.json").read_text(encoding="utf-8").replace('"name": "tiny"', '"name": "größe 数字"')
    (named / "run.json").write_text(record, encoding="utf-8")
    listed = shell("gancli runs", named.parent.parent, **environment)
    assert (listed.returncode, listed.stderr) == (0, "")
    assert "größe" in listed.stdout
    shown = shell("gancli runs show 1 && gancli models wgan-gp", named.parent.parent, **environment)
    assert (shown.returncode, shown.stderr) == (0, "")
    assert "数字" in shown.stdout
    assert "‖" in shown.stdout
