"""Where --data finds what it names: gancli's own data sets, paths, and the data folder."""

import shutil

import pytest

from gancli import data
from gancli.core.errors import DataError
from gancli.data import Request, locations
from gancli.runs.run import Run


@pytest.fixture
def folder(tmp_path, stripes_file, monkeypatch):
    """A data folder beside the current one."""
    for name in ("here", "data"):
        (tmp_path / name).mkdir()
    monkeypatch.chdir(tmp_path / "here")
    shutil.copy(stripes_file, tmp_path / "data" / "Stripes.npz")
    return tmp_path / "data"


@pytest.mark.parametrize("name", ["Stripes.npz", "Stripes", "stripes", "STRIPES.NPZ"])
def test_a_file_of_the_data_folder_is_found_with_and_without_its_ending(folder, name):
    dataset = data.load(name, Request(data_dir=str(folder)))
    assert (dataset.source, dataset.remarks) == (str(folder / "Stripes.npz"), ())
    with pytest.raises(DataError, match=f"'?{name}'? ?(does not exist|: see gancli data)"):
        data.load(name)


def test_own_names_come_first_then_paths_then_the_data_folder(folder):
    shutil.copy(folder / "Stripes.npz", folder / "digits.npz")
    assert data.find("digits", str(folder)).name == "digits"
    assert data.find("Digits", str(folder)).name == "digits"
    assert data.find("digits.npz", str(folder)).path == folder / "digits.npz"
    shutil.copy(folder / "Stripes.npz", "Stripes.npz")
    found = data.find("Stripes.npz", str(folder))
    assert str(found.path) == "Stripes.npz"
    assert [remark.text for remark in found.remarks] == [
        f"'Stripes.npz' is read from Stripes.npz, not from {folder / 'Stripes.npz'}"
    ]


def test_of_two_files_of_a_name_the_first_by_ending_is_read_and_the_other_named(folder):
    (folder / "stripes.zip").touch()
    found = data.find("stripes", str(folder))
    assert found.path == folder / "stripes.zip"
    assert [remark.text for remark in found.remarks] == [
        f"'stripes' is read from {folder / 'stripes.zip'}, not from {folder / 'Stripes.npz'}"
    ]
    assert locations.files_in(str(folder)) == {"Stripes": folder / "Stripes.npz", "stripes": folder / "stripes.zip"}


def test_what_is_not_there_is_said_in_few_words_with_the_nearest_name(folder, gancli, monkeypatch):
    for name, hint in (
        ("stripe", "; did you mean 'Stripes'?"),
        ("stripse.npz", "; did you mean 'Stripes.npz'?"),
        ("photos/", " does not exist"),
        ("qqq", "gancli data"),
    ):
        answer = gancli("data", "check", name, "--data-dir", folder)
        assert (answer.code, hint in answer.err) == (3, True), answer.err
        assert len(answer.err.replace(str(folder), "FOLDER").split()) <= 17
    answer = gancli("data", "check", "photos", "--data-dir", folder / "nowhere")
    assert (answer.code, answer.err) == (
        2,
        f"Error: the data folder {folder / 'nowhere'} does not exist (--data-dir)\n",
    )
    monkeypatch.setenv("GANCLI_DATA", str(folder / "nowhere"))
    answer = gancli("data", "check", "photos")
    assert answer.err == f"Error: the data folder {folder / 'nowhere'} does not exist (--data-dir, GANCLI_DATA)\n"
    monkeypatch.delenv("GANCLI_DATA")
    assert "expected" not in gancli("data", "check", "photos").err


def test_data_lists_and_checks_the_files_of_the_data_folder(folder, gancli, monkeypatch):
    monkeypatch.setenv("GANCLI_DATA", str(folder))
    assert f"  Stripes        {folder / 'Stripes.npz'}" in gancli("data").out
    assert "\nclasses: lying, standing\n" in gancli("data", "check", "stripes").out
    assert "8x8 gray (28x28 with --image-size 28)" in gancli("data").out


def test_a_run_finds_its_data_again_where_the_data_folder_is_now(folder, run_path):
    run = Run(run_path)
    text = (run_path / "run.json").read_text(encoding="utf-8").replace(run.facts.source, "/gone/Stripes.npz")
    (run_path / "run.json").write_text(text.replace('"data": "/gone/Stripes.npz"', '"data": "stripes"'), "utf-8")
    assert len(Run(run_path).dataset(str(folder))) == 96
    with pytest.raises(DataError, match="no longer at"):
        Run(run_path).dataset()
