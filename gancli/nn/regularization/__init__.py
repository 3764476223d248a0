"""Regularization of discriminators: penalties, spectral normalization, augmentation, equalized learning rate."""
