"""The library panel."""

from .model import MIME
from .panel import LibraryPanel

__all__ = ["MIME", "LibraryPanel"]
