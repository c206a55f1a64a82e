"""The coach: what is sung, over what is to be sung."""

from .panel import CoachPanel

__all__ = ["CoachPanel"]
