"""What the store needs to know of a model, whoever describes it, and of whoever watches a download."""

from __future__ import annotations

import posixpath
from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import Protocol

CONFIGURATION = frozenset({".json", ".txt", ".model", ".jinja", ".md", ".vocab", ".yaml"})
"""Endings of files that only describe: settings, tokens, templates, licences. None is ever run."""

UNENDED = frozenset({"license", "notice", "licence"})


class KnownFile(Protocol):
    """A file whose digest is known beforehand; empty and 0 where it is not."""

    @property
    def path(self) -> str: ...
    @property
    def sha256(self) -> str: ...
    @property
    def bytes(self) -> int: ...


class Wanted(Protocol):
    """A model as a catalogue describes it; see the catalogue for what each means."""

    @property
    def name(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def repo(self) -> str: ...
    @property
    def revision(self) -> str: ...
    @property
    def folder(self) -> str: ...
    @property
    def files(self) -> Sequence[KnownFile]: ...
    @property
    def only(self) -> Sequence[str]: ...
    @property
    def skip(self) -> Sequence[str]: ...
    @property
    def weights(self) -> str: ...
    @property
    def licence(self) -> str: ...
    @property
    def gated(self) -> bool: ...


class Watch(Protocol):
    """Who hears how far a download is, 0 to 1, and may stop it: `check` raises then."""

    def report(self, progress: float, message: str = "") -> None: ...
    def check(self) -> None: ...


class _Unwatched:
    def report(self, progress: float, message: str = "") -> None:
        """Nobody hears."""

    def check(self) -> None:
        """Nobody stops it."""


UNWATCHED: Watch = _Unwatched()
"""For work that nobody watches."""


def fetches(spec: Wanted, path: str) -> bool:
    """Whether a file of the repository is ever loaded: weights of the one kind, descriptions, and what the entry wants.

    Pickles, programs and everything else stay where they are.
    """
    name = posixpath.basename(path).lower()
    ending = posixpath.splitext(name)[1]
    if ending not in CONFIGURATION | {spec.weights} and name not in UNENDED:
        return False
    wanted = not spec.only or any(fnmatchcase(path, pattern) for pattern in spec.only)
    return wanted and not any(fnmatchcase(path, pattern) for pattern in spec.skip)


def is_plain(path: str) -> bool:
    """Whether a path that a hub names stays inside the folder it is put into, on every system."""
    parts = path.split("/")
    strange = set(path) & set('\\:*?"<>|') or any(ord(letter) < 32 for letter in path)
    return not strange and len(path) <= 250 and all(part.strip(". ") for part in parts) and not path.startswith("/")
