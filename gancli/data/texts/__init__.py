"""Texts: words, vocabularies and word vectors."""
