"""Evaluation of trained models: scores, and the classifiers and feature extractors that they need."""
