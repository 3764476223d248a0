"""Networks of residual blocks: those of SNGAN and of R3GAN, and a transformer as discriminator."""
