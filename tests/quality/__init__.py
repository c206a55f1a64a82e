"""How good the producer is: what it writes and how that sounds, measured for every genre and many seeds.

`python3 start.py quality [GENRE...] [--seeds N]` prints the tables of docs/music-quality.md.
"""
