"""Records of encoded pictures in shards: names of shards, columns of labels and captions, formats of records."""
