"""Writes the parts of an arrangement from a request, a genre and chords."""
