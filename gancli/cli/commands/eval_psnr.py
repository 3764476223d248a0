"""gancli eval-psnr: how near enlarged pictures come to their originals."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from gancli.cli import flags, tables

if TYPE_CHECKING:
    from gancli.evaluation.super_resolution import UpscaleScores

EPILOG = """\b
Examples:
  gancli eval-psnr --data set5_set14.zip
  gancli eval-psnr --data photos/ --run srgan --each
  gancli eval-psnr --data set5_set14.zip --rgb --border 0 --json
  gancli eval-psnr --data mnist --count 1000

Every picture is cut to a multiple of the scale, reduced by the bicubic kernel (a = -0.5, antialiased, as MATLAB's
imresize) and rounded to bytes; what a run, the bicubic kernel and the nearest pixel make of it is compared with the
original: on the luma (Y of BT.601, 16 to 235), `scale` pixels of border cut off, as Ledig et al. 2017. Folders inside
--data are sets of their own. `fine` is the power of the finest octave in patches of 32 x 32, over that of the
originals: below 1 blur, above 1 noise or invented detail. `lattice` is how far, of 255 shades, the pixels that one
became lie apart on the mean where the original is plain, which is what sub-pixel convolutions may leave; the originals'
own stands in brackets. --patches cifar10 adds the Fréchet distance of these patches from the originals', in the
features of that labelled data set's classifier. SSIM is that of Wang et al. 2004, in most papers; Ledig et al. took
that of Xiph's daala, whose window grows with the picture, and stands beside it."""


@click.command(epilog=EPILOG)
@flags.run_options
@click.option("--data", required=True, metavar="DATA", help="Originals: a picture, a folder, a .zip, or a named set.")
@click.option(
    "--count", type=click.IntRange(1), default=1000, show_default=True, help="Of a set of arrays: images at most."
)
@click.option("--border", type=click.IntRange(0, 1000), help="Pixels cut off at each side.  [default: the scale]")
@click.option("--rgb", is_flag=True, help="Compare all channels instead of the luma.")
@click.option("--each", is_flag=True, help="Also print every picture's values.")
@click.option(
    "--patches", metavar="DATA", help="Also compare patches by the classifier of this labelled set of 32x32 in colour."
)
@flags.data_dir_option
@flags.json_option
def command(
    choice: flags.RunChoice,
    data: str,
    count: int,
    border: int | None,
    rgb: bool,
    each: bool,
    patches: str | None,
    data_dir: str | None,
    as_json: bool,
) -> None:
    """PSNR and SSIM of a run's enlargements, beside bicubic and nearest."""
    from gancli.cli import eval_options, opened_run
    from gancli.evaluation import super_resolution
    from gancli.models.capabilities import Upscaler

    chosen = opened_run.open_run(choice, ability=Upscaler)
    border = chosen.model.scale if border is None else border
    seen = None if patches is None else super_resolution.features_of(patches, data_dir, note=flags.note)
    rows: list[str] = []
    originals = super_resolution.originals(data, count, data_dir, told=rows.append, tell=flags.tell_remarks)
    found = super_resolution.measure(chosen.model, originals, border=border, rgb=rgb, seen=seen, note=flags.note)
    recipe = f"x{chosen.model.scale}, {'all channels' if rgb else 'luma of BT.601'}, {border} pixels of border cut off"
    result = {"metric": "PSNR in dB, SSIM of Wang et al., SSIM of daala", "recipe": recipe, "border": border}
    sets = {name: {way: one.told() for way, one in ways.items()} for name, ways in found.items()}
    pictures = {
        name: {of: {way: one.of[of]._asdict() for way, one in ways.items()} for of in next(iter(ways.values())).of}
        for name, ways in found.items()
    }
    result |= {"patches": {"features": str(seen), **seen.recipe}} if seen else {}
    content = getattr(chosen.model.options, "content", "pixels")
    result |= {"content": content} | ({"rows": rows[0]} if rows else {})
    result = eval_options.rounded(result | {"sets": sets, "pictures": pictures}) | chosen.about() | {"data": data}
    eval_options.keep(chosen.run, "psnr", result)
    flags.report(result, _lines(found, result, each=each), as_json=as_json)


def _lines(found: dict[str, dict[str, UpscaleScores]], result: dict[str, object], *, each: bool) -> list[str]:
    lines = []
    for name, ways in found.items():
        count = len(next(iter(ways.values())).of)
        lines.append(f"{name}, {count:,} picture{'' if count == 1 else 's'}")
        has_distance = "patches" in result
        cells = [("", "PSNR, dB", "SSIM", "daala", "fine", "lattice", "", *(["Fréchet"] if has_distance else []))]
        for way, one in ways.items():
            if each:
                cells += [(f"  {of}", *_row(values), way) for of, values in one.of.items()]
            fine = [tables.number(value, ".3f", missing="-") for value in (one.fine, one.lattice)]
            fine.append("" if one.lattice_before is None else f"({one.lattice_before:.2f})")
            cells.append((way, *_row(one.mean), *fine, *([f"{one.frechet:.2f}"] if has_distance else [])))
        lines += tables.aligned(cells, least=8)
    lines.append(f"{result['recipe']}; low resolution by the bicubic kernel, a = -0.5, antialiased, rounded to bytes")
    if "patches" in result:
        lines.append(f"Fréchet: of patches, in {result['patches']['features']}")
    lines.append(f"content compared by {result['content']}")
    lines += [f"images: {result['rows']}"] if "rows" in result else []
    return [*lines, f"step {result['step']:,} of {result['run']}, {result['weights']} weights"]


def _row(values: tuple[float, float, float]) -> tuple[str, str, str]:
    return f"{values[0]:.2f}", f"{values[1]:.4f}", f"{values[2]:.4f}"
