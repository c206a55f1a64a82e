"""Harmony: chords read, named, voiced, suggested and detected. Pure functions; nothing here opens a song."""
