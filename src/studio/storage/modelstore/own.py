"""The user's own catalogue: entries are added to a file and taken out of it; what else stands there stays."""

from __future__ import annotations

import contextlib
import os
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

import msgspec

from ...errors import StudioError
from ..failures import file_failure
from ..filesystem import sync_folder

HEAD = "# Neural models of your own; an entry with the name of one of the studio's replaces it.\n"


def append_entry(file: Path, text: str) -> None:
    """Adds an entry to a catalogue, whole or not at all; what stands there stays. Raises StudioError on a bad disk."""
    with _failing("Adding to", file):
        before = file.read_text("utf-8") if file.exists() else HEAD
        _write(file, f"{before.rstrip()}\n\n{text.strip()}\n")


def drop_entry(file: Path, name: str) -> bool:
    """Takes the entries of this name out of a catalogue, whole or not at all; False where there is none.

    Raises StudioError on a bad disk.
    """
    with _failing("Removing from", file):
        head, *entries = re.split(r"(?m)^(?=\[\[model\]\])", file.read_text("utf-8")) if file.exists() else [""]
        gone = [_name(entry) == name for entry in entries]
        if any(gone):
            left = [_notes_after(entry) if out else entry for entry, out in zip(entries, gone, strict=True)]
            _write(file, "".join([head, *left]))
        return any(gone)


def own_names(file: Path) -> frozenset[str]:
    """The names of a catalogue's entries, none where it cannot be read."""
    try:
        entries = re.split(r"(?m)^(?=\[\[model\]\])", file.read_text("utf-8"))
    except (OSError, UnicodeDecodeError):
        return frozenset()
    return frozenset(filter(None, map(_name, entries[1:])))


def _name(entry: str) -> str:
    try:
        return str(msgspec.toml.decode(entry)["model"][0]["name"])
    except (msgspec.DecodeError, KeyError, TypeError, IndexError):
        return ""


def _notes_after(entry: str) -> str:
    """The comments at the end of an entry, which belong to the next one."""
    lines = entry.splitlines(keepends=True)
    while any(line.strip() and not line.lstrip().startswith("#") for line in lines):
        lines.pop(0)
    return "".join(lines)


def _write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(prefix=f".{file.name}-", dir=file.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        Path(temporary).replace(file)
    except OSError:
        Path(temporary).unlink(missing_ok=True)
        raise
    sync_folder(file.parent)


@contextlib.contextmanager
def _failing(doing: str, file: Path) -> Iterator[None]:
    what = f"{doing} your catalogue of models"
    try:
        yield
    except OSError as cause:
        raise StudioError(file_failure(what, cause)) from cause
    except UnicodeDecodeError as cause:
        raise StudioError(f"{what} failed: {file} is no text.") from cause
