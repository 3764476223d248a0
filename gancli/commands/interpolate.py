"""gancli interpolate: the way between two z's, or through several."""

from __future__ import annotations

from pathlib import Path

import click

from gancli.console import flags
from gancli.errors import OptionError

EPILOG = """\b
Examples:
  gancli interpolate --seeds 3,11
  gancli interpolate --seeds 3,11,40 --steps 16 --out walk.gif
  gancli interpolate --seeds 0-8 --mode slerp

The images at the ends are those of `gancli sample` of the same seeds. A straight line (lerp) is Figure 3 of
Goodfellow et al. 2014; slerp keeps to the shell on which a normal prior lies (White 2016)."""


@click.command(epilog=EPILOG)
@flags.run_options
@click.option("--seeds", type=flags.SeedList(), required=True, metavar="SEEDS", help="Two seeds or more, such as 3,11.")
@click.option(
    "--steps",
    type=click.IntRange(2, 1000),
    default=10,
    show_default=True,
    help="Images from seed to seed, both counted.",
)
@click.option("--mode", type=click.Choice(["lerp", "slerp"]), default="lerp", show_default=True, help="Line or arc.")
@flags.out_option(".png a strip (a row for each pair of seeds), .gif a film")
@flags.json_option
def command(
    choice: flags.RunChoice,
    seeds: list[int],
    steps: int,
    mode: str,
    out: Path | None,
    as_json: bool,
) -> None:
    """Draw the images between two z seeds, or through several."""
    import numpy as np

    from gancli import files, images, latents
    from gancli.console import drawing

    if len(seeds) < 2:
        raise OptionError(f"--seeds {seeds[0]}: an interpolation needs two seeds or more, such as 3,11")
    if out is not None and out.suffix.lower() not in (".png", ".gif"):
        raise OptionError(f"--out {out}: expected a name that ends in .png or .gif")
    chosen = drawing.open_run(choice)
    stops = chosen.sampler.model.latents(seeds)
    pixels = chosen.sampler.decode(latents.path(stops, steps, mode=mode))
    stem = f"interpolate-{'-'.join(map(str, seeds))[:60]}-{chosen.step:08}"
    out = out or drawing.fresh(chosen.run, stem, ".png")
    if out.suffix.lower() == ".gif":
        content = images.gif(images.visible_frames(pixels))
    else:
        starts = range(0, len(pixels) - 1, steps - 1)  # the end of one row is the start of the next
        rows = np.concatenate([pixels[start : start + steps] for start in starts])
        content = images.png(images.grid(rows, shape=(len(starts), steps)))
    files.atomic_write(out, content)
    result = chosen.about() | {"out": str(out), "seeds": seeds, "mode": mode}
    text = f"{out}: {len(pixels)} images, {mode} through the seeds {', '.join(map(str, seeds))} of {chosen.run.path}"
    flags.report(result | {"images": len(pixels)}, text, as_json=as_json)
