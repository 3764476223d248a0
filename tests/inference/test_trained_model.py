"""A trained run that means little says so: before any training, or if all its images are alike."""

import json

import numpy as np

from gancli.imaging import images
from gancli.runs.checkpoints import Position
from gancli.runs.run import Run


def test_images_are_alike_if_little_of_their_variance_lies_between_them(stripes):
    noise = np.random.default_rng(0).integers(-6, 7, (96, 8, 8, 1))
    one = np.broadcast_to(stripes[:1, ..., None], (96, 8, 8, 1)).astype(int)
    assert not images.are_alike(stripes[..., None])
    assert images.are_alike(np.clip(one + noise, 0, 255).astype(np.uint8))
    assert images.are_alike(np.zeros((3, 8, 8, 1), np.uint8))
    pixel = np.eye(64, dtype=np.uint8).reshape(64, 8, 8, 1) * 255  # few pixels differ, but nothing else is there
    assert not images.are_alike(pixel)


def test_a_run_before_training_or_with_equal_images_says_so_with_every_result(run_path, gancli):
    run = Run(run_path)
    model, step = run.model()
    begun = run.model_class(*run.settings(), run.facts)
    project = model.generator.model.get_layer("project")
    project.set_weights([np.zeros_like(weight) for weight in project.get_weights()])  # z has no effect
    run.save(model, Position((step + 1,)))
    run.save(begun, Position())
    use = ("--run", run_path, "--weights", "raw", "--json")
    begun = gancli("sample", "--num-samples", 4, *use, "--checkpoint", 0)
    assert "warning: step 0 of" in begun.err, begun
    assert "is before any training" in json.loads(begun.out)["warnings"][0]
    for command in (("interpolate", "--seeds", "3,11"), ("eval-parzen", "--num-samples", 20)):
        alike = gancli(*command, *use, "--checkpoint", step + 1)
        assert alike.err.count("are all alike") == 1, alike
        assert "of seeds 0-63 at step 21" in json.loads(alike.out)["warnings"][0]
