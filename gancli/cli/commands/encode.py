"""gancli encode: the latent vectors of real images, or the vectors of texts."""

from __future__ import annotations

from pathlib import Path

import click

from gancli.cli import flags, image_inputs, tables, text_options
from gancli.core.backend import np
from gancli.core.errors import OptionError

ENDINGS = (".npz", ".h5", ".png")
ACTIVE = 0.1  # standard deviation of a coordinate that says something of the image: Burda et al. 2015, section 5.2

EPILOG = """\b
Examples:
  gancli encode me.png --json                  z of one picture
  gancli encode photos/ --out codes.npz        arrays z, names
  gancli encode --count 5000 --out codes.h5   of test images, with their labels
  gancli encode --out plane.png                two numbers a code: a plane of codes, coloured by class
  gancli encode --text "He opened the door." --text "She closed the window."    by skip-thoughts or gan-cls

The z's of images by a model with an encoder: what `sample`, `interpolate` and `zvector-arith` decode. Without pictures
of your own the test images of the run's data. A coordinate is called active if its deviation over the images is above
0.1: a VAE leaves those it does not need at the prior. For a GAN without an encoder: gancli project."""


@click.command(epilog=EPILOG)
@image_inputs.options(most=10_000)
@text_options.option("Instead of images: a text, by a model that reads texts.")
@text_options.word_vectors_option
@flags.out_option(".npz or .h5 arrays z, names (and labels), .png a plane of codes")
@flags.json_option
def command(
    choice: flags.RunChoice,
    asked: image_inputs.Asked,
    texts: tuple[str, ...],
    word_vectors: Path | None,
    out: Path | None,
    as_json: bool,
) -> None:
    """Encode real images, their latent vectors; or texts."""
    flags.need_ending(out, *ENDINGS)
    from gancli.cli import opened_run
    from gancli.inference import inversion
    from gancli.models.capabilities import Encoder

    if texts:
        if asked.paths or asked.label is not None:
            raise OptionError("--text and images: encode one or the other")
        _encode_texts(choice, text_options.check(texts), word_vectors, out, as_json=as_json)
        return
    if word_vectors is not None:
        raise OptionError("--word-vectors are for texts: add --text")
    chosen = opened_run.open_run(choice, ability=Encoder)
    size = chosen.model.z_size
    if out is not None and out.suffix.lower() == ".png" and size != 2:
        raise OptionError(f"--out {out}: a plane needs codes of two numbers, these have {size}: train with --z-dim 2")
    found = image_inputs.images(chosen, asked)
    z = inversion.encode(chosen.model, found.pixels, found.labels)
    out = out or opened_run.fresh(chosen.run, f"encode-{chosen.step:08}", ".npz")
    opened_run.write_codes(out, z, found.names, labels=found.known, classes=chosen.run.facts.classes)
    deviations = z.std(axis=0)
    result = chosen.about() | {"out": str(out), "images": len(z), "z_dim": size}
    result |= {"rows": found.rows} if found.rows else {}
    result |= {"active": int((deviations > ACTIVE).sum())} if len(z) > 1 else {"z": z[0].tolist()}
    flags.report(result, _lines(result), as_json=as_json)


def _encode_texts(
    choice: flags.RunChoice, texts: list[str], word_vectors: Path | None, out: Path | None, *, as_json: bool
) -> None:
    """The vectors of texts, and the cosine of each two."""
    flags.need_ending(out, ".npz", ".h5")
    from gancli.cli import opened_run
    from gancli.inference.sampling import encode_texts
    from gancli.models.capabilities import TextEncoder

    chosen = opened_run.open_run(choice, ability=TextEncoder)
    text_options.learn_words(chosen.model, word_vectors)
    text_options.need_words(chosen.model, texts)
    vectors = encode_texts(chosen.model, texts)
    out = out or opened_run.fresh(chosen.run, f"encode-{chosen.step:08}", ".npz")
    opened_run.write_codes(out, vectors, texts, labels=None, classes=())
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit = np.divide(vectors, norms, out=np.full_like(vectors, np.nan), where=norms > 0)
    cosines = [[None if value != value else value for value in row] for row in (unit @ unit.T).round(4).tolist()]
    result = chosen.about() | {"out": str(out), "texts": texts, "size": chosen.model.text_size}
    result |= {"cosines": cosines}
    lines = [f"{out}: {len(texts)} texts, {result['size']} numbers each, by step {chosen.step:,} of {chosen.run.path}"]
    for text, row in zip(texts, cosines, strict=True):
        lines += [text, f"  cosines: {' '.join(tables.number(value, '+.3f') for value in row)}"]
    flags.report(result, lines, as_json=as_json)


def _lines(result: dict[str, object]) -> list[str]:
    told = f"{result['active']} of {result['z_dim']} coordinates are active" if "active" in result else f"{result['z']}"
    rows = f" ({result['rows']})" if "rows" in result else ""
    first = f"{result['out']}: z of {result['images']:,} images{rows} by step {result['step']:,} of {result['run']}"
    return [first, told]
