"""Keras layers with exact gradients: strided convolutions, batch normalization, minibatch discrimination."""
