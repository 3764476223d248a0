"""Feature extractors for comparing sets of images: a classifier of the data, Inception, a weights file, or pixels."""

from gancli.evaluation.feature_extractors.choosing import check, for_domains, load
from gancli.evaluation.feature_extractors.extractor import OF_PAPERS, FeatureChoice, FeatureExtractor
from gancli.evaluation.feature_extractors.keras_networks import vgg19

__all__ = ["OF_PAPERS", "FeatureChoice", "FeatureExtractor", "check", "for_domains", "load", "vgg19"]
