"""The piano roll: the notes of a clip, painted on one canvas, with keys at the left and velocities below.

The drum grid (`ui/drumgrid`) is the same canvas with named lanes for rows and a hand of its own.
"""
