"""The mixer panel."""

from .panel import MixerPanel

__all__ = ["MixerPanel"]
