"""Lays out a song: its form, how its energy goes, and what leads from one section to the next."""
