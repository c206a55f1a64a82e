"""A small model of drummers: hits, their codes, the network, its training, what it plays and how it is judged."""
