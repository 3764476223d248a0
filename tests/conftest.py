"""What the tests share: the command line run in this process, a private cache, tiny data, the folder of real data."""

import gc
import os
import shutil
import signal
import sys
from collections import namedtuple
from pathlib import Path

import hypothesis
import numpy as np
import pytest
from helpers import forkserver, shared
from helpers.programs import TESTS

from gancli.cli import main
from gancli.core import backend
from gancli.imaging import plots

backend.own_process()  # what the tests call in this process, the command line would call
hypothesis.settings.register_profile("gancli", deadline=None)  # a busy machine is no fault of the code
hypothesis.settings.load_profile("gancli")

Answer = namedtuple("Answer", "code out err")
REAL_DATA = os.environ.get("GANCLI_DATA")


@pytest.fixture(scope="session", autouse=True)
def _our_own_surroundings(tmp_path_factory):
    for name in [name for name in os.environ if name.startswith(("GANCLI_", "TF_CPP_", "COLUMNS", "LINES"))]:
        del os.environ[name]  # what the caller set is not ours to obey
    base = tmp_path_factory.getbasetemp()  # under xdist each worker's is in a folder of them all
    os.environ[shared.FOLDER] = str(base.parent if "PYTEST_XDIST_WORKER" in os.environ else base)
    os.environ["GANCLI_CACHE"] = str(tmp_path_factory.mktemp("cache"))
    signal.signal(signal.SIGHUP, signal.SIG_DFL)  # nohup sets it, and those that we start would inherit that


gc.set_threshold(50_000, 20, 1000)  # graphs are many objects, of which few can be cleared away while a test runs


OPTIMIZED = (  # files whose promise is about the bits or the speed of graphs as users run them
    "inference/test_export.py",
    "core/test_devices.py",
    "nn/test_gradient_penalty.py",
    "runs/test_older_runs.py",
    "training/test_resume.py",
    "training/test_seeds.py",
    "training/test_training.py",
)


def pytest_runtest_setup(item):
    """TensorFlow's graph optimizer and stack traces work where they matter: they take a third of a tiny model's start.

    In processes of their own, all runs as it does for users.
    """
    if "tensorflow" in sys.modules:
        from tensorflow.python.util import tf_stack

        here = str(item.path.relative_to(TESTS)) if item.path.is_relative_to(TESTS) else ""
        sys.modules["tensorflow"].config.optimizer.set_experimental_options(
            {"disable_meta_optimizer": here not in OPTIMIZED}
        )
        if not TRACES:  # of one op, for all ops: under pytest each has a hundred frames
            TRACES.append(tf_stack.extract_stack())
            tf_stack.extract_stack = lambda stacklevel=1: TRACES[0]


TRACES: list[object] = []


@pytest.fixture(scope="session", autouse=True)
def _curves_are_drawn_once():
    """losses.png is drawn once for each set of metrics: matplotlib takes a fifth of a tiny training's time."""
    drawn, draw = {}, plots.losses

    def losses(records):
        names = frozenset().union(*records)
        if names not in drawn:
            drawn[names] = draw(records)
        return drawn[names]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(plots, "losses", losses)
        yield


@pytest.fixture(autouse=True)
def _quick_collections():
    """What a test leaves is cleared away, and what stays is not looked through again.

    TensorFlow keeps the graphs of all tests before, and Keras collects garbage for each model: seconds, in the end.
    """
    yield
    if gc.get_count()[0] > 5000 or any(gc.get_count()[1:]):  # not after a test that made hardly anything
        gc.collect()
        gc.freeze()


LONG = (  # files that take minutes: first, so that no worker is left with one at the end
    "core/test_devices.py",
    "data/test_real_data.py",
    "training/test_resume.py",
    "models/test_image_translation.py",
    "cli/test_learned_features.py",
    "models/test_text_to_image.py",
    "docs/test_python_blocks.py",
    "core/test_workers.py",
    "docs/test_readme.py",
    "training/test_seeds.py",
    "faults/test_kills.py",
    "faults/test_growth.py",
    "faults/test_home.py",
)


def pytest_collection_modifyitems(items):
    places = [str(TESTS / name) for name in LONG]
    items.sort(key=lambda item: places.index(str(item.path)) if str(item.path) in places else len(places))


@pytest.fixture(autouse=True)
def _signals():
    """A training that a signal ended ignores further ones, as its process is about to end; ours is not."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture
def gancli(capfd, monkeypatch, tmp_path):
    """Run a command line as `gancli …` would in an empty folder; returns exit code, stdout and stderr."""
    monkeypatch.chdir(tmp_path)

    def run(*args: object) -> Answer:
        monkeypatch.setattr(sys, "argv", ["gancli", *map(str, args)])
        for name in ("GANCLI_DEBUG", "GANCLI_VERBOSE"):
            monkeypatch.setenv(name, "0")  # so that what --debug and --verbose set is undone
        capfd.readouterr()
        code = main._run()
        return Answer(code, *capfd.readouterr())

    return run


@pytest.fixture(scope="session")
def stripes() -> np.ndarray:
    """96 gray images of 8 x 8: horizontal stripes, then vertical ones."""
    random = np.random.default_rng(0)
    base = np.zeros((96, 8, 8), np.uint8)
    for index in range(48):
        base[index, random.integers(0, 8)] = 255
        base[index + 48, :, random.integers(0, 8)] = 255
    return base


@pytest.fixture(scope="session")
def stripes_file(stripes) -> Path:
    """The stripes with their two labels as a `.npz` file."""
    columns = {"images": stripes, "labels": np.repeat([0, 1], 48), "classes": np.array(["lying", "standing"])}
    return shared.once("stripes.npz", lambda path: np.savez(path, **columns))


@pytest.fixture
def real_data() -> Path:
    """The folder of real data; the test is skipped, by name, where there is none."""
    if not REAL_DATA or not (Path(REAL_DATA) / "mnist.npz").exists():
        pytest.skip("GANCLI_DATA names no folder with mnist.npz")
    return Path(REAL_DATA)


@pytest.fixture(scope="session")
def trained(tmp_path_factory, stripes_file):
    """A folder with one trained run, for commands that read it; trained once, and a copy for each worker."""

    def train(outdir):
        words = ["train", "--data", stripes_file, "--outdir", outdir, "--name", "tiny", "-q"]
        forkserver.run(*words, "--steps", 20, "--batch-size", 16, "--width", 4).check_returncode()

    return shutil.copytree(shared.once("trained", train), tmp_path_factory.mktemp("runs"), dirs_exist_ok=True)


@pytest.fixture
def run_path(trained, tmp_path) -> Path:
    """A trained run of one's own to damage: 20 steps of `dcgan`, checkpoints at 16, 18 and 20."""
    place = tmp_path / "runs" / "00000-dcgan-stripes-tiny"
    shutil.copytree(next(trained.glob("*-tiny")), place)
    shutil.rmtree(place / "eval", ignore_errors=True)  # scores of other tests
    return place


@pytest.fixture
def losing_a_loss(monkeypatch):
    """A function: from step 8 on, one chunk of a training, once, ends in a loss that is not finite."""

    def lose(started):
        from gancli.training.compiled_step import CompiledStage

        plain, ill = CompiledStage.run, [True]

        def run(self, *given):
            done, sums, last = plain(self, *given)
            if ill and started.run.status()["step"] >= 8:
                ill.clear()
                last = dict.fromkeys(last, float("nan"))
            return done, sums, last

        monkeypatch.setattr(CompiledStage, "run", run)
        return started

    return lose


@pytest.fixture(scope="session")
def photos(tmp_path_factory):
    """A folder of pictures of three sizes, one of them smaller than a crop of 24."""
    from helpers.photos import picture
    from PIL import Image

    folder = tmp_path_factory.mktemp("photos")
    for number, (height, width) in enumerate([(40, 30), (24, 48), (30, 20), (64, 64)]):
        Image.fromarray(picture(height, width, seed=number) // 2).save(folder / f"{number}.png")
    return folder


@pytest.fixture(scope="session")
def enlarging(tmp_path_factory, photos):
    """A folder with runs of srresnet in colour and in grey."""
    from helpers.trainings import finish, start

    outdir = tmp_path_factory.mktemp("enlarging")
    for color in ("rgb", "gray"):
        finish(start(outdir, "", "srresnet", data=str(photos), crop=24, batch_size=3, color=color))
    return outdir
