"""The formats in which well-known data sets were published: idx, pickles, and rows of bytes without a header."""
