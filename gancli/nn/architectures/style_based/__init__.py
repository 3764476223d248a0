"""Networks of StyleGAN and StyleGAN2: mapping, synthesis, discriminators."""
