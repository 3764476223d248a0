"""What a run records of the machine, and what a resume on another one says."""

import json

import pytest
from helpers.trainings import run_until, start

from gancli.core import environment
from gancli.runs.run import Run
from gancli.training.resume import resume_run

X86 = (
    "processor : 0\nvendor_id : AuthenticAMD\ncpu family : 25\nmodel : 17\nmodel name : AMD EPYC 9554\nstepping : 1\n"
    "flags : fpu avx avx2 fma avx512f avx512_bf16\n\nprocessor : 1\nmodel name : another\n"
)
ARM = "processor : 0\nFeatures : fp asimd bf16 sve\nCPU implementer : 0x41\nCPU part : 0xd4f\n"


@pytest.mark.parametrize(
    ("text", "name", "instructions"),
    [
        (X86, "AMD EPYC 9554, family 25, model 17, stepping 1", "avx avx2 fma avx512f avx512_bf16"),
        (ARM, "implementer 0x41, part 0xd4f", "asimd bf16 sve"),
        ("", "", ""),
    ],
)
def test_the_kind_of_cpu_is_read_from_linux(tmp_path, monkeypatch, text, name, instructions):
    (tmp_path / "cpuinfo").write_text(text, encoding="utf-8")
    facts = environment.cpu_facts(tmp_path / "cpuinfo")
    assert environment.cpu_name(facts).endswith(name)
    assert environment.cpu_facts(tmp_path / "none") == {}
    monkeypatch.setattr(environment, "cpu_facts", lambda: facts)
    assert environment.device()["instructions"] == instructions


def test_threads_are_one_for_each_visible_core_or_as_the_environment_says(monkeypatch):
    monkeypatch.setattr(environment.os, "sched_getaffinity", lambda pid: {0, 1, 2}, raising=False)
    plain = environment.device()
    assert (plain["cpus"], plain["intra_op_threads"], plain["inter_op_threads"]) == (3, 3, 3)
    monkeypatch.setenv("TF_NUM_INTRAOP_THREADS", "2")
    monkeypatch.setenv("ONEDNN_MAX_CPU_ISA", "AVX2")
    told = environment.device()
    assert (told["cpus"], told["intra_op_threads"], told["inter_op_threads"]) == (3, 2, 3)
    assert told["environment"]["ONEDNN_MAX_CPU_ISA"] == "AVX2"


def test_a_resume_elsewhere_says_in_one_line_what_differs(tmp_path, stripes_file):
    started = start(tmp_path, stripes_file)
    run_until(started, 4)
    path = started.run.path / "run.json"
    record = json.loads(path.read_text(encoding="utf-8"))

    def warnings(**device):
        held = {name: value for name, value in (record["device"] | device).items() if value is not None}
        path.write_text(json.dumps(record | {"device": held}), encoding="utf-8")
        told = []
        resume_run(Run(started.run.path), {}, data_dir=None, warn=told.append).run.lock.release()
        return told

    assert warnings() == []
    new = ("cpu", "instructions", "intra_op_threads", "inter_op_threads", "environment")
    assert warnings(**dict.fromkeys(new)) == []  # a run of an older version
    here = environment.device()
    (told,) = warnings(
        cpu="Another CPU", instructions=here["instructions"] + " amx_bf16", intra_op_threads=64, cpus=64, gpus=["a GPU"]
    )
    assert f"cpu Another CPU, here {here['cpu']}" in told
    assert "instructions amx_bf16, here none more" in told
    assert f"intra op threads 64, here {here['intra_op_threads']} (set TF_NUM_INTRAOP_THREADS=64)" in told
    assert f"cpus 64, here {here['cpus']}; " in told
    assert "gpus ['a GPU'], here []" in told
    assert "onednn" not in told
