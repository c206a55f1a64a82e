"""A music studio in one process."""

__version__ = "0.1.0"
