"""GAN-CLS and GAN-INT: text to image. Reed, Akata, Yan, Logeswaran, Schiele & Lee 2016, arXiv:1605.05396.

The discriminator classifies pairs: a real image with its text is real; a real image with another image's text, and a
generated image with the text that it was made from, are fake, at half the weight each (Algorithm 1, which prints the
discriminator step with the wrong sign). `--mismatched-pair image` pairs the right text with another image, as in the
authors' code; `none` leaves such pairs out, the paper's plain GAN. `--interpolate-text` also trains the generator on
means of two texts, for which there is no real image (GAN-INT, equation 5, with beta 1/2). Finally a network learns the
z of generated images, so that the style of another image can be used (section 4.4).

That needs a z that is visible in images. On flowers, z determined only size and outline: a tenth of it could be read
from the images, and nothing about their background. With `--style-weight` the style encoder learns during the GAN
stage, together with the generator, in the two ways of BicycleGAN (Zhu et al. 2017, arXiv:1711.11586, section 3): z must
be predictable from the generated image, and a real image, reduced to 16 x 16, must be reconstructed from its own style
and text. Styles have mean 0 and variance 1 over a batch, in place of BicycleGAN's KL divergence. A short z is learned
best: `--z-dim 16`.

Networks as in the authors' code (reedscot/icml2016), which take the text through a dense layer of 128 units: see
gancli.nn.architectures.text_conditional.

`--text-encoder` selects `words`, gated recurrent units over words, or `letters`, a smaller version of the paper's
char-CNN-RNN. Either is trained in the first stage to match texts and images (Reed et al. 2016, arXiv:1605.05395),
together with an image encoder, and is then frozen. The encoder of a skip-thoughts run is frozen from the start and
becomes part of the run. On glyphs, 500 steps of the first stage find an image's caption among a hundred in four of five
cases; an encoder trained by the discriminator knew only the background color after 2,500 steps. Before the GAN stage
the text vectors are whitened: on glyphs 99 % of their variance encodes colors and positions, and the networks ignored
the shapes, which a linear probe reads from the rest without error.

Differences from the paper:
- A projection is added to the discriminator's logit, the product of the text and a linear map of the image features
  (Miyato & Koyama 2018, arXiv:1802.05637, equation 3). That map is most of the discriminator: 524,288 of 844,417
  weights on glyphs (62 %); at the authors' sizes it would be 8.4 of 12.4 million (68 %).
- The text encoder `words`.
- One caption of an image at a time; the authors' code takes the mean of four.
- Whitened text vectors, scaled to a mean square of 1.
- No BatchNorm where image and text are joined (see nn/architectures/text_conditional.py).
- Narrower networks, batches of 32, and a learning rate of 8e-4, which is not halved every 100 epochs.
- Images of mean texts have the weight of all others together.
- EMA of the weights.
- Mismatched texts. The paper takes any other (`--negatives any`); by default every second one is the most similar text
  of the batch that does not say the same, regardless of class. On glyphs, one training each shows no difference: 88.0
  and 87.4 % of attributes are correct after 16,000 steps.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from gancli.core.backend import Tensor, np, tf
from gancli.core.options import option
from gancli.models import regularization
from gancli.models.base import Batches, Stage
from gancli.models.config import TrainingConfig
from gancli.models.data_requirements import DataRequirements
from gancli.models.families.dcgan_networks import DiscriminatorNorm
from gancli.models.families.latent import PriorOptions
from gancli.models.families.network_sizes import HalvingOptions, check_depth
from gancli.models.families.style_encoding import StyleEncodingModel
from gancli.models.families.text_conditional import other_texts
from gancli.models.learning_rates import AdversarialRates
from gancli.models.regularization import RegularizationOptions
from gancli.nn.architectures import text_conditional
from gancli.nn.losses import ADVERSARIAL_LOSSES, mean_probability
from gancli.nn.network import Network, frozen, in_float32, minimize

if TYPE_CHECKING:
    from gancli.data import DataFacts

RECONSTRUCTION_WEIGHT = 10.0  # of the coarse images' error, relative to that of z


def power_of_two(side: int) -> int:
    """The next power of two, at least 8."""
    return max(8, 2 ** round(np.ceil(np.log2(side))))


class GANCLS(StyleEncodingModel):
    """The matching-aware GAN of images and sentences."""

    default_steps = 16_000
    ema_networks: ClassVar[tuple[str, ...]] = ("generator", "reader")
    adversaries: ClassVar[tuple[str, ...]] = ("discriminator", "judge")
    equalized_networks: ClassVar[tuple[str, ...]] = ("generator", "discriminator", "judge")
    generator: Network
    discriminator: Network

    @dataclass(frozen=True)
    class Config(TrainingConfig):
        """Images with captions."""

        data: str = "glyphs"

    @dataclass(frozen=True)
    class Options(
        RegularizationOptions,
        DiscriminatorNorm,
        AdversarialRates,
        HalvingOptions,
        PriorOptions,
        StyleEncodingModel.Options,
    ):
        """The authors' settings, smaller."""

        batch_size: int = option(32, "batch size (authors: 64)")
        learning_rate: float = option(8e-4, "learning rate (authors: 2e-4)")
        width: int = option(
            32,
            "channels of the largest feature maps, doubled at each halving (authors: 64; generator: 128)",
            low=1,
            high=1024,
        )
        mismatched_pair: str = option(
            "text", "half of a mismatched pair to replace (none: no such pairs)", choices=("text", "image", "none")
        )
        negatives: str = option(
            "near",
            "mismatched texts (any: the next of the batch; near: half hard negatives)",
            choices=("near", "any"),
        )
        interpolate_text: bool = option(False, "train the generator on means of two texts too (GAN-INT)")

    @classmethod
    def check(cls, config: TrainingConfig, chosen: Options) -> None:
        """Raise OptionError for options that contradict one another."""
        super().check(config, chosen)
        regularization.check(cls, chosen, has_batchnorm=chosen.batchnorm_advice(), sees_pairs="texts")

    @classmethod
    def data_requirements(cls, chosen: Options) -> DataRequirements:
        """Square images with captions."""
        return DataRequirements(cls.columns, nearest_side=power_of_two)

    def build(self, data: DataFacts) -> dict[str, Network]:
        """Generator, discriminator, text encoder and style encoder."""
        chosen, shape, reader = self.options, data.shape, self.text_networks(data)
        check_depth(chosen.depth, text_conditional.deepest(shape[0]), shape[0])
        sizes = {"width": chosen.width, "depth": chosen.depth}
        features = text_conditional.discriminator(shape, norm=chosen.d_norm, **sizes)
        if chosen.style_weight:
            style_encoder = text_conditional.styler(shape, chosen.z_dim, width=chosen.width)
        else:
            style_encoder = text_conditional.encoder(shape, chosen.z_dim, name="style", **sizes)
        networks = reader | self.image_encoder(data, **sizes)
        generator = text_conditional.generator(shape, chosen.z_dim, self.text_size, **sizes)
        networks["generator"] = Network(generator, self.adam("g"))
        networks["discriminator"] = Network(features, self.adam("d"))
        head = text_conditional.matching_head(features.output.shape[3], self.text_size, side=features.output.shape[1])
        networks["judge"] = Network(head, self.adam("d"))  # its name in checkpoints
        return networks | {"style_encoder": Network(style_encoder, self.embedding_adam())}

    @property
    def matching_head(self) -> Network:
        """The part of the discriminator that takes image features and text."""
        return self.networks["judge"]

    def stages(self) -> list[Stage]:
        """The text encoder, the GAN, and the style encoder."""
        trains_style = not self.options.style_weight
        return [
            Stage("text", self.options.text_steps, self.text_step, self.trains_text_encoder(), is_scored=False),
            Stage("train", self.total_steps(), self.train_step),
            Stage("style", self.options.style_steps, self.style_step, trains_style, is_scored=False),
        ]

    def train_step(self, batches: Batches) -> dict[str, Tensor]:
        """Algorithm 1, with GAN-INT's part of the generator loss."""
        batch, z = next(batches), self.noise()
        image, text = self.mirrored(batch["image"]), self.read(self.sample_captions(batch["caption"]))
        fake = frozen(self.generator)(z, text)
        metrics = self._discriminator_step(image, fake, text)
        return self._generator_step(image, text) | metrics

    def _discriminator_step(self, image: Tensor, fake: Tensor, text: Tensor) -> dict[str, Tensor]:
        """Real pairs, mismatched pairs and generated images."""
        adversarial, negatives = ADVERSARIAL_LOSSES["non-saturating"], other_texts(text, self.options.negatives)
        outputs: dict[str, Tensor] = {}
        metrics: dict[str, Tensor] = {}

        def penalty() -> Tensor:
            head = in_float32(self.matching_head)
            return regularization.penalty(
                self, metrics, self.discriminator, image, fake, output=lambda critic, x: head(critic(x), text)
            )

        def loss() -> Tensor:
            real_features, fake_features = self.discriminator(image), self.discriminator(fake)
            outputs["p_real"] = self.matching_head(real_features, text)
            outputs["p_fake"] = self.matching_head(fake_features, text)
            real, fakes = adversarial.real(outputs["p_real"]) + penalty(), adversarial.fake(outputs["p_fake"])
            if self.options.mismatched_pair == "none":
                return real + fakes
            if self.options.mismatched_pair == "image":
                pair = tf.gather(real_features, negatives), text
            else:
                pair = real_features, tf.gather(text, negatives)
            outputs["p_wrong"] = self.matching_head(*pair)
            return real + 0.5 * (adversarial.fake(outputs["p_wrong"]) + fakes)

        metrics["discriminator_loss"] = minimize(self.discriminator, self.matching_head, loss=loss)
        for network in (self.discriminator, self.matching_head) if self.options.weight_clip else ():
            network.clip(self.options.weight_clip)
        return metrics | {name: mean_probability(logits) for name, logits in outputs.items()}

    def _generator_step(self, image: Tensor, text: Tensor) -> dict[str, Tensor]:
        """The adversarial loss of images of texts, of mean texts (GAN-INT), and of real images' styles."""
        adversarial, weight = ADVERSARIAL_LOSSES["non-saturating"], self.options.style_weight
        count = self.options.batch_size
        z = self.noise()
        texts = text
        parts = [count]
        if self.options.interpolate_text:
            half = count // 2
            z = tf.concat([z, self.noise()[:half]], axis=0)
            texts = tf.concat([text, 0.5 * (text[:half] + text[half : 2 * half])], axis=0)
            parts.append(half)
        parts += [count] if weight else []
        metrics: dict[str, Tensor] = {}

        def loss() -> Tensor:
            styles, style_texts = ([self.style_encoder(image)], [text]) if weight else ([], [])
            conditions = tf.concat([texts, *style_texts], axis=0)
            generated = self.generator(tf.concat([z, *styles], axis=0), conditions)
            outputs = frozen(self.matching_head)(frozen(self.discriminator)(generated), conditions)
            total = sum(map(adversarial.generator, tf.split(outputs, parts)))
            if weight:
                free, reconstructed = generated[:-count], generated[-count:]
                metrics["style_loss"] = tf.reduce_mean((self.style_encoder(free) - z) ** 2)
                metrics["rebuilt_loss"] = tf.reduce_mean(
                    (text_conditional.coarse(reconstructed) - text_conditional.coarse(image)) ** 2
                )
                total += weight * (metrics["style_loss"] + RECONSTRUCTION_WEIGHT * metrics["rebuilt_loss"])
            return total

        trained = [self.generator, *([self.style_encoder] if weight else [])]
        metrics["generator_loss"] = minimize(*trained, loss=loss)
        return metrics

    def decode(self, z: Tensor, condition: Tensor | None = None) -> Tensor:
        """Images float32 (batch, height, width, channels) in [-1, 1]; condition: text vectors."""
        return self.generator.infer(z, condition)
