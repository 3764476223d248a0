"""Data sets by path: modules with `ACCEPTS`, `accepts(path)` and `load(path, request)`, and what they share."""
