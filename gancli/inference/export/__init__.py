"""Networks of runs as files for other programs: Keras, SavedModel, ONNX, LiteRT."""
