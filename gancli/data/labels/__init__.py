"""Labels: arrays of them, names of classes, and queries of attributes."""
