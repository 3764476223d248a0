"""The upkeep of runs: what is whole is told, what is damaged is named, and pruning never takes what is needed."""

import json
import shutil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gancli.core import file_locks
from gancli.runs import maintenance
from gancli.runs.run import Run


def damage(run_path, *steps):
    for step in steps:
        path = Run(run_path).checkpoints()[step]
        path.write_bytes(path.read_bytes()[:-1] + b"!")


def score(run_path, **scores):
    with (run_path / "metrics.jsonl").open("a", encoding="utf-8") as file:
        for step, value in scores.items():
            file.write(json.dumps({"stage": "train", "step": int(step[1:]), "seconds": 1.0, "score": value}) + "\n")


def left(run_path):
    return list(Run(run_path).checkpoints())


def test_whole_checkpoints_are_told_with_the_step_that_a_resume_goes_on_from(gancli, run_path):
    score(run_path, _16=3.0, _18=1.0, _20=2.0)
    answer = gancli("runs", "verify")
    assert (answer.code, answer.err) == (0, "")
    assert answer.out.splitlines() == [
        "runs/00000-dcgan-stripes-tiny: 3 of 3 checkpoints intact, resumes from step 20, best 18 (score 1)"
    ]
    result = json.loads(gancli("runs", "verify", 0, "--json").out)["runs"][0]
    assert (result["whole"], result["damaged"], result["resumes_from"]) == ([16, 18, 20], {}, 20)
    assert result["best"] == {"step": 18, "score": 1.0}


def test_damaged_checkpoints_are_named_and_exit_4(gancli, run_path):
    shutil.copytree(run_path, run_path.with_name("00001-torn"))
    (run_path.with_name("00001-torn") / "run.json").write_text("{", encoding="utf-8")
    damage(run_path, 20)
    score(run_path, _20=1.0, _16=2.0)  # the best is no longer whole
    (run_path / "samples" / ".x.part").write_bytes(b"1")
    answer = gancli("runs", "verify")
    assert answer.code == 4
    assert "2 of 3 checkpoints intact, resumes from step 18, best 16" in answer.out
    assert "partial files of killed processes: 1" in answer.out
    assert "damaged: runs/00000-dcgan-stripes-tiny/checkpoints/step-00000020.h5 is damaged" in answer.out
    assert "Error: damaged checkpoints: 1; unreadable runs: 1; " in answer.err
    assert "00001-torn" in answer.err
    damage(run_path, 16, 18)
    assert "0 of 3 checkpoints intact, nothing to resume from" in gancli("runs", "verify", "tiny").out


@pytest.mark.parametrize(("keep", "expected"), [(1, [16, 20]), (2, [16, 18, 20]), (9, [16, 18, 20])])
def test_the_newest_and_the_best_stay(gancli, run_path, keep, expected):
    score(run_path, _16=1.0, _18=2.0)
    before = sum(path.stat().st_size for path in Run(run_path).checkpoints().values())
    foreseen = json.loads(gancli("runs", "prune", "--keep", keep, "--dry-run", "--json").out)
    assert left(run_path) == [16, 18, 20]
    answer = gancli("runs", "prune", "--keep", keep, "--json")
    assert answer.code == 0
    assert left(run_path) == expected
    done = json.loads(answer.out)
    assert done["runs"][0]["removed"] == foreseen["runs"][0]["removed"]
    after = sum(path.stat().st_size for path in Run(run_path).checkpoints().values())
    assert done["megabytes"] == pytest.approx((before - after) / 1e6, abs=0.002)
    assert gancli("runs", "verify").code == 0


def test_damaged_ones_and_leftovers_go_where_a_whole_one_stays(gancli, run_path):
    damage(run_path, 18, 20)
    (run_path / "checkpoints" / ".x.part").write_bytes(b"1")
    answer = gancli("runs", "prune")
    assert answer.code == 0
    assert left(run_path) == [16]
    assert "step-00000020.h5 (damaged" in answer.out
    assert ".x.part (left by a kill" in answer.out
    assert not list(run_path.rglob("*.part"))
    assert gancli("sample", "--run", run_path, "--seeds", 1).code == 0


def test_nothing_of_a_run_without_a_whole_checkpoint_goes(gancli, run_path):
    damage(run_path, 16, 18, 20)
    assert gancli("runs", "prune").code == 0
    assert left(run_path) == [16, 18, 20]


def test_a_run_that_is_being_trained_is_left_alone(gancli, run_path):
    import fcntl

    shutil.copytree(run_path, run_path.with_name("00001-dcgan-stripes-free"))
    with (run_path / ".lock").open("w", encoding="utf-8") as held:
        held.write("process 1 on that machine")
        held.flush()
        fcntl.flock(held, fcntl.LOCK_EX)
        for dry in ([], ["--dry-run"]):
            assert gancli("runs", "prune", "0", *dry).code == 7
        answer = gancli("runs", "prune")
    assert answer.code == 0
    assert "being trained by process 1 on that machine; skipped" in answer.err
    assert (left(run_path), left(run_path.with_name("00001-dcgan-stripes-free"))) == ([16, 18, 20], [20])


class Feigned:
    """A run with checkpoints of any steps, scores and damage."""

    def __init__(self, folder, whole, damaged, scores):
        self.path, self._all, self._whole, self._scores = folder, sorted(whole | damaged), whole, scores

    def checkpoints(self):
        return {step: self.path / str(step) for step in self._all}

    def best(self, among=None):
        scored = {step: score for step, score in self._scores.items() if step in among}
        return min(scored.items(), key=lambda item: item[1]) if scored else None


@given(
    whole=st.sets(st.integers(0, 30)),
    damaged=st.sets(st.integers(0, 30)),
    scores=st.dictionaries(st.integers(0, 30), st.floats(0, 9)),
    keep=st.integers(1, 5),
)
def test_whatever_is_damaged_and_scored_the_best_and_the_newest_whole_ones_stay(
    tmp_path_factory, whole, damaged, scores, keep
):
    folder = tmp_path_factory.getbasetemp() / "feigned"
    folder.mkdir(exist_ok=True)
    for step in range(31):
        (folder / str(step)).touch()
    damaged -= whole
    run = Feigned(folder, whole, damaged, scores)
    found = maintenance.IntegrityReport(run, tuple(sorted(whole)), dict.fromkeys(damaged, "torn"), ())
    gone = {int(removal.path.name) for removal in maintenance.prunable(found, keep)}
    best = {run.best(whole)[0]} if run.best(whole) else set()
    stays = set(sorted(whole)[-keep:]) | best
    assert gone == ((whole - stays) | damaged if whole else set())


def test_the_folder_before_the_subcommand_counts_more_than_that_of_the_environment(gancli, run_path, monkeypatch):
    shutil.copytree(run_path.parent, run_path.parent.with_name("others"))
    monkeypatch.setenv("GANCLI_OUTDIR", str(run_path.parent.with_name("others")))
    assert gancli("runs", "--outdir", run_path.parent, "prune", "0").code == 0
    assert len(list(run_path.rglob("step-*.h5"))) == 1
    assert len(list(run_path.parent.with_name("others").rglob("step-*.h5"))) == 3
    assert gancli("runs", "--outdir", "nowhere", "show", "0").code == 4


def test_what_another_command_took_away_meanwhile_is_passed_over(run_path):
    found = maintenance.check(Run(run_path))
    (run_path / "checkpoints" / f"step-{found.whole[0]:08}.h5").unlink()
    assert [removal.path.name for removal in maintenance.prunable(found, 1)] == [f"step-{found.whole[1]:08}.h5"]


def test_at_least_one_is_kept(gancli, run_path):
    assert gancli("runs", "prune", "--keep", 0).code == 2
    with pytest.raises(ValueError, match="at least one"):
        maintenance.prunable(maintenance.check(Run(run_path)), 0)


def test_a_run_that_may_only_be_read_does_not_keep_others_from_being_pruned(gancli, run_path, monkeypatch):
    shutil.copytree(run_path, run_path.with_name("00001-other"))

    def refused(lock):
        if lock.path.parent == run_path:
            raise PermissionError(13, "Permission denied", str(lock.path))
        return real(lock)

    real = file_locks.Lock.hold
    monkeypatch.setattr(file_locks.Lock, "hold", refused)
    answer = gancli("runs", "--outdir", run_path.parent, "prune")
    assert answer.code == 0
    assert "Permission denied" in answer.err
    assert len(list((run_path.with_name("00001-other") / "checkpoints").glob("*.h5"))) == 1
    assert len(list((run_path / "checkpoints").glob("*.h5"))) > 1
