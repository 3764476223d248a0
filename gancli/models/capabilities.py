"""Capabilities that commands require of a model: small abstract classes without behavior."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Sequence
from typing import ClassVar, NamedTuple

from gancli.core.backend import Tensor, np
from gancli.models.capability import Capability


class Latent(Capability):
    """Generates data from latent vectors. Attributes: `z_size`, their length; `prior`, their distribution."""

    missing_message: ClassVar[str] = "it does not generate from latent vectors"  # the error for other models
    z_size: int
    prior: str

    @abstractmethod
    def decode(self, z: Tensor, condition: Tensor | None = None) -> Tensor:
        """float32 (batch, z_size) -> float32 (batch, *shape of the data).

        condition: for class-conditional models, one-hot rows float32 (batch, classes), or points between two of them.
        """

    @abstractmethod
    def latents(self, seeds: Iterable[int]) -> np.ndarray:
        """One latent vector per seed, float32 (seeds, z_size)."""


class Decoder(Latent):
    """Generates images: `decode` returns float32 (batch, height, width, channels) in [-1, 1]."""

    missing_message = "it does not generate images from latent vectors"


class StyleBased(Decoder):
    """Generates images from style vectors w that a mapping network makes of z. Karras et al. 2019 (1812.04948).

    Attributes: `w_size`, their length; `style_layers`, the number of styles of an image, from coarse to fine.
    """

    missing_message = "it has no style space; stylegan and stylegan2 have"
    w_size: int = 0
    style_layers: int = 0

    @abstractmethod
    def to_w(self, z: Tensor, condition: Tensor | None = None) -> Tensor:
        """The mapping network: z and condition as in `decode` -> float32 (batch, w_size)."""

    @abstractmethod
    def from_w(self, w: Tensor) -> Tensor:
        """The synthesis network: float32 (batch, style_layers, w_size) -> images as of `decode`, with fixed noise."""

    @abstractmethod
    def mean_w(self) -> Tensor:
        """The moving average of w over the training, float32 (w_size,): truncation moves each w toward it."""


class Encoder(Capability):
    """Infers latent vectors from images."""

    missing_message: ClassVar[str] = "it has no encoder; gancli project finds the z of an image by gradient descent"

    @abstractmethod
    def encode(self, images: Tensor, condition: Tensor | None = None) -> Tensor:
        """float32 (batch, height, width, channels) in [-1, 1] -> float32 (batch, z_size), the input of `decode`.

        condition: as in `decode`.
        """


class TextEncoder(Capability):
    """Encodes texts as vectors. Attributes: `text_size`, their length; `vocabulary`, the tokenizer."""

    missing_message: ClassVar[str] = "it does not encode text; gan-cls and skip-thoughts do"
    text_size: int = 0

    @abstractmethod
    def text_rows(self, texts: Sequence[str]) -> np.ndarray:
        """Texts as rows of token numbers, int32 (texts, longest), padded with 0."""

    @abstractmethod
    def read(self, rows: Tensor) -> Tensor:
        """Rows of `text_rows` -> vectors float32 (batch, text_size)."""


class SentencePredictor(Capability):
    """Predicts how likely a sentence is to follow another, and can learn new words from pretrained word vectors."""

    missing_message: ClassVar[str] = "it does not predict sentences; skip-thoughts does"

    @abstractmethod
    def log_next(self, rows: Tensor, following: Tensor) -> Tensor:
        """log P in nats of each of `following` after each of `rows`, int32 (batch, longest) and (others, longest).

        Returns: float32 (batch, others).
        """

    @abstractmethod
    def learn_words(self, words: Sequence[str], vectors: np.ndarray) -> int:
        """Learn new words from their vectors, float (words, size). Returns: how many were learned.

        Raises: OptionError if too few of the known words have a vector.
        """


class StyleEncoder(Capability):
    """Infers the style z of an image, whatever its text."""

    missing_message: ClassVar[str] = "it has no style encoder; gan-cls does"

    @abstractmethod
    def style(self, images: Tensor) -> Tensor:
        """float32 (batch, height, width, channels) in [-1, 1] -> float32 (batch, z_size)."""


class Upscaler(Capability):
    """Upscales images. Attributes: `scale`, the factor; `reach`, the radius of the receptive field in input pixels,
    so that large images can be upscaled in tiles."""

    missing_message: ClassVar[str] = "it does not upscale images; srresnet, srgan and espcn do"
    scale: int = 1
    reach: int = 0

    @abstractmethod
    def upscale(self, images: Tensor) -> Tensor:
        """float32 (batch, height, width, channels) in [-1, 1] -> (batch, scale height, scale width, channels)."""


class Segmenter(Capability):
    """Predicts the class of each pixel, one of `data.classes`."""

    missing_message: ClassVar[str] = "it does not segment images; segmentation does"

    @abstractmethod
    def segment(self, images: Tensor) -> Tensor:
        """float32 (batch, height, width, channels) in [-1, 1], of any size -> probabilities float32 (batch, height,
        width, classes)."""


class Translator(Capability):
    """Translates images between two domains.

    Attributes: `directions`, of "a-to-b" and "b-to-a"; `multiple`, of which the sides of images must be multiples.
    """

    missing_message: ClassVar[str] = "it does not translate images; cyclegan and pix2pix do"
    directions: tuple[str, ...] = ()
    multiple: int = 1

    @abstractmethod
    def translate(self, images: Tensor, direction: str) -> Tensor:
        """float32 (batch, height, width, channels) in [-1, 1] -> the same shape."""


class LikelihoodBound(Capability):
    """Has a lower bound on the likelihood of images."""

    missing_message: ClassVar[str] = "it has no bound on the likelihood of images; vae has"

    @abstractmethod
    def observe(self, images: Tensor, seed: Tensor) -> Tensor:
        """The observed x, from images float32 in [-1, 1]. seed: int32 (2,), of its noise."""

    @abstractmethod
    def bound(self, x: Tensor, condition: Tensor | None, seed: Tensor) -> tuple[Tensor, Tensor]:
        """For each image log p(x | z) of one z of q(z | x), and KL(q(z | x) || p(z)), in nats, float32 (batch,).

        x: as observed; the ELBO is the mean of log p(x | z) - KL. seed: int32 (2,), of z.
        """

    @abstractmethod
    def bits_per_number(self, bound: float) -> float | None:
        """A bound in nats as bits per dimension of an 8-bit image; None for binary pixels."""

    @abstractmethod
    def log_weights(self, x: Tensor, condition: Tensor | None, seed: Tensor, count: int) -> Tensor:
        """log p(x, z) / q(z | x) of `count` z's of q(z | x) for each image, nats, float32 (batch, count).

        Burda et al. 2015 (1509.00519), equation 7: the bound is the log of the mean of their exponentials.
        """


class Pyramid(Capability):
    """Generates images from coarse to fine. Attributes: `sides` of the images, the coarsest first."""

    missing_message: ClassVar[str] = "it does not generate images from coarse to fine; lapgan does"
    sides: tuple[int, ...] = ()

    @abstractmethod
    def coarsest(self, z: Tensor, condition: Tensor | None = None) -> Tensor:
        """The first images, float32 (batch, sides[0], sides[0], channels). z, condition: as in `decode`."""

    @abstractmethod
    def refine(self, level: int, coarse: Tensor, z: Tensor, condition: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """One level: the upsampled coarse image, and the details that its generator adds.

        level: from 1 on. coarse: float32 (batch, side, side, channels) of the level before. z: float32 (batch, z_size).
        """

    @abstractmethod
    def reduced(self, images: Tensor, level: int) -> Tensor:
        """Images at the resolution of a level, float32 (batch, sides[level], sides[level], channels)."""


class LatentCode(NamedTuple):
    """A part of z with a meaning: `size` numbers from index `start` on; several are a one-hot vector."""

    name: str
    start: int
    size: int


class CodedLatent(Latent):
    """Has codes of known meaning in z. Attributes: `codes`, the categorical one first."""

    missing_message: ClassVar[str] = "its z has no codes; that of infogan has"
    codes: tuple[LatentCode, ...]

    @abstractmethod
    def recognize(self, images: Tensor) -> Tensor:
        """Images float32 (batch, height, width, channels) in [-1, 1] -> probabilities of the categorical code, float32
        (batch, categories)."""


class PointGenerator(Latent):
    """Generates points: `decode` returns float32 (batch, size)."""

    @abstractmethod
    def discriminator_output(self, points: Tensor) -> Tensor | None:
        """The discriminator's output, float32 (batch, size) -> (batch, 1); None if it needs several points at once."""


class ConvolutionalNetworks(Capability):
    """Has a `generator` and a `discriminator` of convolutions, whose feature maps can be visualized and ablated."""

    missing_message: ClassVar[str] = "its networks have no convolutions"
