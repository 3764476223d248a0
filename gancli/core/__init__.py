"""Errors, options, files, locks, latent vectors and devices: used by all other packages, and using none of them."""

VERSION = "0.1.0"
