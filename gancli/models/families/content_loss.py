"""Base of super-resolution models with a content loss: distances of the features of a pretrained network."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from gancli.core.backend import Tensor, keras, np, tf
from gancli.core.errors import OptionError
from gancli.core.options import option
from gancli.imaging import images
from gancli.models.families.super_resolution import SuperResolutionModel, with_sizes_of_run
from gancli.models.pretrained import StartsFromPretrained
from gancli.nn.architectures import perceptual
from gancli.nn.network import Network, frozen

if TYPE_CHECKING:
    from gancli.data.dataset import DataFacts, Dataset
    from gancli.models.config import TrainingConfig

CALIBRATED_BY = 64  # crops that determine the scale of a classifier's features
NEAR = 0.02  # of 1: scaled already, up to the rounding of bfloat16


class ContentLossModel(SuperResolutionModel, StartsFromPretrained):
    """A super-resolution model that may start from an srresnet run, with the network `features` of its loss."""

    unpublished_networks = ("features",)
    features: Network

    @dataclass(frozen=True)
    class Options(SuperResolutionModel.Options):
        """Adds what is pretrained."""

        content: str = option(
            "vgg54", "features of the content loss: vgg54, vgg22, pixels, or a labeled data set (its classifier)"
        )
        init_from: str = option("", "srresnet run to start from, instead of pre-training")

    def feature_network(self) -> dict[str, Network]:
        """The network `features`, if the loss is not of pixels."""
        content = self.options.content
        if content == "pixels" or not self._is_named():
            return {}
        return {"features": Network(perceptual.features(content), keras.optimizers.SGD(0.0))}

    def _is_named(self) -> bool:
        """Whether the features are known: the classifier of a data set is resolved when a training is prepared."""
        return self.options.content in perceptual.VGG or perceptual.is_of_classifier(self.options.content)

    @classmethod
    def pretrained_sources(cls, chosen: Options) -> dict[str, str]:
        """The run to start from, and the network of the content loss."""
        maps = {"pixels": None, "vgg22": "vgg19", "vgg54": "vgg19"}.get(chosen.content, "classifier")
        known = perceptual.OF_CLASSIFIER.fullmatch(chosen.content)  # from a run.json given as --config
        name = known[2] if known else chosen.content
        return ({"run": chosen.init_from} if chosen.init_from else {}) | ({maps: name} if maps else {})

    @classmethod
    def options_from_pretrained(
        cls, config: TrainingConfig, chosen: Options, facts: DataFacts, sources: Mapping[str, object]
    ) -> tuple[Options, DataFacts]:
        """The sizes of the run to start from, and the full name of the features. Raises: OptionError."""
        if "run" in sources:
            chosen = with_sizes_of_run(chosen, facts, sources["run"])
            cls.check_crop(config, chosen)
        if chosen.content != "pixels" and facts.shape[2] != 3:
            raise OptionError(f"--content {chosen.content} needs color images: give --color rgb, or --content pixels")
        if "classifier" in sources:
            found = sources["classifier"]
            first, *others = perceptual.all_convolutions(found.model)
            name = perceptual.name_of_classifier(1 + len(others), cls.pretrained_sources(chosen)["classifier"])
            if first.kernel.shape[2] != 3:
                raise OptionError(f"--content {chosen.content}: its images are gray, and the content loss needs color")
            chosen = replace(chosen, content=name)
        return chosen, facts

    def load_pretrained(self, sources: Mapping[str, object]) -> None:
        """Copy the weights of the generator (`run`), and of the feature extractor (`classifier` or `vgg19`)."""
        if "run" in sources:
            self.generator.model.set_weights(sources["run"].generator.inference_model.get_weights())
            self.generator.reset_ema()
        source = sources["classifier"].model if "classifier" in sources else sources.get("vgg19")
        if source is not None:
            for layer in perceptual.all_convolutions(self.features.model):
                layer.set_weights(source.get_layer(layer.name).get_weights())

    def on_stage_start(self, number: int, dataset: Dataset) -> None:
        """Before the GAN stage: scale a classifier's features by its last convolution, as ReLU preserves scales."""
        if self.stages()[number].name == "pretrain" or not perceptual.is_of_classifier(self.options.content):
            return
        side, rows = self.config.crop, self.pipeline.training_rows(dataset)[:CALIBRATED_BY]
        high = np.stack([pixels[:side, :side] for pixels in dataset.pictures(rows)])
        high = images.from_uint8(tf.constant(high))
        upscaled = tf.image.resize(2.0 * self.low(high) - 1.0, (side, side), method="bicubic")
        of_features = mean_squared_error(self.features.infer(upscaled), self.features.infer(high))
        ratio = float(mean_squared_error(upscaled, high) / of_features)
        if abs(ratio - 1.0) > NEAR:
            last = perceptual.all_convolutions(self.features.model)[-1]
            last.set_weights([weight * ratio**0.5 for weight in last.get_weights()])

    def content_features(self, image: Tensor) -> Tensor:
        """The features of the content loss."""
        return image if self.options.content == "pixels" else frozen(self.features)(image)


def mean_squared_error(first: Tensor, second: Tensor) -> Tensor:
    """Of all numbers of two tensors of one shape, a scalar."""
    return tf.reduce_mean((first - second) ** 2)
