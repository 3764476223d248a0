"""Options of older versions, as a run.json or a command line may hold them, and their names and values today."""

from __future__ import annotations

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
    "discriminator_times": "d_lr_factor",
    "start": "init_from",
    "opening_steps": "warmup_steps",
    "opening_k": "warmup_d_steps",
}
RENAMED_VALUES: dict[tuple[str, object], object] = {("color", "grey"): "gray"}  # (option as named today, value then)
