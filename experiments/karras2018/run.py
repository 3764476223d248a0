"""Karras et al. 2018, arXiv:1710.10196: progressive growing on faces of 64x64, beside `dcgan` at equal minutes.

    python -m experiments.karras2018.run --faces celeba.zip
    python -m experiments.karras2018.run --faces celeba.zip --minutes 60 --seeds 0,1,2

Writes faces.md (Fréchet distance, KID, precision, recall), 64 samples of each model, and the film of the growing.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from experiments import _faces


@_faces.options("karras2018", "progan")
def main(plan: _faces.Plan) -> None:
    """Train the progressive GAN and dcgan for as many minutes, and compare them."""
    plan.save("faces", _faces.compare(plan))
    _faces.pictures(plan)
    film = Path(plan.run(plan.seeds[0])["path"]) / "samples" / "growing.gif"
    shutil.copyfile(film, plan.picture("growing.gif"))


if __name__ == "__main__":
    main()
