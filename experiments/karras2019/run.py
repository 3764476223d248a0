"""Karras et al. 2019, arXiv:1812.04948: StyleGAN on faces of 64x64, beside `dcgan` at equal minutes.

    python -m experiments.karras2019.run --faces celeba.zip
    python -m experiments.karras2019.run --faces celeba.zip --minutes 60 --seeds 0,1,2

Writes faces.md (Fréchet distance, KID, precision, recall), truncation.md and truncation.png (the same over psi: quality
for variety), 64 samples of each model and at psi 0.7, a grid of mixed styles (Figure 3), and a walk in w.
"""

from __future__ import annotations

from experiments import _faces
from experiments._harness import gancli, table

PSI = (0.0, 0.25, 0.5, 0.7, 0.85, 1.0)
ROW_SEEDS, COLUMN_SEEDS = "10-14", "0-5"


def truncation(plan: _faces.Plan, run: str) -> str:
    """Table and figure: the scores over psi, of the first seed."""
    from matplotlib.figure import Figure  # slow to import

    found = {psi: _faces.distances(run, plan, "--truncation", psi) for psi in PSI}
    figure = Figure((5, 3.5), dpi=110, layout="constrained")
    axes = figure.subplots()
    for score in ("precision", "recall"):
        axes.plot(PSI, [one[score] for one in found.values()], marker="o", label=score)
    axes.set(xlabel="psi", ylabel="precision, recall", ylim=(0, 1))
    beside = axes.twinx()
    beside.plot(PSI, [one["frechet"] for one in found.values()], "k--", label="Fréchet distance")
    beside.set(ylabel="Fréchet distance (dashed)")
    axes.legend()
    figure.savefig(plan.picture("truncation.png"))
    rows = [[f"{psi:g}", *(f"{one[score]:.{n}f}" for score, n in _faces.SCORES.items())] for psi, one in found.items()]
    return table(["psi", *_faces.HEAD[3:]], rows)


@_faces.options("karras2019", "stylegan")
def main(plan: _faces.Plan) -> None:
    """Train StyleGAN and dcgan for as many minutes; truncation curve and mixed styles."""
    plan.save("faces", _faces.compare(plan))
    _faces.pictures(plan)
    run = plan.run(plan.seeds[0])["path"]
    plan.save("truncation", truncation(plan, run))
    out = ("--run", run, "--out")
    gancli("sample", "--truncation", 0.7, "--grid", "8x8", *out, plan.picture("samples-truncated.png"))
    gancli("sample", "--mix", ROW_SEEDS, COLUMN_SEEDS, *out, plan.picture("mixed.png"))
    gancli("interpolate", "--space", "w", "--seeds", "0-7", *out, plan.picture("walk.png"))


if __name__ == "__main__":
    main()
