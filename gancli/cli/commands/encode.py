"""gancli encode: the latent vectors of real images, or the vectors of texts."""

from __future__ import annotations

from pathlib import Path

import click

from gancli.cli import flags, image_inputs, output, tables, text_options
from gancli.core.backend import np
from gancli.core.errors import OptionError

ENDINGS = (".npz", ".h5", ".png")
ACTIVE = 0.1  # standard deviation of an active coordinate: Burda et al. 2015, section 5.2

EPILOG = """\b
Examples:
  gancli encode me.png --json                  z of one image
  gancli encode photos/ --out codes.npz        arrays z, names
  gancli encode --num-images 5000 --out codes.h5    test images, with their labels
  gancli encode --out plane.png                scatter plot of two-dimensional codes, colored by class
  gancli encode --text "He opened the door." --text "She closed the window."    skip-thoughts or gan-cls

Encodes images with a model that has an encoder, as z that `sample`, `interpolate` and `zvector-arith` decode; test
images of the run's data if no files are given. A coordinate is active if its standard deviation over the images exceeds
0.1; a VAE leaves coordinates that it does not need at the prior. For a GAN without an encoder: gancli project."""


@click.command(epilog=EPILOG)
@image_inputs.options(num_images=10_000)
@text_options.option("Text to encode instead of images (models with a text encoder); repeatable.")
@text_options.word_vectors_option
@flags.out_option(".npz or .h5 arrays z, names (and labels), .png scatter plot")
@flags.json_option
def command(
    choice: flags.RunChoice,
    inputs: image_inputs.ImageOptions,
    texts: tuple[str, ...],
    word_vectors: Path | None,
    out: Path | None,
    as_json: bool,
) -> None:
    """Encode images as latent vectors, or texts as text embeddings."""
    flags.need_ending(out, *ENDINGS)
    from gancli.cli import opened_run
    from gancli.inference.image_files import sample_files
    from gancli.inference.latent_space import inversion
    from gancli.models.capabilities import Encoder

    if texts:
        if inputs.paths or inputs.label is not None:
            raise OptionError("--text and image files cannot be combined: give one of them")
        _encode_texts(choice, text_options.check(texts), word_vectors, out, as_json=as_json)
        return
    if word_vectors is not None:
        raise OptionError("--word-vectors needs texts: add --text")
    trained = opened_run.open_run(choice, ability=Encoder)
    size = trained.outline.z_size
    if out is not None and out.suffix.lower() == ".png" and size != 2:
        raise OptionError(f"--out {out}: a scatter plot needs a two-dimensional z, not {size}: train with --z-dim 2")
    found = image_inputs.load(trained, inputs)
    z = inversion.encode(trained.model, found.pixels, found.labels)
    out = out or opened_run.default_out(trained.run, f"encode-{trained.step:08}", ".npz")
    sample_files.write_codes(out, z, found.names, labels=found.known, classes=trained.run.facts.classes)
    deviations = z.std(axis=0)
    result = trained.about() | {"out": str(out), "images": len(z), "z_dim": size}
    result |= {"rows": found.rows} if found.rows else {}
    result |= {"active": int((deviations > ACTIVE).sum())} if len(z) > 1 else {"z": z[0].tolist()}
    output.report(result, _lines(result), as_json=as_json)


def _encode_texts(
    choice: flags.RunChoice, texts: list[str], word_vectors: Path | None, out: Path | None, *, as_json: bool
) -> None:
    """Encode texts, and report the cosine similarity of each pair."""
    flags.need_ending(out, ".npz", ".h5")
    from gancli.cli import opened_run
    from gancli.inference.image_files import sample_files
    from gancli.inference.sampling import encode_texts
    from gancli.models.capabilities import TextEncoder

    trained = opened_run.open_run(choice, ability=TextEncoder)
    text_options.need_words(trained, texts, word_vectors)
    vectors = encode_texts(trained.model, texts)
    out = out or opened_run.default_out(trained.run, f"encode-{trained.step:08}", ".npz")
    sample_files.write_codes(out, vectors, texts, labels=None, classes=())
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit = np.divide(vectors, norms, out=np.full_like(vectors, np.nan), where=norms > 0)
    cosines = [[None if value != value else value for value in row] for row in (unit @ unit.T).round(4).tolist()]
    result = trained.about() | {"out": str(out), "texts": texts, "size": trained.model.text_size}
    result |= {"cosines": cosines}
    lines = [f"{out}: {len(texts)} texts, {result['size']} dimensions, by step {trained.step:,} of {trained.run.path}"]
    for text, row in zip(texts, cosines, strict=True):
        lines += [text, f"  cosine similarities: {' '.join(tables.number(value, '+.3f') for value in row)}"]
    output.report(result, lines, as_json=as_json)


def _lines(result: dict[str, object]) -> list[str]:
    last = f"{result['active']} of {result['z_dim']} coordinates are active" if "active" in result else f"{result['z']}"
    rows = f" ({result['rows']})" if "rows" in result else ""
    first = f"{result['out']}: z of {result['images']:,} images{rows} by step {result['step']:,} of {result['run']}"
    return [first, last]
