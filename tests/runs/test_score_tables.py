"""Tables of `gancli eval`: read whatever is in them, and compared with their spread."""

import json
import os
import shutil

import pytest

from gancli.evaluation.metric_table.metrics import METRICS
from gancli.runs.reports import comparison, details, score_comparison, score_table, scores, summary
from gancli.runs.run import Run

SAME = "test split, all 2,000; 128 classifier features"


def entry(name="fid", value=2.5, spread=0.1, **more):
    row = {"name": name, "title": f"{name} (features)", "value": value, "spread": spread, "spread_is": "over 2 sets"}
    row |= {"real_is": "real images"}
    return row | {"real": 0.7, "better": "lower", "comparable": SAME, "recipe": {"images": 2000}} | more


def write(run_path, *rows, **table):
    (run_path / "eval").mkdir(exist_ok=True)
    table = {"scores": rows, "recipe": {"data": "mnist"}, "left_out": {}, "step": 20, "weights": "raw"} | table
    (run_path / "eval" / "scores.json").write_text(json.dumps(table), encoding="utf-8")
    return score_table.read(Run(run_path))


def compared(*scores_of_runs):
    """The comparison of one metric; None for a run without it."""
    tables = [
        score_table.ScoreTable((score_table.TableScore(**(entry() | row)),)) if row is not None else None
        for row in scores_of_runs
    ]
    (found,) = score_comparison.compare(tables)
    return found


def test_a_table_is_read_in_its_order(run_path):
    assert score_table.read(Run(run_path)) is None
    found = write(run_path, entry("recall", 0.5, None, better="higher", real=None), entry(value=None))
    assert [(one.name, one.value, one.spread, one.real) for one in found.scores] == [
        ("recall", 0.5, None, None),
        ("fid", None, 0.1, 0.7),
    ]
    assert found.scores[0].recipe == {"images": 2000}
    assert (found.step, found.weights, found.problems) == (20, "raw", ())
    assert found.defined().name == "recall"


@pytest.mark.parametrize(
    "row",
    [
        3,
        None,
        [],
        {},
        entry(value="2.5"),
        entry(value=True),
        entry(value=10**400),
        entry(spread=-1.0),
        entry(spread=[]),
        entry(real={}),
        entry(name=""),
        entry(name=7),
        entry(title="x" * 10_000),
        entry(better="up"),
        entry(better=None),
        entry(comparable=None),
        entry(recipe=[]),
        {key: value for key, value in entry().items() if key != "comparable"},
        {key: value for key, value in entry().items() if key != "value"},
    ],
)
def test_a_damaged_score_is_left_out_with_a_sentence_and_the_others_stay(run_path, row):
    found = write(run_path, row, entry("kid"), entry("kid", 7.0))
    assert [(one.name, one.value) for one in found.scores] == [("kid", 2.5)]
    (problem,) = found.problems
    why = "expected at most 200, each with a name of its own, title, value, better and comparable"
    assert problem == f"{run_path}/eval/scores.json: 2 of 3 scores: {why}"


DEEP = "[" * 100_000 + "]" * 100_000
NESTED = json.dumps({"scores": [entry(recipe={"x": "DEEP"})]}).replace('"DEEP"', '{"x":' * 800 + "1" + "}" * 800)


TEXTS = ["", "{", "[]", "null", "{}", '{"scores": {}}', '{"scores": 3}', '{"scores": [NaN]}', '{"scores": [1e999]}']
TEXTS += ["\x00", '{"a":1,"a":2}', '{"scores": [' + "9" * 5000 + "]}", DEEP, NESTED]


@pytest.mark.parametrize("text", TEXTS, ids=lambda text: text[:12])
def test_a_damaged_file_breaks_no_report_and_is_named(gancli, run_path, text):
    path = run_path / "eval" / "scores.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    shutil.copytree(run_path, run_path.with_name("00001-dcgan-stripes-other"))
    for words in (["list"], ["show", "0"], ["compare", "0", "1", "--no-picture"]):
        for answer in (gancli("runs", *words), gancli("runs", *words, "--json")):
            assert answer.code == 0, answer.err
            assert words == ["list"] or "scores.json" in answer.out


def test_more_scores_than_a_table_has_are_cut(run_path):
    found = write(run_path, *(entry(f"m{number}") for number in range(1000)))
    assert len(found.scores) == score_table.MOST
    assert "scores.json: 800 of 1,000 scores: expected at most 200" in found.problems[0]


@pytest.mark.parametrize(
    ("first", "second", "better", "kind", "best"),
    [
        ((2.0, 0.1), (2.5, 0.1), "lower", "exceeds", 0),  # 0.5 > 2 x 0.141
        ((2.5, 0.1), (2.0, 0.1), "lower", "exceeds", 1),
        ((2.0, 0.1), (2.5, 0.1), "higher", "exceeds", 1),
        ((2.0, 0.1), (2.28, 0.1), "lower", "within", 0),
        ((2.0, 0.0), (2.1, 0.0), "lower", "exceeds", 0),
        ((2.0, None), (9.0, 0.1), "lower", "unknown", 0),
        ((2.0, None), (2.0, None), "lower", "within", 0),  # equal values exceed no spread
        ((2.0, 0.1), (2.5, 0.1), "", "exceeds", None),
    ],
)
def test_a_difference_counts_beyond_twice_its_spread(first, second, better, kind, best):
    rows = [{"value": value, "spread": spread, "better": better} for value, spread in (first, second)]
    found = compared(*rows)
    assert found.best == best
    assert {name for name in ("exceeds", "within", "unknown") if getattr(found, name)} == {kind}
    assert getattr(found, kind) == (((1, 0) if best == 1 else (0, 1)),)


def test_scores_measured_in_different_ways_are_in_no_pair_and_what_differs_is_named():
    other = {"comparable": "other", "recipe": {"images": 500, "features": {"name": "pixels"}, "run": "runs/3"}}
    found = compared({"value": 1.0}, {"value": 9.0} | other, None, {"value": 2.0})
    assert (found.unlike, found.best) == (("images", "features name"), None)
    assert (found.exceeds, found.within, found.unknown) == (((0, 3),), (), ())
    same_recipe = compared({"value": 1.0}, {"value": 9.0, "comparable": "other"})
    assert same_recipe.unlike == (SAME, "other")


def test_a_value_within_its_spread_of_that_of_real_images_is_as_real():
    bicubic = {"value": 0.75, "real_is": "bicubic"}
    found = compared({"value": 0.75}, {"value": 0.5}, {"value": 0.75, "spread": None}, {"real": None}, bicubic)
    assert found.as_real == (True, False, None, None, None)


def test_the_single_file_of_an_evaluation_that_the_table_has_too_is_shown_once(run_path):
    other = run_path.with_name("00001-dcgan-stripes-other")
    shutil.copytree(run_path, other)
    for path, value in ((run_path, 2.5), (other, 3.0)):
        write(path, entry(value=value))
        for kind, key in (("fid-x", "frechet"), ("parzen", "mean")):
            (path / "eval" / f"{kind}.json").write_text(json.dumps({key: value, "step": 20}), encoding="utf-8")
    found = comparison.compare([Run(run_path), Run(other)])
    assert list(found.scores) == ["parzen"]
    assert found.eval_scores[0].values == (2.5, 3.0)
    (other / "eval" / "fid-x.json").write_text(json.dumps({"frechet": 3.0, "step": 16}), encoding="utf-8")
    assert set(comparison.compare([Run(run_path), Run(other)]).scores) == {"parzen", "fid-x"}


def test_the_table_is_no_single_score_and_its_first_defined_score_is_the_last_of_the_run(run_path):
    write(run_path, entry("kid", None), entry())
    run = Run(run_path)
    assert scores.saved(run) == []
    found = scores.last(run)
    assert (found.kind, found.name, found.value, found.deviation) == ("scores", "fid (features)", 2.5, 0.1)
    assert summary.summarize(run).score_name == "fid (features)"
    (run_path / "eval" / "parzen.json").write_text('{"mean": 1.0, "step": 20}', encoding="utf-8")
    os.utime(run_path / "eval" / "scores.json", (1e9, 1e9))
    assert scores.last(run).name == "Parzen"
    assert details.describe(run).eval_scores["scores"][1]["value"] == 2.5


def test_single_scores_know_their_metric_in_the_table():
    named = {one.metric for values in scores.MAIN_VALUES.values() for one in values} - {""}
    assert named <= set(METRICS)


def test_an_integer_too_large_for_a_float_is_no_score(run_path):
    (run_path / "eval").mkdir()
    (run_path / "eval" / "parzen.json").write_text('{"mean": 1' + "0" * 400 + "}", encoding="utf-8")
    (found,) = scores.saved(Run(run_path))
    assert found.value is None


def test_a_single_score_with_deeply_nested_objects_breaks_no_report(gancli, run_path):
    (run_path / "eval").mkdir()
    (run_path / "eval" / "parzen.json").write_text('{"x":' * 800 + "1" + "}" * 800, encoding="utf-8")
    for words in (["list"], ["show"], ["show", "--json"]):
        assert gancli("runs", *words).code == 0
