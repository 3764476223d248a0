"""docs/data.md lists every layout as its recognizer describes it."""

from experiments import data_layouts


def test_the_page_is_what_the_recognizers_say():
    assert data_layouts.PAGE.read_text(encoding="utf-8") == data_layouts.page(), (
        "run python -m experiments.data_layouts"
    )
