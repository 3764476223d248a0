"""Texts: their encodings, paragraphs and sentences; words, vocabularies and word vectors."""
