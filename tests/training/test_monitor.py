"""The watch over trainings: it speaks of what it should, and is silent about healthy ones."""

import pytest

from gancli.training import monitor


def records(count, **changes):
    """A healthy training's records; `changes` are functions of the record's number."""
    healthy = {
        "D(x)": lambda number: 0.7,
        "D(G(z))": lambda number: 0.3,
        "generator_gradient": lambda number: 0.5,
        "diversity": lambda number: 0.9,
        "missing_classes": lambda number: 0,
        "score": lambda number: 50.0 - number / count,
    }
    columns = healthy | changes
    return [
        {"step": 50 * number} | {name: value(number) for name, value in columns.items()}
        for number in range(1, count + 1)
    ]


def names(found):
    return [symptom.name for symptom in monitor.diagnose(found, higher_is_better=False)]


def test_a_healthy_training_has_no_symptoms_at_any_step():
    healthy = records(100)
    assert not any(names(healthy[:count]) for count in range(101))


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("saturated", {"D(x)": lambda n: 0.999 if n > 60 else 0.7, "D(G(z))": lambda n: 0.001 if n > 60 else 0.3}),
        ("vanishing", {"generator_gradient": lambda n: 1e-5 if n > 60 else 0.5}),
        ("collapse", {"diversity": lambda n: 0.05 if n > 60 else 0.9}),
        ("missing", {"missing_classes": lambda n: 2 if n > 60 else 0}),
        ("worse", {"score": lambda n: 90.0 if n > 60 else 50.0}),
    ],
)
def test_each_symptom_is_seen_once_it_lasts_and_names_its_beginning(name, changes):
    ill = records(100, **changes)
    assert names(ill[:60]) == []
    first = next(count for count in range(61, 101) if names(ill[:count]))
    (found,) = monitor.diagnose(ill[:first], higher_is_better=False)
    assert found.name == name
    assert first > 61  # not at the first sign
    assert found.good == 60 * 50


def test_which_way_a_score_is_better_decides_what_is_worse():
    rising = records(100, score=lambda n: 50.0 + n)  # a distance that grows from the first
    assert "worse" in names(rising)
    assert monitor.diagnose(rising, higher_is_better=True) == []


def test_a_moment_of_saturation_is_no_symptom():
    assert names(records(100, **{"D(x)": lambda n: 0.999 if n % 10 else 0.6, "D(G(z))": lambda n: 0.001})) == []


def test_models_without_these_numbers_are_left_in_peace():
    plain = [{"step": step, "reconstruction_loss": 1.0} for step in range(200)]
    assert monitor.diagnose(plain, higher_is_better=False) == []


def test_a_long_training_keeps_as_much_as_a_short_one_and_what_lasts(monkeypatch):
    """Whether records come one by one or from the file after a resume, the same are kept, and the same is seen."""
    monkeypatch.setattr(monitor, "RECENT", 60)
    rare = {name: lambda n: float(n) for name in ("diversity", "missing_classes", "score")}
    all_of_them = records(500, **rare)
    for number, record in enumerate(all_of_them):
        for place, name in enumerate(rare):
            if number % (40 + place):
                del record[name]
    named = {"higher_is_better": False, "patience": 3, "warns": False}
    growing = monitor.TrainingMonitor([], **named)
    for count, record in enumerate(all_of_them, 1):
        growing.add(record)
        assert growing.records == monitor.TrainingMonitor(all_of_them[:count], **named).records
    assert len(growing.records) < 60 + 500 / 40 * 3
    reasons = [one.early_stop_reason() for one in (growing, monitor.TrainingMonitor(all_of_them, **named))]
    assert reasons[0] == reasons[1] is not None
    assert next(record["score"] for record in growing.records if "score" in record) == all_of_them[0]["score"]
