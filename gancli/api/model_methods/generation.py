"""Methods of gancli.TrainedModel that generate: from seeds, classes, texts and latent vectors."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from gancli.api.model_methods import arguments
from gancli.api.model_methods.arguments import Label, Labels, SeedList, Texts, Vectors
from gancli.api.model_methods.base import ModelMethods, needs
from gancli.core.backend import np, tf
from gancli.core.errors import OptionError
from gancli.inference.latent_space import sum_of_vectors
from gancli.inference.style_space import truncation as truncations
from gancli.models.capabilities import Decoder, Latent, PointGenerator
from gancli.nn.latents import Seeds

if TYPE_CHECKING:
    from gancli.inference.class_sampling import ClassSamples
    from gancli.inference.image_inputs import Images

DEFAULT_COUNT, MOST_SAMPLES = 16, 10_000_000


class Generation(ModelMethods):
    """Images, or points, of a generator."""

    @needs(Decoder, PointGenerator)
    def sample(
        self,
        seeds: SeedList | None = None,
        *,
        num_samples: int | None = None,
        label: Labels | None = None,
        text: Texts | None = None,
        style_of: Images | None = None,
        truncation: float | None = None,
        truncation_layers: int | None = None,
    ) -> np.ndarray:
        """Generate images; a seed always gives the same one, that of `gancli sample`.

        seeds: whole numbers; by default 0, 1, … 15. num_samples: instead of seeds, how many, from seed 0 on.
        label: the name or number of a class; for a class-conditional model also one for each seed, and by default every
        class in turn. With any other model classifiers select the images that show the class (or attributes, such as
        "smiling woman"): with seeds those among them, else as many as num_samples. They are trained on the run's data,
        which takes minutes the first time. text: for a text-conditional model, one for all images or one for each; by
        default captions of its data in turn. style_of: images whose style is used with the text, instead of seeds.
        truncation: for a style-based model, the factor of each style's distance to the mean (Karras et al. 2019,
        appendix B): less variety and fewer failures below 1; truncation_layers: of the first style layers alone.

        Returns: uint8 (images, height, width, channels); of a model of points float32 (points, size).
        Raises: OptionError, DataError; CheckpointError if too few images show the class.
        """
        with self._truncated(truncation, truncation_layers):
            return self._sample(seeds, num_samples, label, text, style_of)

    def _sample(
        self,
        seeds: SeedList | None,
        num_samples: int | None,
        label: Labels | None,
        text: Texts | None,
        style_of: Images | None,
    ) -> np.ndarray:
        if seeds is not None and num_samples is not None:
            raise OptionError("seeds and num_samples both set the number of images: give one of them")
        chosen = self._seeds(seeds, num_samples)
        if not self._can(Decoder):
            if any(value is not None for value in (label, text, style_of)):
                raise OptionError(
                    f"{self._trained.outline.name()} generates from seeds alone: leave out label and text"
                )
            return self._trained.points(chosen)
        if text is not None or style_of is not None:
            if label is not None:
                raise OptionError("label and text exclude each other: give one of them")
            return self._sample_texts(chosen, text, style_of, is_chosen=seeds is not None or num_samples is not None)
        if label is not None and (not self._trained.is_class_conditional or not arguments.is_several(label)):
            return self._of_class(label, chosen, among=seeds is not None).images.load().pixels
        sampler, numbers = self._trained.sampler, list(chosen)
        labels = arguments.label_rows(self._trained, label, len(numbers), default=sampler.cycle_labels(numbers))
        return sampler.decode(sampler.model.latents(numbers), labels)

    @needs(Decoder, check=sum_of_vectors.need_unconditional)
    def find_seeds(self, label: Label, num_samples: int = DEFAULT_COUNT) -> list[int]:
        """The first seeds whose images show a class or attributes, of an unconditional model: see label of `sample`.

        Raises: OptionError, DataError; CheckpointError if too few images show it.
        """
        return self._of_class(label, self._seeds(None, num_samples), among=False).images.load().seeds.tolist()

    @needs(Latent)
    def latents(self, seeds: SeedList) -> np.ndarray:
        """The latent vectors of seeds, float32 (seeds, z_size). Raises: OptionError."""
        return Latent.of(self._trained.outline).latents(arguments.seed_list(seeds))

    @needs(Latent)
    def decode(self, z: Vectors, *, label: Labels | None = None, text: Texts | None = None) -> np.ndarray:
        """Generate from latent vectors.

        z: floating-point numbers (count, z_size), or (z_size,) for one. label, text: the class or text of all of them,
        or one for each, for models that take them. Returns: uint8 (count, height, width, channels); of a model of
        points float32 (count, size). Raises: OptionError, DataError.
        """
        rows = arguments.z_rows(z, Latent.of(self._trained.outline).z_size)
        if not self._can(Decoder):
            if label is not None or text is not None:
                raise OptionError(f"{self._trained.outline.name()} generates from z alone: leave out label and text")
            return Latent.of(self._trained.model).decode(tf.constant(rows)).numpy()
        if text is not None or self._trained.takes_texts:
            return self._decode_texts(rows, text)
        return self._trained.sampler.decode(rows, arguments.label_rows(self._trained, label, len(rows)))

    def _truncated(self, psi: float | None, layers: int | None) -> contextlib.AbstractContextManager[None]:
        """Inside, samples are truncated, if psi is given. Raises: OptionError."""
        return truncations.using(self._trained, truncations.parse(psi, layers))

    def _seeds(self, seeds: SeedList | None, num_samples: int | None) -> Seeds:
        if seeds is not None:
            return arguments.seed_list(seeds)
        count = DEFAULT_COUNT if num_samples is None else num_samples
        return Seeds([range(arguments.whole_number(count, "num_samples", 1, MOST_SAMPLES))])

    def _of_class(self, label: Labels, seeds: Seeds, *, among: bool) -> ClassSamples:
        from gancli.inference import class_sampling

        if arguments.is_several(label):
            name = self._trained.outline.name()
            raise OptionError(f"label has {len(label)} entries: {name} takes no labels, so one class can be selected")
        if not isinstance(label, str) and not arguments.is_whole(label):
            raise OptionError(
                f"label is {arguments.in_words(label)}: expected the name or number of a class, or attributes"
            )
        return class_sampling.sample_class(self._trained, str(label), seeds, self._classifiers(), among=among)

    def _sample_texts(
        self, seeds: Seeds, text: Texts | None, style_of: Images | None, *, is_chosen: bool
    ) -> np.ndarray:
        """Images of texts, with z of the seeds, or of the style of images."""
        from gancli.inference import image_inputs, text_conditions

        if style_of is None:
            return self._decode_texts(Latent.of(self._trained.outline).latents(seeds), text)
        if text is None or is_chosen:
            raise OptionError("style_of gives z for a text: add text, and leave out seeds and num_samples")
        self._need_texts(text)
        text_conditions.need_style(self._trained)
        pixels = image_inputs.of_model_size(self._trained, style_of)
        return self._decode_texts(text_conditions.style_codes(self._trained, pixels), text)

    def _need_texts(self, text: Texts | None) -> None:
        """Raise OptionError for a text where none is taken, or the reverse."""
        name = self._trained.outline.name()
        if not self._trained.takes_texts:
            raise OptionError(f"text={arguments.in_words(text)}: {name} takes no texts; use a model such as gan-cls")
        if text is None:
            raise OptionError(f"{name} takes texts: give one, for example text={self._trained.run.facts.captions[0]!r}")

    def _decode_texts(self, z: np.ndarray, text: Texts | None) -> np.ndarray:
        """Images of latent vectors with one text for all, or one for each."""
        from gancli.inference import text_conditions

        self._need_texts(text)
        texts = arguments.text_list(self._trained, text)
        if len(texts) not in (1, len(z)):
            raise OptionError(f"text has {len(texts)} entries for {len(z)} images: expected one, or one for each")
        sampler = self._trained.sampler
        with text_conditions.using(sampler, texts):
            return sampler.decode(z, np.arange(len(z)) if len(texts) > 1 else np.zeros(len(z), np.int64))
