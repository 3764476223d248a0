"""Reports about runs: rows of a list, everything about one, comparisons."""
