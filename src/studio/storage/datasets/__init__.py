"""The files of datasets: media named by their content, frozen versions, and the packages that datasets travel in."""

from .folder import DatasetFolder, Staged, Taken
from .packing import pack
from .seen import Seen
from .unpacking import Package, open_package

__all__ = ["DatasetFolder", "Package", "Seen", "Staged", "Taken", "open_package", "pack"]
