"""Image files and arrays: decoding, pixel ranges, size and color."""
