"""Data sets that are records of encoded pictures and their labels, in shards."""
