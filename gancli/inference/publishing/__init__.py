"""Writes a trained model as a folder for model hubs: weights, configuration, model card, samples."""
