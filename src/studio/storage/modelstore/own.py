"""The user's own catalogue: a file of entries that is only ever added to."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from ...errors import StudioError
from ..failures import file_failure
from ..filesystem import sync_folder

HEAD = "# Neural models of your own; an entry with the name of one of the studio's replaces it.\n"


def append_entry(file: Path, text: str) -> None:
    """Adds an entry to a catalogue, whole or not at all; what stands there stays. Raises StudioError on a bad disk."""
    temporary = ""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        before = file.read_text("utf-8") if file.exists() else HEAD
        handle, temporary = tempfile.mkstemp(prefix=f".{file.name}-", dir=file.parent)
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(f"{before.rstrip()}\n\n{text.strip()}\n")
            stream.flush()
            os.fsync(stream.fileno())
        Path(temporary).replace(file)
        sync_folder(file.parent)
    except (OSError, UnicodeDecodeError) as cause:
        if temporary:
            Path(temporary).unlink(missing_ok=True)
        what = "Adding to your catalogue of models"
        sentence = file_failure(what, cause) if isinstance(cause, OSError) else f"{what} failed: {file} is no text."
        raise StudioError(sentence) from cause
