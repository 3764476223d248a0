"""Karras et al. 2020, arXiv:1912.04958: StyleGAN2 on faces of 64x64, beside `dcgan` at equal minutes.

    python -m experiments.karras2020.run --faces celeba.zip
    python -m experiments.karras2020.run --faces celeba.zip --minutes 60 --seeds 0,1,2

Writes faces.md (Fréchet distance, KID, precision, recall), 64 samples of each model, and the projection of real faces,
into w of StyleGAN2 and into z of dcgan (projection.md; Figure 9: how well is a real image found?).
"""

from __future__ import annotations

from experiments import _faces
from experiments._harness import gancli, table

FACES = 10


def projections(plan: _faces.Plan) -> str:
    """Table and pictures: real faces, and the nearest images that each generator makes."""
    rows = []
    for model in (plan.model, "dcgan"):
        run, out = plan.run(plan.seeds[0], model)["path"], plan.picture(f"projected-{model}.png")
        space = [] if model == "dcgan" else ["--space", "w"]
        found = gancli("project", "--run", run, *space, "--num-images", FACES, "--out", out)
        largest = max(error for _, error in found["errors"])
        rows.append([f"`{model}`", f"{found['mean']:.4f}", f"{largest:.4f}", f"[figure]({out.name})"])
    return table(["model", "mean squared error", "largest", "real faces and projections"], rows)


@_faces.options("karras2020", "stylegan2")
def main(plan: _faces.Plan) -> None:
    """Train StyleGAN2 and dcgan for as many minutes, and project real faces into them."""
    plan.save("faces", _faces.compare(plan))
    _faces.pictures(plan)
    plan.save("projection", projections(plan))


if __name__ == "__main__":
    main()
