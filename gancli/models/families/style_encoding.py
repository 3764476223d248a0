"""Base of text-to-image models with a style encoder, which finds the z of an image."""

from __future__ import annotations

from dataclasses import dataclass

from gancli.core.backend import Tensor, tf
from gancli.core.errors import OptionError
from gancli.core.options import option
from gancli.models import exports
from gancli.models.base import Batches
from gancli.models.capabilities import StyleEncoder
from gancli.models.families.text_conditional import TextConditionalModel
from gancli.nn.network import Network, minimize


class StyleEncodingModel(TextConditionalModel, StyleEncoder):
    """A text-to-image model with a network that learns the z of generated images (Reed et al. 2016, section 4.4)."""

    inference_networks = TextConditionalModel.inference_networks | exports.style_encoder()
    style_encoder: Network

    @dataclass(frozen=True)
    class Options(TextConditionalModel.Options):
        """Adds the training of the style encoder."""

        style_weight: float = option(
            0.0, "weight of the latent reconstruction loss (paper: 0; for --style-of: 3)", low=0, high=1000
        )
        style_steps: int = option(
            6000, "training steps of the style encoder after the GAN (none with --style-weight)", low=0, may_change=True
        )

    def style_step(self, batches: Batches) -> dict[str, Tensor]:
        """Equation 6: the z of generated images, by the mean squared error."""
        z, text = self.noise(), self.read(self.sample_captions(next(batches)["caption"]))
        image = self.decode(z, text)

        def loss() -> Tensor:
            return tf.reduce_mean((self.style_encoder(image) - z) ** 2)

        return {"style_loss": minimize(self.style_encoder, loss=loss)}

    def style(self, images: Tensor) -> Tensor:
        """The z of images. Raises: OptionError before the style encoder is trained."""
        if not int(self.style_encoder.optimizer.iterations):
            raise OptionError("the style encoder is not trained yet: train to the end, with --style-steps above 0")
        return self.style_encoder.infer(images)
