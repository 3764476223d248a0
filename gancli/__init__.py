"""Train, sample and score generative adversarial networks from the command line."""

__version__ = "0.1.0"
