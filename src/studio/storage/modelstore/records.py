"""What the store remembers of each model, beside its folder, and which licences the user has accepted."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TypeVar

import msgspec

from ...errors import StudioError
from ..failures import file_failure
from ..filesystem import sync_folder
from .wanted import Wanted

R = TypeVar("R", bound=msgspec.Struct)

MAX_SIZE = 16_000_000
MAX_SECRET = 4096
CONSENTS = "consents.json"


class FileRecord(msgspec.Struct, frozen=True, gc=False):
    """A file as it was when its digest was last computed: later only its size and time are compared."""

    sha256: str
    bytes: int
    modified: int
    """Nanoseconds since 1970."""


class Record(msgspec.Struct, frozen=True):
    """One model of the store: which commit, from which hub, what each file was. It outlives the folder, so that what
    is loaded again is compared with what came the first time. `total` is the size of all files, 0 while not known."""

    repo: str = ""
    commit: str = ""
    endpoint: str = ""
    pulled: float = 0.0
    total: int = 0
    files: dict[str, FileRecord] = {}


class Consents(msgspec.Struct, frozen=True):
    """When, as Unix time in seconds, each licence was accepted, by "owner/name licence"."""

    given: dict[str, float] = {}


def consent_key(spec: Wanted) -> str:
    """What a consent is to: the terms of one model."""
    return f"{spec.repo or spec.folder} {spec.licence}"


def place(root: Path, spec: Wanted) -> Path:
    """The folder of a model in the store; beside it stand its record, its lock and what is not whole yet."""
    owner, _, name = spec.repo.partition("/")
    return root / f"{owner}--{name}" / (spec.revision or "pinned")


def beside(folder: Path, ending: str) -> Path:
    """What stands beside a model's folder."""
    return folder.with_name(folder.name + ending)


def read_record(folder: Path) -> Record:
    """The record of the model in this folder, an empty one where nothing readable is."""
    return _read(beside(folder, ".json"), Record) or Record()


def write_record(folder: Path, record: Record) -> None:
    """Keeps a record, whole or not at all. Raises StudioError when the disk refuses."""
    _write(beside(folder, ".json"), record)


def read_consents(root: Path) -> Consents:
    """The licences that were accepted."""
    return _read(root / CONSENTS, Consents) or Consents()


def write_consents(root: Path, consents: Consents) -> None:
    """Keeps them, whole or not at all. Raises StudioError when the disk refuses."""
    _write(root / CONSENTS, consents)


def read_secret(file: Path) -> str:
    """What a file of one line holds, empty where there is none."""
    try:
        return file.read_text("ascii").strip() if file.stat().st_size <= MAX_SECRET else ""
    except (OSError, UnicodeDecodeError):
        return ""


def write_secret(file: Path, text: str) -> None:
    """Keeps one line in a file that only its owner can read; empty removes it. Raises StudioError."""
    try:
        if not text:
            file.unlink(missing_ok=True)
            return
        file.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(prefix=f".{file.name}-", dir=file.parent)  # for its owner alone
        with os.fdopen(handle, "w", encoding="ascii") as stream:
            stream.write(f"{text}\n")
        Path(temporary).replace(file)
    except OSError as cause:
        raise StudioError(file_failure("Keeping the access token", cause)) from cause


def _read(file: Path, kind: type[R]) -> R | None:
    try:
        if file.stat().st_size > MAX_SIZE:
            return None
        return msgspec.json.decode(file.read_bytes(), type=kind)
    except (OSError, msgspec.DecodeError):
        return None


def _write(file: Path, value: msgspec.Struct) -> None:
    temporary = ""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(prefix=f".{file.name}-", dir=file.parent)
        with os.fdopen(handle, "wb") as stream:
            stream.write(msgspec.json.format(msgspec.json.encode(value), indent=1))
            stream.flush()
            os.fsync(stream.fileno())
        Path(temporary).replace(file)
        sync_folder(file.parent)
    except OSError as cause:
        if temporary:
            Path(temporary).unlink(missing_ok=True)
        raise StudioError(file_failure("Keeping what is known of the models", cause)) from cause
