"""Scores of trained models, and the networks that they are measured with."""
