"""gancli.Run: what is kept of a training, and what is refused."""

import gc

import pytest

import gancli

SMALL = {"width": 4, "steps": 4, "batch_size": 16, "save_every": 2, "progress": False}


class Stopping(gancli.Callback):
    """Ends a training with an error."""

    def __init__(self, error):
        self.error = error

    def on_chunk_end(self, report):
        if report.step >= 2:
            raise self.error


def test_a_temporary_folder_goes_with_its_run_unless_it_is_kept(stripes_file):
    runs = [gancli.train("dcgan", stripes_file, **SMALL) for _ in range(2)]
    paths = [run.path for run in runs]
    assert all(path.is_dir() for path in paths)
    runs[1].keep()
    runs.clear()
    gc.collect()
    assert [path.is_dir() for path in paths] == [False, True]
    assert gancli.load_run(paths[1]).status["state"] == "finished"


@pytest.mark.parametrize("error", [gancli.Interrupted("SIGINT", 2), gancli.DataError("gone")], ids=["ctrl-c", "error"])
def test_a_training_that_ends_early_can_be_resumed_from_the_folder_that_is_named(
    stripes_file, error, tmp_path, monkeypatch
):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    with pytest.raises(type(error)) as caught:
        gancli.train("dcgan", stripes_file, callbacks=[Stopping(error)], **SMALL)
    run = caught.value.run if isinstance(error, gancli.Interrupted) else None
    caught = None
    gc.collect()
    (path,) = tmp_path.glob("gancli-*/*/")
    assert run is None or run.path == path
    del run
    gc.collect()
    assert gancli.load_run(path).resume(steps=4, progress=False).status["state"] == "finished"


def test_weights_that_do_not_exist_are_refused(trained):
    run = gancli.load_run("tiny", trained)
    with pytest.raises(gancli.OptionError, match="weights is 'average': expected ema or raw"):
        run.load("average")


def test_a_registered_class_is_published_and_opened_again(stripes_file, tmp_path, monkeypatch):
    from gancli import models
    from gancli.models.dcgan import DCGAN

    class WideGAN(DCGAN):
        """As dcgan, under another name."""

        default_steps = 4

    monkeypatch.setattr(models.plugins, "_registered", {}, raising=False)
    run = gancli.train(WideGAN, stripes_file, **SMALL)
    model = run.load()
    found = model.publish(tmp_path / "hub", license="mit")
    assert set(found.files) >= {"config.json", "model.safetensors", "README.md"}
    again = gancli.load_run(tmp_path / "hub").load()
    assert (again.sample(range(3)) == model.sample(range(3))).all()
