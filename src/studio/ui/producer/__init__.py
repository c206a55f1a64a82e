"""The producer: a request in words and controls, parts to re-roll and lock, and what was made last to compare."""
