"""gancli eval-psnr: PSNR and SSIM of super-resolution."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from gancli.cli import eval_options, flags, output, tables
from gancli.core.errors import OptionError

if TYPE_CHECKING:
    from gancli.evaluation.super_resolution import SuperResolutionResult, UpscaleScores

EPILOG = """\b
Examples:
  gancli eval-psnr --data set5_set14.zip
  gancli eval-psnr --data set5_set14.zip --rgb --border 0 --json
  gancli eval-psnr --data mnist --num-images 1000
  gancli eval-psnr --data Set5/ --inputs given

Each image is cropped to a multiple of the scale, downscaled by the bicubic kernel (a = -0.5, antialiased, as MATLAB's
imresize) and rounded to bytes; then the run, bicubic and nearest-neighbor upscaling are compared with the original: on
the luma (Y of BT.601, 16 to 235), with `scale` pixels cropped at each border, as in Ledig et al. 2017. Each folder
inside --data is a set of its own; low-resolution copies in it (LR, X4, _SRF_4_LR) are left out, or, with --inputs
given, enlarged instead of downscaled originals. SSIM is that of Wang et al. 2004, which most papers report; the column
"daala" is the SSIM of Xiph's daala, which Ledig et al. report, with a window that grows with the image.

`fine` is the power of the highest frequencies in 32x32 patches, relative to the originals: below 1 means blur, above 1
noise or invented detail. `lattice` is the amplitude, of 255, of checkerboard artifacts where the original is smooth;
the value of the originals stands in parentheses. --patches cifar10 adds the Fréchet distance between patches and those
of the originals, in the features of that data set's classifier."""


@click.command(epilog=EPILOG)
@flags.run_options
@flags.place_option("High-resolution originals: an image, a folder, a .zip or a named data set.", skips=True)
@click.option(
    "--num-images",
    type=flags.IntRange(1),
    default=1000,
    show_default=True,
    help="Maximum number of images of a named data set.",
)
@click.option(
    "--inputs",
    type=click.Choice(["bicubic", "given"], case_sensitive=False),
    default="bicubic",
    show_default=True,
    help="Small images: downscaled originals, or low-resolution files of the set.",
)
@click.option("--border", type=flags.IntRange(0, 1000), help="Pixels to crop at each border.  [default: the scale]")
@click.option("--rgb", is_flag=True, help="Compare RGB channels instead of luma.")
@click.option("--each", is_flag=True, help="Also print the scores of each image.")
@click.option(
    "--patches", metavar="DATA", help="Labeled 32x32 color data set whose classifier compares patches, such as cifar10."
)
@flags.json_option
def command(
    choice: flags.RunChoice,
    place: flags.Place,
    num_images: int,
    inputs: str,
    each: bool,
    patches: str | None,
    as_json: bool,
    **comparison: object,
) -> None:
    """Measure PSNR and SSIM of super-resolution, compared with bicubic and nearest-neighbor."""
    from gancli.cli import opened_run
    from gancli.evaluation import super_resolution
    from gancli.models.capabilities import Upscaler

    data_dir, source = place
    if source is None:
        raise OptionError("name the originals by --data: an image, a folder, a .zip or a named data set")
    trained = opened_run.open_run(choice, ability=Upscaler)
    extractor = None if patches is None else super_resolution.patch_extractor(patches, data_dir, note=output.note)
    rows: list[str] = []
    chosen, notes = super_resolution.Inputs(inputs, trained.model.scale), output.print_remarks
    originals = super_resolution.load_originals(
        source, num_images, data_dir, inputs=chosen, skip_bad=place.skip_bad, note_rows=rows.append, tell=notes
    )
    found = super_resolution.measure(trained.model, originals, extractor=extractor, note=output.note, **comparison)
    content = getattr(trained.model.options, "content", "pixels")
    result = found.to_dict() | {"content": content, "inputs": inputs} | ({"rows": rows[0]} if rows else {})
    result |= trained.about() | {"data": source}
    lines = [*_lines(found, inputs, each=each), f"content loss of the model: {content}"]
    lines += [f"images: {rows[0]}"] if rows else []
    lines.append(f"scored: {eval_options.source_line(trained)}")
    eval_options.report_run(trained, "psnr", result, lines, as_json=as_json)


def _lines(result: SuperResolutionResult, inputs: str, *, each: bool) -> list[str]:
    lines = []
    for name, methods in result.sets.items():
        count = len(next(iter(methods.values())).by_image)
        lines.append(f"{name}, {count:,} image{'' if count == 1 else 's'}")
        has_distance = result.extractor is not None
        cells = [("", "PSNR, dB", "SSIM", "daala", "fine", "lattice", "", *(["Fréchet"] if has_distance else []))]
        for method, one in methods.items():
            if each:
                cells += [(f"  {image}", *_similarity(values), method) for image, values in one.by_image.items()]
            cells.append((method, *_similarity(one.mean), *_patch_cells(one, has_distance=has_distance)))
        lines += tables.aligned(cells, least=8)
    made = "downscaled by the bicubic kernel, a = -0.5, antialiased, rounded to bytes"
    lines.append(f"{result.recipe}; {made if inputs == 'bicubic' else 'the low-resolution files of the set enlarged'}")
    return lines + ([f"Fréchet distance: of patches, {result.extractor}"] if result.extractor else [])


def _patch_cells(scores: UpscaleScores, *, has_distance: bool) -> list[str]:
    cells = [tables.number(value, ".3f", missing="-") for value in (scores.fine, scores.lattice)]
    cells.append("" if scores.lattice_before is None else f"({scores.lattice_before:.2f})")
    return [*cells, f"{scores.frechet:.2f}"] if has_distance else cells


def _similarity(values: tuple[float, float, float]) -> tuple[str, str, str]:
    return f"{values[0]:.2f}", f"{values[1]:.4f}", f"{values[2]:.4f}"
