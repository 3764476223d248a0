"""Data sets by path, one file for each format, with `ACCEPTS`, `accepts(path)` and `load(path, request)`; decoding."""
