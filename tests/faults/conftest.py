"""Every test below this folder bears the marker `faults`; what they share."""

from pathlib import Path

import pytest

HERE = Path(__file__).parent


@pytest.hookimpl(tryfirst=True)  # before -m chooses
def pytest_collection_modifyitems(items):
    for item in items:
        if HERE in item.path.parents:
            item.add_marker("faults")


@pytest.fixture
def run_path(trained, tmp_path) -> Path:
    """A trained run of one's own to damage: 20 steps of `dcgan`, checkpoints at 16, 18 and 20."""
    from shutil import copytree

    return Path(copytree(next(trained.glob("*-tiny")), tmp_path / "runs" / "00000-dcgan-stripes-tiny"))
