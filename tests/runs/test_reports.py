"""What is said about runs: how far they are, what they scored, what differs; their records are read sparingly."""

import json
import re
from pathlib import Path

import pytest

import gancli
from gancli.runs import metadata
from gancli.runs.reports import comparison, details, listing, score_table, scores, summary
from gancli.runs.run import Run

FID = "FID (inception-2015, clean, 50,000)"
COMMANDS = Path(gancli.__file__).parent / "cli" / "commands"


def record(step, **values):
    return {"stage": "train", "step": step, "seconds": step / 10, **values}


def write_records(run_path, records):
    lines = "".join(json.dumps(one) + "\n" for one in records)
    (run_path / "metrics.jsonl").write_text(lines, encoding="utf-8")


def write_status(run_path, **changed):
    status = json.loads((run_path / "status.json").read_text(encoding="utf-8")) | changed
    (run_path / "status.json").write_text(json.dumps(status), encoding="utf-8")


@pytest.fixture
def live(run_path):
    """A run in training at step 400 of 1,000, whose last checkpoint is that of step 0."""
    write_status(run_path, state="running", step=0, total=1000)
    write_records(run_path, [record(step, generator_loss=step / 1000) for step in range(50, 401, 50)])
    run = Run(run_path)
    run.lock.hold()
    yield run
    run.lock.release()


def test_a_live_run_has_the_step_of_its_newest_record_and_the_time_that_is_left(live):
    found = summary.summarize(Run(live.path))
    assert (found.state, found.step, found.total) == ("running", 400, 1000)
    assert found.seconds_left == pytest.approx(60)
    assert (found.loss_name, found.loss) == ("generator_loss", 0.4)


def test_a_killed_run_has_the_step_that_a_resume_continues_from(live):
    live.lock.release()
    found = summary.summarize(Run(live.path))
    assert (found.state, found.step, found.seconds_left) == ("killed", 0, None)


def test_an_unfinished_run_of_an_older_version_has_no_total(run_path):
    status = json.loads((run_path / "status.json").read_text(encoding="utf-8"))
    del status["total"]
    (run_path / "status.json").write_text(json.dumps(status), encoding="utf-8")
    assert summary.summarize(Run(run_path)).total == 20  # it is finished
    write_status(run_path, state="interrupted")
    assert summary.summarize(Run(run_path)).total is None


@pytest.mark.parametrize(
    ("names", "main"),
    [
        (("D(x)", "discriminator_loss", "generator_loss"), "generator_loss"),
        (("adversary_loss", "cross_entropy", "segmenter_loss"), "segmenter_loss"),
        (("elbo", "kl", "loss"), "loss"),
        (("reconstruction_loss",), "reconstruction_loss"),
        (("text_loss", "accuracy"), "text_loss"),
        (("accuracy",), ""),
    ],
)
def test_the_main_loss_is_that_of_the_trained_generator(names, main):
    assert summary.main_loss(dict.fromkeys(names, 1.0)) == main


@pytest.mark.parametrize("block", [1, 7, 64, 1 << 16])
def test_records_are_read_from_the_end_whatever_the_blocks(tmp_path, monkeypatch, block):
    path = tmp_path / "metrics.jsonl"
    path.write_bytes(
        b'torn\n{"step": 1, "seconds": 1}\n\n{"step": 2, "seconds": 2, "score": 3}\n{"step": 3, "seconds": 3}\n{"st'
    )
    monkeypatch.setattr(metadata, "BLOCK", block)
    assert list(metadata.read_newest_first(path)) == metadata.read_lines(path)[::-1]
    assert [one["step"] for one in metadata.read_newest_first(path, having="score")] == [2]
    assert list(metadata.read_newest_first(tmp_path / "absent")) == []


def test_of_a_large_file_only_the_end_is_read(run_path, monkeypatch):
    write_status(run_path, state="interrupted", changes={"eval_every": 5})
    with (run_path / "metrics.jsonl").open("ab") as file:
        file.truncate(10**9)  # a hole: a gigabyte that takes no time to make
        file.seek(0, 2)
        file.write(b"\n" + json.dumps(record(18, generator_loss=0.5)).encode() + b"\n")
    read = []

    class Counting:
        def __init__(self, file):
            self.file = file

        def __enter__(self):
            return self

        def __exit__(self, *_):
            self.file.close()

        def seek(self, *where):
            return self.file.seek(*where)

        def read(self, size):
            read.append(size)
            return self.file.read(size)

    plain = metadata.files.open_regular
    monkeypatch.setattr(metadata.files, "open_regular", lambda path: Counting(plain(path)))
    monkeypatch.setattr(metadata, "read_json", lambda path: json.loads(path.read_text(encoding="utf-8")))
    assert summary.summarize(Run(run_path)).loss == 0.5
    assert 0 < sum(read) < 10**7


def test_every_saved_score_has_a_main_value():
    text = "".join(path.read_text(encoding="utf-8") for path in sorted(COMMANDS.glob("*.py")))
    kinds = re.findall(r'(?:report_set|report_run|results\.save)\([\w.]+, f?"([\w-]+)', text)
    kinds += re.findall(r'name = (?:files\.safe_name\()?f"([\w-]+)', text)
    distances = COMMANDS.parents[1] / "evaluation" / "sample_quality" / "fid.py"  # has a name of several parts
    kinds += re.findall(r'parts = \["([\w-]+)"', distances.read_text(encoding="utf-8"))
    assert {kind.rstrip("-") for kind in kinds} - {score_table.STEM} == set(scores.MAIN_VALUES)


def save_score(run_path, kind, **values):
    (run_path / "eval").mkdir(exist_ok=True)
    (run_path / "eval" / f"{kind}.json").write_text(json.dumps(values), encoding="utf-8")


@pytest.mark.parametrize(
    ("kind", "values", "name", "value", "deviation"),
    [
        ("fid-mnist-classifier", {"frechet": 2.5, "frechet_deviation": 0.5}, "Fréchet distance", 2.5, 0.5),
        ("fid-vgg", {"frechet": None}, "Fréchet distance", None, None),
        ("fid-inception-2015-clean", {"frechet": 3.5, "metric": FID}, FID, 3.5, None),
        ("fid-pixels", {"frechet": 3.5, "metric": "Fréchet distance, pixels features"}, "Fréchet distance", 3.5, None),
        ("parzen", {"mean": -3.5, "standard_error": 0.25}, "Parzen", -3.5, 0.25),
        ("parzen-multi-scale", {"mean": 4}, "multi-scale Parzen", 4, None),
        ("labels", {"share": 0.75}, "class accuracy", 0.75, None),
        ("labels", {"entropy": 2.0}, "class entropy", 2.0, None),
        ("diversity", {"overall": {"mean": 0.5, "deviation": 0.1}}, "MS-SSIM", 0.5, 0.1),
        ("psnr", {"sets": {"set5": {"bicubic": {"psnr": 28.0}, "dcgan": {"psnr": 30.0}}}}, "PSNR", 30.0, None),
        ("translation-test", {"directions": {"a-to-b": {"read": 0.5}}}, "target share", 0.5, None),
        ("of-another-version", {"mean": 1.0}, "of-another-version", None, None),
    ],
)
def test_a_saved_score_is_read_with_its_main_value(run_path, kind, values, name, value, deviation):
    save_score(run_path, kind, step=20, **values)
    (run_path / "eval" / "torn.json").write_text("{", encoding="utf-8")
    (found,) = scores.saved(Run(run_path))
    assert (found.kind, found.name, found.value, found.deviation, found.step) == (kind, name, value, deviation, 20)


def test_the_last_score_is_that_of_the_later_step(run_path):
    write_status(run_path, changes={"eval_every": 8, "eval_score": "kid"})
    write_records(run_path, [record(8, score=0.5), record(16, score=0.25), record(20)])
    assert (scores.last(Run(run_path)).name, scores.last(Run(run_path)).value) == ("KID", 0.25)
    save_score(run_path, "parzen", step=8, mean=1.0)
    assert scores.last(Run(run_path)).name == "KID"
    save_score(run_path, "parzen", step=20, mean=1.0)
    assert scores.last(Run(run_path)).name == "Parzen"


def test_options_differ_where_they_were_chosen_and_not_where_the_training_chose_them(run_path):
    found = {option.name: option for option in details.option_values(Run(run_path))}
    assert {name for name, option in found.items() if option.differs} == {"data", "steps", "batch_size", "width"}
    assert (found["steps"].value, found["steps"].default) == (20, 12_000)
    assert found["precision"].value != "auto"
    write_status(run_path, changes={"learning_rate": 0.5})
    assert "learning_rate" in details.describe(Run(run_path)).differing


def test_rows_are_filtered_and_sorted_by_columns_and_options(run_path):
    (row,) = listing.rows([Run(run_path)])
    assert listing.matching([row], [("name", "TI*"), ("width", "4"), ("conditional", "false"), ("epochs", "none")])
    assert not listing.matching([row], [("width", "four")])
    assert not listing.matching([row], [("state", "running")])

    def rows(*values):
        return [listing.Row(row.summary, {"x": value}) for value in values]

    assert [one["x"] for one in listing.in_order(rows(3, None, 1, "b", 2.5), "x")] == [1, 2.5, 3, "b", None]
    assert [one["x"] for one in listing.in_order(rows(3, None, 1), "-x")] == [3, 1, None]


def test_compared_options_are_those_that_somebody_could_have_changed(run_path):
    """Options of one model alone count if they were changed; scores that were made in different ways are named."""
    other = Path(str(run_path).replace("00000", "00001"))
    record = json.loads((run_path / "run.json").read_text(encoding="utf-8"))
    other.mkdir()
    values = {name: record["options"][name] for name in ("data", "steps", "batch_size")} | {"learning_rate": 0.5}
    changed = {"model": "vae", "options": values, "name": "other", "given": list(values)}
    (other / "run.json").write_text(json.dumps(record | changed), encoding="utf-8")
    save_score(run_path, "parzen", mean=1.0, samples=200)
    save_score(other, "parzen", mean=2.0, samples=10_000)
    found = comparison.compare([Run(run_path), Run(other)])
    assert found.options["learning_rate"] == (0.0008, 0.5)
    assert {"width"} <= found.options.keys()  # changed in the first; the second has its default
    assert "label_smoothing" not in found.options
    assert "steps" not in found.options
    assert [score.value for score in found.scores["parzen"]] == [1.0, 2.0]
    assert found.unlike == {"parzen": ("samples",)}
