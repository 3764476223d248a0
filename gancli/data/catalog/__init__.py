"""Well-known data sets that gancli does not download: by which names their files are found, and where to get them."""
