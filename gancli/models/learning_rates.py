"""Learning rates of a training: --g-learning-rate and --d-learning-rate, --lr-schedule and --lr-decay-start."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gancli.core import options
from gancli.core.errors import OptionError
from gancli.core.options import option
from gancli.nn.optimizers import DECAYS, decaying

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gancli.core.backend import keras
    from gancli.models.base import Model

SCHEDULES = ("constant", *DECAYS)
SIDES = {"g": "generator", "d": "discriminator"}


@dataclass(frozen=True)
class AdversarialRates(options.Options):
    """Separate learning rates of generator and discriminator, as in Heusel et al. 2017 (TTUR, arXiv:1706.08500)."""

    g_learning_rate: float | None = option(
        None, "learning rate of the generator (default: by --g-lr-ratio)", above=0, high=1, may_change=True
    )
    d_learning_rate: float | None = option(
        None, "learning rate of the discriminator (default: --learning-rate)", above=0, high=1, may_change=True
    )
    g_lr_ratio: float = option(
        1.0, "generator's learning rate per --learning-rate", above=0, high=1000, may_change=True, absent=1.0
    )


def learning_rate(chosen: Model.Options, side: str = "") -> float:
    """The learning rate of the generator ("g"), the discriminator ("d"), or any other network ("")."""
    own = getattr(chosen, f"{side}_learning_rate") if side else None
    if own is not None:
        return own
    return chosen.learning_rate * (chosen.g_lr_ratio if side == "g" else 1.0)


def divided(chosen: Model.Options, by: float) -> dict[str, float]:
    """All learning rates that are set, divided by a number; by their names."""
    names = ("learning_rate", *(f"{side}_learning_rate" for side in SIDES))
    rates = {name: getattr(chosen, name, None) for name in names}
    return {name: rate / by for name, rate in rates.items() if rate is not None}


def decays(chosen: Model.Options) -> bool:
    """Whether the learning rate decays to 0."""
    return chosen.lr_schedule in DECAYS


def decay_start(chosen: Model.Options, total: int) -> int:
    """The step at which the decay starts: --lr-decay-start, or halfway (linear), or the first step (cosine)."""
    if chosen.lr_decay_start is not None:
        return chosen.lr_decay_start
    return 0 if chosen.lr_schedule == "cosine" else max(1, total // 2)


def scheduled(
    model: Model,
    side: str = "",
    *,
    base: float | keras.optimizers.schedules.LearningRateSchedule | None = None,
    steps: int | None = None,
    first: int = 0,
    updates: int = 1,
    pieces: Sequence[tuple[int, int]] = (),
) -> float | keras.optimizers.schedules.LearningRateSchedule:
    """The learning rate of a network as a function of the training step, by --lr-schedule.

    side: as in `learning_rate`. base: the rate, or a schedule, that the decay multiplies. steps: length of the part of
    the training in which it decays; all of it by default. first: updates before that part. updates: of the network per
    training step. pieces: (steps, updates per step) of each part of the training, if that number changes.
    """
    rate = learning_rate(model.options, side) if base is None else base
    if not decays(model.options):
        return rate
    total = model.total_steps() if steps is None else steps
    start = decay_start(model.options, total)
    return decaying(
        rate, model.options.lr_schedule, at=first + updates * start, end=first + updates * total, pieces=pieces
    )


def check(chosen: Model.Options) -> None:
    """Raise OptionError for a start of a decay that there is not."""
    if chosen.lr_decay_start is not None and not decays(chosen):
        raise OptionError(
            f"--lr-decay-start {chosen.lr_decay_start}: --lr-schedule {chosen.lr_schedule} does not decay to 0; "
            f"give {' or '.join(DECAYS)}"
        )
