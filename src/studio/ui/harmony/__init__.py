"""The song's chords in the window: typed with suggestions beside them, and detected in clips."""
