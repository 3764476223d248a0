"""Networks whose resolution grows during the training."""
