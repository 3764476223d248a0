"""Annotations of images: classes, attributes, captions, label maps, image domains and pairs."""
