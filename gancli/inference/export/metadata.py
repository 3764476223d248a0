"""What stands in an exported file beside the network, so that it can be used without the run and without gancli."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gancli.core import VERSION
from gancli.core.backend import Tensor
from gancli.data.texts import tokenization
from gancli.inference.export.networks import ExportedNetwork
from gancli.models.capabilities import CodedLatent, Latent, LatentCode, TextEncoder, Translator, Upscaler

if TYPE_CHECKING:
    from gancli.inference.trained_model import TrainedModel

PIXELS = "pixels from -1 (black) to 1 (white), RGB or gray in the last axis"
TO_BYTES = "uint8 = clip(round(127.5 * (image + 1)), 0, 255)"
DRAWS = {"uniform": "uniform(-1, 1, {size})", "normal": "standard_normal({size})"}
MEANINGS = {
    "image": PIXELS,
    "translated": PIXELS,
    "upscaled": PIXELS,
    "z": "latent vector, one row per image",
    "label": "one-hot rows of the classes, in their order",
    "text": "text vector, as the network that reads text returns it",
    "rows": "numbers of words or letters, padded with 0 at the end",
    "probabilities": "probability of each class for each pixel, in the order of the classes",
    "point": "coordinates of a point",
    "logit": "logit that the input is real, or what the loss of the run makes of it",
    "noise": "a plane of the prior",
    "coarse": "the image of the level before, enlarged bilinearly, in [-1, 1]",
    "low": "pixels from 0 to 1",
}


def about(trained: TrainedModel, network: ExportedNetwork, *, half: bool) -> dict[str, object]:
    """The metadata of a network of a run: its origin, its inputs and outputs, and recipes for both."""
    model, facts = trained.model, trained.run.facts
    described = {
        "gancli": VERSION,
        "model": model.name(),
        "run": trained.run.path.name,
        "step": trained.step,
        "weights": trained.weights if network.is_averaged else "raw",
        "network": network.name,
        "float16": half,
        "inputs": [_tensor(one.name, one) for one in network.inputs],
        "outputs": [_tensor(name, one) for name, one in zip(network.outputs, network.model.outputs, strict=True)],
        "image_shape": list(facts.shape),
        "classes": list(facts.classes),
    }
    names = {one.name for one in network.inputs} | {*network.outputs}
    described |= {"pixels": TO_BYTES} if {"image", "translated", "upscaled"} & names else {}
    described |= {"latent": _latent(model)} if "z" in names and isinstance(model, Latent) else {}
    described |= {"text": _text(model)} if "rows" in names and isinstance(model, TextEncoder) else {}
    described |= {"scale": model.scale} if isinstance(model, Upscaler) else {}
    described |= {"multiple": model.multiple} if isinstance(model, Translator) else {}
    return described


def _tensor(name: str, tensor: Tensor) -> dict[str, object]:
    """Name, shape (null for a size that is free), dtype and meaning of an input or output."""
    described = {"name": name, "shape": list(tensor.shape), "dtype": str(tensor.dtype)}
    return described | ({"meaning": MEANINGS[name]} if name in MEANINGS else {})


def _latent(model: Latent) -> dict[str, object]:
    """Size and prior of z, and the z of a seed in numpy's words."""
    codes = model.codes if isinstance(model, CodedLatent) else ()
    draw = DRAWS[model.prior].format(size=codes[0].start if codes else model.z_size)
    parts = [f"numpy.random.default_rng(seed).{draw}", *(_code(code, at) for at, code in enumerate(codes, start=1))]
    drawn = f"numpy.concatenate([{', '.join(parts)}])" if codes else parts[0]
    return {"size": model.z_size, "prior": model.prior, "from_seed": f"{drawn}.astype('float32')"}


def _code(code: LatentCode, number: int) -> str:
    """The numbers of a code of a seed in numpy's words; each code has its own stream."""
    random = f"numpy.random.default_rng([seed, {number}])"
    return (
        f"{random}.uniform(-1, 1, 1)" if code.size == 1 else f"numpy.eye({code.size})[{random}.integers({code.size})]"
    )


def _text(model: TextEncoder) -> dict[str, object]:
    """How a text becomes a row of numbers."""
    if isinstance(model.vocabulary, tokenization.Alphabet):
        return {
            "tokens": "letters",
            "row": "of the text in lower case, 1 + the place of each letter in `letters`; that of a space for others",
            "length": model.text_rows(["a"]).shape[1],
            "letters": tokenization.LETTERS,
        }
    return {
        "tokens": "words",
        "row": "of the lower-case text with ’ as ', 3 + the place in `words` of each match of `pattern`, 1 if unknown",
        "length": model.text_rows(["a"]).shape[1],
        "pattern": tokenization.WORD.pattern,
        "words": list(model.vocabulary.words),
    }
