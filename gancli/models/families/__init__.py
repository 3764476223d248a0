"""What several models share: adversarial training, autoencoding, super-resolution, image translation."""
