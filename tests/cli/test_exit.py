"""The end of the process after TensorFlow was used: its exit code, its output, and what is registered for the exit."""

import subprocess
import sys

import pytest

PROGRAM = """
import atexit, sys, threading, time, types
from gancli.cli import main
if {is_used}:
    sys.modules["tensorflow"] = types.ModuleType("tensorflow")
atexit.register(lambda: print("at exit"))
threading.Thread(target=lambda: (time.sleep(0.2), print("thread"))).start()
print("printed")
main._leave({code})
"""


@pytest.mark.parametrize("is_used", [False, True])
@pytest.mark.parametrize("code", [0, 3, 130])
def test_the_exit_code_and_all_output_are_kept(is_used, code):
    program = PROGRAM.format(is_used=is_used, code=code)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (code, "")
    assert done.stdout.splitlines() == ["printed", "thread", "at exit"]


def test_a_closed_pipe_is_reported_as_before():
    program = "import sys; sys.stdout.write('x' * 10); " + PROGRAM.format(is_used=True, code=0)
    command = f'{sys.executable} -c "$PROGRAM" | true; exit "${{PIPESTATUS[0]}}"'
    delayed = program.replace("main._leave", "time.sleep(0.5); main._leave")
    done = subprocess.run(["bash", "-c", command], env={"PROGRAM": delayed}, capture_output=True, text=True)
    assert done.returncode == 120  # Python's own code for output that is lost
    assert "BrokenPipeError" in done.stderr
