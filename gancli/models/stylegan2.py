"""StyleGAN2. Karras et al. 2020, arXiv:1912.04958, sections 2 to 4.

StyleGAN's mapping network and noise, with weight modulation in place of AdaIN: a style scales the inputs of each 3x3
kernel, which is then brought to unit norm for each output map (equations 1 and 3). The generator adds up images of all
resolutions (skip connections), the discriminator is residual; maps are resampled with the filter [1, 3, 3, 1]. The loss
is non-saturating, with the R1 penalty every 16 discriminator steps and path length regularization every 4 generator
steps (lazy regularization), each with as many times its weight. Adam, equalized learning rates, style mixing, and the
moving average of w for truncation are as in `stylegan`.

At inference the noise of each layer is constant, drawn once when the network is made and saved with it: a seed always
gives the same image.

Differences from the paper:
- z and w of 128 numbers, 4 mapping layers, 16 channels at the image's resolution, 128 at most, so that two CPU cores
  train 64 x 64 faces in an hour. --preset paper has the paper's 512, 8, and, at 1024 x 1024, 32 and 512.
- A penalty is added to the loss of every 16th (4th) step, which stays one update of Adam; the authors' code makes an
  additional update of the penalty alone, and for that multiplies the learning rate by c = 16/17 (4/5) and raises the
  betas to the power of c. Here there are no additional updates, and nothing to correct.
- The discriminator's loss is half the paper's, so that the paper's γ = 10 is --r1 5 (as in --preset paper). The default
  is 1: a penalty for images of 1,024 pixels slows a discriminator of small ones, as Karras et al. 2020
  (arXiv:2006.06676) note, who have γ in proportion to the number of pixels.
- The point from which on w is that of another z is drawn for each image, not for each batch.
- Biases before a LeakyReLU learn 1 / √2 as fast, as its gain √2 is in the weights around it.
- Any image side, not only powers of 2.
- EMA of all weights with a decay of 0.998, a half-life of 11,000 images (paper: 10,000).
- --conditional gives both networks the class: joined to z as a learned vector, and by projection in the discriminator.
- Constant noise at inference, where the authors' code draws it again unless asked not to.
- bfloat16 for everything but the penalties and styles, where the CPU accelerates it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

from gancli.core.backend import keras, tf
from gancli.core.distributed import replica_ops
from gancli.core.options import option
from gancli.models.families.style_based import StyleModel
from gancli.models.metric_names import SHARED, Metric
from gancli.nn.architectures.style_based import discriminators, path_length, synthesis
from gancli.nn.network import in_float32

if TYPE_CHECKING:
    from gancli.core.backend import Tensor
    from gancli.data.dataset import DataFacts
    from gancli.models.base import Batch
    from gancli.nn.adversarial_step import AdversarialConfig
    from gancli.nn.network import Network

BATCH_SHARE = 2  # path lengths are taken of every second image of a batch: the paper, appendix B


class StyleGAN2(StyleModel):
    """The style-based GAN of weight demodulation (Karras et al. 2020)."""

    default_steps = 8_000
    synthesis = staticmethod(synthesis.skip_synthesis)
    critic = staticmethod(discriminators.residual)
    metrics = SHARED | {"path_length": Metric("path", "moving average of path lengths")}
    presets: ClassVar[Mapping[str, Mapping[str, object]]] = {
        "paper": {
            "batch_size": 32,
            "z_dim": 512,
            "w_dim": 512,
            "mapping_layers": 8,
            "width": 32,
            "max_width": 512,
            "r1": 5.0,
        }
    }

    @dataclass(frozen=True)
    class Options(StyleModel.Options):
        """The paper's settings, narrower."""

        width: int = option(16, "channels of the largest feature maps, doubled at each halving (paper: 32)")
        r1: float = option(1.0, "R1 penalty weight γ (paper: 5, of this loss)")
        penalty_every: int = option(16, "discriminator steps per penalty (paper: 16)")
        path_length: float = option(2.0, "path length penalty weight (paper: 2; 0 disables)", low=0, high=1e6)
        path_length_every: int = option(4, "generator steps per path length penalty (paper: 4)", low=1, high=1000)

    def build(self, data: DataFacts) -> dict[str, Network]:
        """The networks, and the moving average of path lengths."""
        if self.options.path_length:
            self.state["path_length"] = replica_ops.state_variable(0.0, "path_length")
        return super().build(data)

    def adversarial_config(self, loss: str, d_steps: int = 1) -> AdversarialConfig:
        """With path length regularization of the generator."""
        config = super().adversarial_config(loss, d_steps)
        return replace(config, generator_penalty=self.path_length_penalty) if self.options.path_length else config

    def path_length_penalty(self, batch: Batch) -> tuple[Tensor, dict[str, Tensor]]:
        """The penalty at this step, a float32 scalar, and the moving average of path lengths to record."""
        chosen, mean = self.options, self.state["path_length"]
        is_due = self.generator.optimizer.iterations.value % chosen.path_length_every == 0

        def computed() -> tuple[Tensor, Tensor]:
            return path_length.penalty(self._path_lengths(batch), tf.convert_to_tensor(mean.value))

        value, following = tf.cond(is_due, computed, lambda: (tf.constant(0.0), tf.convert_to_tensor(mean.value)))
        (following,) = replica_ops.mean_over_replicas([following])
        mean.assign(following)
        return chosen.path_length * chosen.path_length_every * value, {"path_length": following}

    def _path_lengths(self, batch: Batch) -> Tensor:
        """Of new images, half a batch, in float32."""
        count = max(1, self.options.batch_size // BATCH_SHARE)
        z = self.random.normal((count, self.z_size))
        noise = self.random.normal((count, *self.data.shape))
        labels = [label[:count] for label in self.conditioning(batch)]
        layers = self.generator.model
        to_styles = keras.Model(layers.inputs, layers.get_layer("styles").output)
        styles = to_styles([z, *labels] if labels else z, training=True)
        return path_length.path_lengths(in_float32(self.generator, layers.get_layer("synthesis")), styles, noise)
