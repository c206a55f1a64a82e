"""The models that were downloaded: what is there, what a download would take, and the download itself.

A model appears in its folder whole or not at all. Until then its files gather in a folder beside it, which a pause, a
cancel, a crash or a full disk leaves as it is: the next `pull` goes on there. Digests are compared with the entry of
the catalogue, with what the hub tells, and with what was recorded the first time.
"""

from __future__ import annotations

import contextlib
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal

import msgspec

from ...errors import StudioError
from ..failures import file_failure
from .fetching import PART, Door, Patience, disk_failure, fetch, persist, sha256_of, wrong_digest
from .hub import HUB, Consent, Listing, RemoteFile, asking, endpoint_of, list_files
from .records import (
    FileRecord,
    Record,
    beside,
    consent_key,
    place,
    read_consents,
    read_record,
    write_consents,
    write_record,
)
from .wanted import UNWATCHED, Wanted, Watch, fetches, is_plain

Kind = Literal["absent", "partial", "ready", "changed", "local", "lost"]

USED = ".used"
"""The ending of the file whose time says when a model was last used."""

SPARE = 64 * 1024 * 1024
"""Bytes of the disk that a download leaves free."""


class ModelState(msgspec.Struct, frozen=True):
    """Whether a model is there. Bytes on disk, and of the whole model where that is known (else 0).

    `partial` can be gone on with, `changed` is there but not as it was checked (verify it), `local` is the user's own
    folder and `lost` one that is not there any more.
    """

    kind: Kind
    bytes: int = 0
    total: int = 0

    @property
    def usable(self) -> bool:
        """Whether it can be loaded."""
        return self.kind in {"ready", "local"}


class Plan(msgspec.Struct, frozen=True):
    """What a download would be: the files, their bytes together, those that are still to come, and the free disk."""

    commit: str
    files: tuple[RemoteFile, ...]
    total: int
    missing: int
    free: int

    @property
    def fits(self) -> bool:
        """Whether the disk has room for it."""
        return self.missing + SPARE <= self.free


class Verified(msgspec.Struct, frozen=True):
    """What a check of all digests found: how many files, and the names of those that are missing or differ."""

    files: int
    wrong: tuple[str, ...]


class Usage(msgspec.Struct, frozen=True):
    """What a folder of the store takes: the model's repository, bytes, whether it is whole, and when it was last used,
    in seconds since 1970 (0: never)."""

    repo: str
    folder: str
    bytes: int
    whole: bool
    used: float = 0.0


class ModelStore:
    """The models under `root`, from the hub at `endpoint`. Any thread, but `plan`, `pull` and `verify` take a while.

    `token` is sent for models behind a gate only. `examine` looks at a folder that has come whole before it is
    accepted, and raises StudioError for what must not be used. Two pulls of one model at once are refused.
    """

    def __init__(
        self,
        root: Path,
        endpoint: str = HUB,
        token: str | None = None,
        examine: Callable[[Wanted, Path], None] = lambda spec, folder: None,
        patience: Patience = Patience(),  # noqa: B008 - a frozen value
    ) -> None:
        self.root = root
        self._door = Door(endpoint_of(endpoint), token, patience)
        self._examine = examine

    @property
    def endpoint(self) -> str:
        """The hub's address."""
        return self._door.endpoint

    def state(self, spec: Wanted) -> ModelState:
        """What is there of a model. Looks at names, sizes and times only; no network."""
        if spec.folder:
            path = Path(spec.folder)
            return ModelState("local", _bytes(path), _bytes(path)) if path.exists() else ModelState("lost")
        folder = place(self.root, spec)
        record = read_record(folder)
        if folder.is_dir():
            kind: Kind = "ready" if _as_recorded(folder, record) else "changed"
            return ModelState(kind, _bytes(folder), record.total)
        come = _bytes(beside(folder, PART))
        return ModelState("partial" if come else "absent", come, record.total)

    def home(self, spec: Wanted) -> Path:
        """Where a model lies or would lie."""
        return Path(spec.folder) if spec.folder else place(self.root, spec)

    def folder(self, spec: Wanted) -> Path:
        """Where a model that can be loaded lies: a folder, or the file of an adapter. Raises StudioError otherwise."""
        state = self.state(spec)
        if state.kind == "changed":
            raise StudioError(
                f"The files of “{spec.title}” have changed since they were checked; verify or fetch it again."
            )
        if state.kind == "lost":
            raise StudioError(f"“{spec.title}” is not at {spec.folder} any more; correct its entry or put it back.")
        if not state.usable:
            raise StudioError(f"“{spec.title}” is not on this computer yet; fetch it first.")
        return Path(spec.folder) if spec.folder else place(self.root, spec)

    def touch(self, spec: Wanted) -> None:
        """Notes that a model is used now. A disk that refuses is no reason not to use it."""
        if not spec.folder:
            with contextlib.suppress(OSError):
                beside(place(self.root, spec), USED).touch()

    def plan(self, spec: Wanted, watch: Watch = UNWATCHED) -> Plan:
        """Asks the hub what a model consists of and how large it is; loads nothing. Raises HubError."""
        if spec.folder:
            raise StudioError(f"“{spec.title}” lies in a folder of yours ({spec.folder}); there is nothing to fetch.")
        folder = place(self.root, spec)
        listing = self._listing(spec, spec.revision or read_record(folder).commit, watch)
        there = folder if folder.is_dir() else beside(folder, PART)
        missing = sum(max(0, file.bytes - _come(there, file.path)) for file in listing.files)
        total = sum(file.bytes for file in listing.files)
        return Plan(listing.commit, listing.files, total, missing, self.free())

    def free(self) -> int:
        """Free bytes on the disk of the store."""
        where = self.root
        while not where.exists():
            where = where.parent
        return shutil.disk_usage(where).free

    def consented(self, spec: Wanted) -> bool:
        """Whether the user has accepted the licence of a model. What lies in a folder of the user's needs none."""
        return bool(spec.folder) or consent_key(spec) in read_consents(self.root).given

    def accept(self, spec: Wanted) -> None:
        """Records that the user has accepted the licence of a model, now."""
        given = {**read_consents(self.root).given, consent_key(spec): time.time()}
        write_consents(self.root, msgspec.structs.replace(read_consents(self.root), given=given))

    def pull(self, spec: Wanted, watch: Watch) -> Path:
        """Downloads what is missing of a model, checks it, and returns its folder. Worker threads.

        Whatever ends it early, `watch.check` too, leaves what has come; the next call goes on. Raises Consent while the
        licence is not accepted, HubError, or StudioError.
        """
        if not self.consented(spec):
            raise Consent(f"“{spec.title}” comes under the licence {spec.licence}; accept it first.")
        with self._alone(spec):
            if self.state(spec).kind == "ready":
                return place(self.root, spec)
            plan = self.plan(spec, watch)
            if not plan.fits:
                raise StudioError(
                    f"“{spec.title}” needs {plan.missing / 1e9:.1f} GB more, and the disk has {plan.free / 1e9:.1f} GB;"
                    " free some space or remove a model."
                )
            return self._load(spec, plan, watch)

    def verify(self, spec: Wanted, watch: Watch) -> Verified:
        """Computes every digest anew. What differs or lacks is named; the next `pull` fetches only that."""
        folder = self._existing(spec)
        record = read_record(folder) if not spec.folder else Record()
        expected = {path: known.sha256 for path, known in record.files.items()} | _told(spec)
        base = folder if folder.is_dir() else folder.parent
        wrong, done, seen = [], 0, dict(record.files)
        total = sum(_come(base, path) for path in expected) or 1
        for path, sha256 in sorted(expected.items()):
            watch.report(done / total, path)
            file = base / path
            done += _come(base, path)
            if not file.is_file() or sha256_of(file, watch) != sha256:
                wrong.append(path)
            elif path in seen:
                seen[path] = _recorded(file, sha256)
        if not spec.folder:
            self._settle(folder, msgspec.structs.replace(record, files=seen), wrong)
        watch.report(1.0, "")
        return Verified(len(expected), tuple(wrong))

    def remove(self, spec: Wanted) -> int:
        """Deletes a model and what is there of a download of it; returns the bytes. A folder of the user's stays.

        Its digests are kept, so that what is fetched again must be the same.
        """
        if spec.folder:
            raise StudioError(f"“{spec.title}” lies in a folder of yours ({spec.folder}); delete it there.")
        folder = place(self.root, spec)
        with self._alone(spec):
            freed = _bytes(folder) + _bytes(beside(folder, PART))
            try:
                for path in (folder, beside(folder, PART)):
                    if path.exists():
                        shutil.rmtree(path)
            except OSError as cause:
                raise StudioError(file_failure(f"Removing “{spec.title}”", cause)) from cause
        return freed

    def ledger(self) -> tuple[Usage, ...]:
        """What every folder of the store takes, the largest first, also of models that no catalogue names any more."""
        found = []
        for folder in sorted(self.root.glob("*--*/*/")):
            whole = not folder.name.endswith(PART)
            kept = folder if whole else folder.with_name(folder.name.removesuffix(PART))
            repo = read_record(kept).repo or folder.parent.name.replace("--", "/", 1)
            found.append(Usage(repo, str(folder), _bytes(folder), whole, _time(beside(kept, USED))))
        return tuple(sorted(found, key=lambda usage: -usage.bytes))

    def discard(self, usage: Usage) -> int:
        """Deletes a folder of the ledger, for models that no catalogue names any more; returns the bytes."""
        folder = Path(usage.folder)
        if usage not in self.ledger():
            raise StudioError(f"{folder} has changed meanwhile; look again before it is deleted.")
        try:
            shutil.rmtree(folder)
        except OSError as cause:
            raise StudioError(file_failure(f"Removing {usage.repo}", cause)) from cause
        return usage.bytes

    def _listing(self, spec: Wanted, revision: str, watch: Watch) -> Listing:
        """What of a repository is fetched."""
        door = self._door
        with asking(door.endpoint):
            ask = lambda: list_files(spec, door.endpoint, revision, door.patience.silence, door.token)  # noqa: E731
            listing: Listing = persist(door.patience, watch, ask, lambda: 0)
        chosen = tuple(file for file in listing.files if fetches(spec, file.path))
        odd = [file.path for file in chosen if not is_plain(file.path)]
        if odd:
            raise StudioError(
                f"{spec.repo} names a file “{odd[0][:60]}”, which cannot be stored safely; it is refused."
            )
        if not any(file.path.endswith(spec.weights) for file in chosen):
            raise StudioError(f"{spec.repo} has no weights in {spec.weights.removeprefix('.')}; others could run code.")
        lacking = sorted({known.path for known in spec.files} - {file.path for file in chosen})
        if lacking:
            raise StudioError(f"The hub has no “{lacking[0]}”, which “{spec.title}” is to have; check its entry.")
        return Listing(listing.commit, chosen)

    def _load(self, spec: Wanted, plan: Plan, watch: Watch) -> Path:
        folder = place(self.root, spec)
        part = beside(folder, PART)
        record = self._begin(spec, folder, plan)
        come = sum(known.bytes for path, known in record.files.items() if _same(part / path, known))

        def moved(count: int) -> None:
            nonlocal come
            come += count
            watch.report(min(come / max(plan.total, 1), 0.999), f"{come / 1e6:.0f} of {plan.total / 1e6:.0f} MB")

        for file in plan.files:
            if file.path in record.files and _same(part / file.path, record.files[file.path]):
                continue
            with asking(self._door.endpoint):
                listing = Listing(plan.commit, plan.files)
                sha256 = fetch(spec, listing, file, part / file.path, self._door, watch, moved)
            self._compare(spec, record, file, part / file.path, sha256)
            files = {**record.files, file.path: _recorded(part / file.path, sha256)}
            record = msgspec.structs.replace(record, files=files)
            write_record(folder, record)
        wanted = {file.path: record.files[file.path] for file in plan.files}
        return self._finish(spec, folder, msgspec.structs.replace(record, files=wanted), watch)

    def _begin(self, spec: Wanted, folder: Path, plan: Plan) -> Record:
        """Prepares the folder in which files gather; of a model that had changed it takes what is still right."""
        part = beside(folder, PART)
        try:
            part.parent.mkdir(parents=True, exist_ok=True)
            if folder.is_dir():
                shutil.rmtree(part, ignore_errors=True)
                folder.rename(part)
            part.mkdir(exist_ok=True)
        except OSError as cause:
            raise disk_failure(spec, cause) from cause
        known = read_record(folder)
        record = Record(spec.repo, plan.commit, self.endpoint, time.time(), plan.total, known.files)
        write_record(folder, record)
        return record

    def _compare(self, spec: Wanted, record: Record, file: RemoteFile, path: Path, sha256: str) -> None:
        """Refuses a file that is another than the entry names or than came the first time."""
        known = _told(spec).get(file.path) or (record.files[file.path].sha256 if file.path in record.files else "")
        if known and known != sha256:
            path.unlink()
            raise wrong_digest(spec, file.path)

    def _finish(self, spec: Wanted, folder: Path, record: Record, watch: Watch) -> Path:
        """Looks at the whole, and gives it its name."""
        part = beside(folder, PART)
        watch.check()
        for path in [path for path in part.rglob("*") if path.is_file()]:
            if path.relative_to(part).as_posix() not in record.files:
                path.unlink()
        self._examine(spec, part)
        write_record(folder, record)
        try:
            part.rename(folder)
        except OSError as cause:
            raise disk_failure(spec, cause) from cause
        watch.report(1.0, "")
        return folder

    def _existing(self, spec: Wanted) -> Path:
        folder = Path(spec.folder) if spec.folder else place(self.root, spec)
        if not folder.exists():
            raise StudioError(f"“{spec.title}” is not on this computer; fetch it first.")
        return folder

    def _settle(self, folder: Path, record: Record, wrong: list[str]) -> None:
        """After a check: what is right counts as checked, what is wrong goes, so that a pull fetches it."""
        write_record(folder, record)
        for path in wrong:
            (folder / path).unlink(missing_ok=True)

    @contextlib.contextmanager
    def _alone(self, spec: Wanted) -> Iterator[None]:
        """One at a time per model, whatever process; the system takes the lock back from one that was killed."""
        import filelock

        lock = beside(place(self.root, spec), ".lock")
        try:
            lock.parent.mkdir(parents=True, exist_ok=True)
            with filelock.FileLock(lock, timeout=0):
                yield
        except filelock.Timeout as cause:
            raise StudioError(
                f"“{spec.title}” is being fetched already, here or in another studio; wait for it."
            ) from cause
        except OSError as cause:
            raise disk_failure(spec, cause) from cause


def _told(spec: Wanted) -> dict[str, str]:
    """The digests that the catalogue tells."""
    return {file.path: file.sha256 for file in spec.files if file.sha256}


def _bytes(path: Path) -> int:
    if path.is_file():
        return path.stat().st_size
    return sum(file.stat().st_size for file in path.rglob("*") if file.is_file())


def _time(file: Path) -> float:
    """When a file was last written, 0 where there is none."""
    try:
        return file.stat().st_mtime
    except OSError:
        return 0.0


def _come(folder: Path, path: str) -> int:
    """The bytes that are there of a file, whole or not."""
    for name in (path, path + PART):
        with contextlib.suppress(OSError):
            return (folder / name).stat().st_size
    return 0


def _recorded(file: Path, sha256: str) -> FileRecord:
    seen = file.stat()
    return FileRecord(sha256, seen.st_size, seen.st_mtime_ns)


def _same(file: Path, known: FileRecord) -> bool:
    """Whether a file is as it was when its digest was computed, by size and time."""
    try:
        seen = file.stat()
    except OSError:
        return False
    return (seen.st_size, seen.st_mtime_ns) == (known.bytes, known.modified)


def _as_recorded(folder: Path, record: Record) -> bool:
    return bool(record.files) and all(_same(folder / path, known) for path, known in record.files.items())
