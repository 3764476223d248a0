"""General files of arrays: which array is what by its key, and in which order its axes are."""
