"""Image files and arrays: decoding, surveys, value ranges, size and color."""
