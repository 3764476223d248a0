"""What the names of folders and files say: splits, parts of one set, low-resolution copies, classes."""
