"""Datasets as a person works with them: what was approved, files and parts of songs become versions to learn from."""
