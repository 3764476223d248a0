"""Keras builders: pure functions from a shape and a few numbers to a keras.Model."""
