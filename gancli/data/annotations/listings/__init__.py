"""Tables and lists of pictures: which picture a line means, and the labels, captions, attributes and splits there."""
