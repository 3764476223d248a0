"""What is shown while gancli works: a line that is rewritten in a terminal or notebook, else lines of text."""
