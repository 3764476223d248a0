"""Published formats: of well-known data sets (idx, pickles, rows of bytes) and of weights (PyTorch, safetensors)."""
