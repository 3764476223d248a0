"""What a trained model is used for: sampling, interpolation, arithmetic, upscaling, segmentation, translation."""
