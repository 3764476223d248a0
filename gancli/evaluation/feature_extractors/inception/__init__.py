"""The network of 2015-12-05 that published FIDs use: its weights, their file, and its features."""
