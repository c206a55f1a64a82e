"""Genres as data: what they consist of, and how they are read from files."""
