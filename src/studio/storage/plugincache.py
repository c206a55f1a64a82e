"""What is known of the plug-ins of this computer, kept between starts: one file in the cache folder, as bytes.

It may be deleted at any time; the plug-ins are examined again then.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from .failures import BundleError, file_failure
from .locations import cache_folder

FILE = "plugins.json"
LARGEST = 64 * 1024 * 1024


def read_plugins() -> bytes:
    """What was kept last, nothing where that cannot be read. Any thread but the main one."""
    try:
        with (cache_folder() / FILE).open("rb") as file:
            return file.read(LARGEST)
    except OSError:
        return b""


def write_plugins(content: bytes) -> None:
    """Keep this, whole or not at all. Raises BundleError when the disk refuses."""
    folder = cache_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(prefix=f".{FILE}-", dir=folder)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(temporary).replace(folder / FILE)
    except OSError as cause:
        raise BundleError(file_failure("Keeping the list of plug-ins", cause)) from cause
