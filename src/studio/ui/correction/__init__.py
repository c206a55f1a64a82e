"""Pitch correction: the sung notes of a clip as blobs that can be moved."""
