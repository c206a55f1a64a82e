"""Hearing a voice: its pitch, its notes, their timing, what they are worth, and what to practise."""
