"""Options of older versions, as a run.json or a command line may hold them, and their names and values today."""

from __future__ import annotations

from collections.abc import Mapping

RENAMED = {  # an option of an older version, as a run.json may hold it: its name today
    "game": "loss",
    "opening": "warmup_loss",
    "k": "d_steps",
    "clip": "weight_clip",
    "penalty": "gradient_penalty",
    "z": "prior",
    "class_weight": "aux_weight",
    "weight": "reconstruction_weight",
    "cycle": "cycle_weight",
    "identity": "identity_weight",
    "difference": "l1_weight",
    "adversarial": "adversarial_weight",
    "pixels": "pixel_weight",
    "hold": "anti_checkerboard",
    "skip": "residual_output",
    "turn": "rotate",
    "wrong": "negatives",
    "mismatch": "mismatched_pair",
    "longest": "max_words",
    "drop_at": "lr_drop_step",
    "decay_from": "lr_decay_start",
    "pretrain_times": "pretrain_lr_factor",
    "discriminator_times": "d_learning_rate",
    "d_lr_factor": "d_learning_rate",
    "adversary_rate": "d_learning_rate",
    "blocks": "depth",
    "generator_units": "units",
    "maxout_units": "d_units",
    "start": "init_from",
    "opening_steps": "warmup_steps",
    "opening_k": "warmup_d_steps",
}
FACTORS = ("discriminator_times", "d_lr_factor")  # options that were factors of the learning rate, and are rates today
RENAMED_VALUES: dict[tuple[str, object], object] = {("color", "grey"): "gray"}  # (option as named today, value then)


def unit_today(name: str) -> str:
    """What to say of a renamed option whose values are others today."""
    return ", which takes a learning rate, not a factor" if name in FACTORS else ""


def factors_as_rates(values: Mapping[str, object], defaults: Mapping[str, object]) -> dict[str, object]:
    """Factors of the learning rate as rates; a factor of 1 is no rate of its own. What is no number stays as it is.

    defaults: of the options that there are today.
    """
    rates = dict(values)
    for name in [name for name in FACTORS if name in values and RENAMED[name] in defaults]:
        factor, rate = values[name], values.get("learning_rate", defaults["learning_rate"])
        if type(factor) in (int, float) and type(rate) in (int, float):
            rates[name] = None if factor == 1 else factor * rate
    return rates
