"""Selection of samples by classifiers of the data."""
