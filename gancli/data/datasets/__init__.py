"""Data sets by name, one file each; a file has `SUMMARY` and `load(request)`, or `SOURCES` for several of a kind."""
