"""docs/publishing.md: its commands and its lines of Python, on a run that is trained already."""

import re
import shlex
import shutil
from pathlib import Path

import pytest

pytest.importorskip("safetensors")
PAGE = Path(__file__).parents[2] / "docs" / "publishing.md"
NOT_HERE = ("train --model", "eval-fid")  # minutes; other tests run them


def test_the_commands_of_the_page_work_in_their_order(gancli, run_path):
    text = PAGE.read_text(encoding="utf-8")
    shutil.copytree(run_path, "runs/00000-dcgan-digits-digits")
    (Path("runs") / "00000-dcgan-digits-digits" / "about.json").write_text('{"name": "digits"}')
    shutil.rmtree(run_path)
    commands = re.findall(r"^\$ gancli (.+)$", text, re.M)
    run = [line for line in commands if not line.startswith(NOT_HERE)]
    assert len(run) == 3 and len(commands) == 5
    for line in run:
        answer = gancli(*shlex.split(line))
        refuses = "--resume" in line
        assert answer.code == (4 if refuses else 0), answer
        if refuses:
            assert answer.err.strip() in text
    sizes = re.search(r"^digits-gan: .*\n(  .+ MB\n)+", text, re.M)[0]
    assert re.findall(r"^  (\S+)", sizes, re.M) == sorted(path.name for path in Path("digits-gan").iterdir())
    names = {}
    exec(re.search("```python\n(.*?)```", text, re.S)[1], names)
    assert names["images"].shape == (16, 8, 8, 1)
    assert f"generator/{names['generator'].variables[0].path}" in text
