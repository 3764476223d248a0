"""Layers of networks of one family, rebuilt from several layers of Keras."""
