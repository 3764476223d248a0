"""Exploring the latent space of a model: interpolation, vector arithmetic, traversal, inversion."""
