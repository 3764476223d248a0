"""The networks of a model that are of use without training: what `gancli export` writes, declared by each model.

A network is exported as other programs need it: with what the model's own method does around it, such as the sigmoid
of a VAE's decoder or the clipping of an upscaled image, so that the file computes what that method returns.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gancli.core.backend import Tensor, keras

if TYPE_CHECKING:
    from gancli.models.base import Model

Stock = Callable[[str], "keras.Model"]  # the name of a network -> a copy of Keras' own layers, in float32


@dataclass(frozen=True)
class InferenceNetwork:
    """One network: `method`, the model's own way to compute it, (model, *inputs) -> output; `output`, its name.

    build: (model, stock) -> a keras.Model that computes the same from copies of the model's networks; stock: see Stock.
    """

    output: str
    method: Callable[..., Tensor]
    build: Callable[[Model, Stock], keras.Model]


def alone(name: str) -> Callable[[Model, Stock], keras.Model]:
    """A network without anything around it, as `build`."""
    return lambda model, stock: stock(name)


def followed(network: keras.Model, function: Callable[[Tensor], Tensor]) -> keras.Model:
    """A network, and a function of its output made of `keras.ops` and layers of Keras."""
    return keras.Model(network.input, function(network.output), name=network.name)


def network(
    name: str,
    output: str,
    method: Callable[..., Tensor],
    build: Callable[[Model, Stock], keras.Model] | None = None,
) -> dict[str, InferenceNetwork]:
    """The network of this name, as an entry of `inference_networks`; build: with what is around it, if anything is."""
    return {name: InferenceNetwork(output, method, build or alone(name))}


def decoder(
    name: str = "generator", build: Callable[[Model, Stock], keras.Model] | None = None, *, output: str = "image"
) -> dict[str, InferenceNetwork]:
    """The network that computes what `decode` returns."""
    return network(name, output, lambda model, *inputs: model.decode(*inputs), build)


def encoder(build: Callable[[Model, Stock], keras.Model] | None = None) -> dict[str, InferenceNetwork]:
    """The network that computes what `encode` returns."""
    return network("encoder", "z", lambda model, *inputs: model.encode(*inputs), build)


def mean_encoder() -> dict[str, InferenceNetwork]:
    """An encoder whose outputs are the means and the log variances of q(z | x), of which `encode` returns the means."""
    return encoder(lambda model, stock: followed(stock("encoder"), lambda code: code[:, : model.z_size]))


def clipped_decoder() -> dict[str, InferenceNetwork]:
    """A generator of images that may be brighter than white."""
    return decoder(build=lambda model, stock: followed(stock("generator"), lambda net: keras.ops.minimum(net, 1.0)))


def translator(name: str, direction: str) -> dict[str, InferenceNetwork]:
    """The network that translates images in this direction, "a-to-b" or "b-to-a"."""
    return network(name, "translated", lambda model, images: model.translate(images, direction))


def upscaler() -> dict[str, InferenceNetwork]:
    """The generator of a model for super-resolution, from and to pixels in [-1, 1]."""

    def build(model: Model, stock: Stock) -> keras.Model:
        layers, generator = keras.layers, stock("generator")
        image = keras.Input(generator.inputs[0].shape[1:], name="image")
        high = generator(layers.Rescaling(0.5, 0.5, name="unit")(image))
        return keras.Model(image, keras.ops.clip(high, -1.0, 1.0), name="upscaler")

    return network("generator", "upscaled", lambda model, images: model.upscale(images), build)


def segmenter() -> dict[str, InferenceNetwork]:
    """The network that predicts the class of each pixel, as probabilities."""
    return network(
        "segmenter",
        "probabilities",
        lambda model, images: model.segment(images),
        lambda model, stock: followed(stock("segmenter"), keras.layers.Softmax(name="probabilities")),
    )


def text_encoder(name: str, build: Callable[[Model, Stock], keras.Model]) -> dict[str, InferenceNetwork]:
    """The network that computes what `read` returns, from rows of token numbers."""
    return network(name, "text", lambda model, rows: model.read(rows), build)


def style_encoder() -> dict[str, InferenceNetwork]:
    """The network that computes what `style` returns."""
    return network("style_encoder", "z", lambda model, images: model.style(images))
