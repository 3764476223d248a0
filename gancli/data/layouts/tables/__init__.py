"""Tables beside pictures: labels, captions, attributes and official splits."""
