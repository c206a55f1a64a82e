"""The timeline: one painted canvas with ruler and track headers beside it.

Everything is drawn in device pixels into one backing picture; the screen gets copies of its dirty parts. Columns of
waveforms, clip bodies and grid come out of a table with one lookup for all rows (`columns`, `canvas`).
"""
