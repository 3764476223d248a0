"""Formats of files, whatever the data set: HDF5, npz, tar, tables, texts, compressed files; and writing HDF5."""
