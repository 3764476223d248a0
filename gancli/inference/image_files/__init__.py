"""Image files as input and output of inference: photos, animations, sets of samples, latent codes."""
