"""What belongs to images: classes, attributes, captions, label maps, pairs and sentences."""
