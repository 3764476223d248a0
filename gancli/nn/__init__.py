"""Networks, losses, optimizers and the adversarial step."""
