"""Sample grids during a training, and the animation of them."""

from __future__ import annotations

import contextlib

from gancli.core import files
from gancli.imaging import images, plots
from gancli.models.base import Stage
from gancli.models.config import TrainingConfig
from gancli.training import sample_grids
from gancli.training.callbacks.base import Callback, TrainingContext

SAMPLE_GRIDS = 20  # per training, without --sample-every
STRIP_SIDE = 3.4  # inches of a snapshot in the strip


def sample_every(settings: TrainingConfig, total: int) -> int:
    """Steps between two sample grids of a training of this many steps."""
    return settings.sample_every or max(1, total // SAMPLE_GRIDS)


def grid_file(step: int) -> str:
    """The file of the sample grid of a step, in the folder of the run."""
    return f"samples/train-{step:08}.png"


class SampleGridCallback(Callback):
    """Draws a grid of samples of fixed seeds every `--sample-every` steps and at the `--snapshots`.

    At the end it makes growing.gif of all grids and snapshots.png of the snapshots.
    """

    def on_train_begin(self, training: TrainingContext) -> None:
        self.training = training
        self.grid = sample_grids.for_model(training.model, training.dataset)
        self.period = sample_every(training.model.config, training.total_steps)
        self.snapshots = training.model.config.snapshot_steps()

    def on_initial_weights(self) -> None:
        if self.grid:
            self._draw()

    def steps_until_due(self, step: int) -> int:
        snapshots = [snapshot - step for snapshot in self.snapshots if snapshot > step]
        return min([self.period - step % self.period, *snapshots])

    def measure(self, stage: Stage) -> dict[str, float]:
        step = self.training.step
        if self.grid and (step % self.period == 0 or step == self.training.total_steps):
            return self._draw()
        if self.grid and step in self.snapshots:
            self._draw()  # its metrics would make the records depend on --snapshots
        return {}

    def _draw(self) -> dict[str, float]:
        pixels, metrics = self.grid.draw()
        self.training.run.write(grid_file(self.training.step), images.png(pixels))
        self.training.callbacks.on_sample_grid(pixels)
        return metrics

    def on_train_end(self) -> None:
        run, frames = self.training.run, {}
        for step, path in run.pictures().items():
            with contextlib.suppress(OSError, SyntaxError, ValueError):  # skip a damaged image
                frames[step] = images.read_png(files.read_regular(path))
        frames = {step: frame for step, frame in frames.items() if frame.shape == frames[max(frames)].shape}
        if frames:
            run.write("samples/growing.gif", images.gif(list(frames.values()), milliseconds=250))
        strip = [(f"{step:,} steps", frames[step]) for step in self.snapshots if step in frames]
        if strip:
            run.write("samples/snapshots.png", plots.rows_of_images([("", strip)], side=STRIP_SIDE))
