"""Huang et al. 2024, arXiv:2501.05441: R3GAN on faces of 64x64, CIFAR-10 and stacked MNIST, beside `dcgan`.

    python -m experiments.huang2024.run --faces celeba.zip
    python -m experiments.huang2024.run --faces celeba.zip --minutes 60 --seeds 0,1,2

Writes faces.md and cifar10.md (Fréchet distance, KID, precision, recall at equal minutes), stacked.md (modes of stacked
MNIST, 1,000 in all, and the reverse KL; Table 1 of the paper has 1,000 and 0.03), and 64 faces of each model.
"""

from __future__ import annotations

from experiments import _faces
from experiments._harness import gancli, table


def stacked(plan: _faces.Plan) -> str:
    """Table: the modes that each model covers, and how evenly."""
    rows = []
    for model in (plan.model, "dcgan"):
        runs = [plan.run(seed, model, "stacked_mnist") for seed in plan.seeds]
        found = [gancli("eval-modes", "--run", run["path"]) for run in runs]
        minutes = _faces.spread([run["last"]["seconds"] / 60 for run in runs], 1)
        modes = _faces.spread([one["covered"] for one in found], 1)
        distances = [one["reverse_kl"] for one in found]
        is_known = None not in distances  # there is none if no sample is of a mode
        rows.append([f"`{model}`", minutes, modes, _faces.spread(distances, 3) if is_known else "none"])
    return table(["model", "minutes", "modes of 1,000", "reverse KL"], rows)


@_faces.options("huang2024", "r3gan")
def main(plan: _faces.Plan) -> None:
    """Train R3GAN and dcgan for as many minutes, on faces, CIFAR-10 and stacked MNIST."""
    plan.save("faces", _faces.compare(plan))
    _faces.pictures(plan)
    plan.save("cifar10", _faces.compare(plan, "cifar10"))
    plan.save("stacked", stacked(plan))


if __name__ == "__main__":
    main()
