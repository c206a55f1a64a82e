"""Small pictures of sounds, pictures and texts, read beside the window's thread; of sounds they are kept on disk."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections import OrderedDict
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import NamedTuple

import numpy as np
import soundfile
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QRunnable, Qt, QThread, QThreadPool, Signal
from PySide6.QtGui import QImage, QImageReader, QPixmap

from ...engine.audio.decode import probe
from ...engine.audio.peaks import build_peaks
from ...errors import StudioError
from ..theme import color

COLUMNS = 112
"""How many lowest and highest samples make a picture."""

VERSION = b"thumb1\n"
LONG, GLANCE = 30.0, 2048
LIMIT = 4096
"""How many pictures stay in memory, and how many wishes are remembered."""

PICTURES = frozenset({".png", ".jpg", ".jpeg", ".webp"})
TEXTS = frozenset({".txt", ".json", ".lrc"})
SIDE = 320
"""Pixels of the longer side of a small picture."""

IMAGES = 160
"""How many of them stay in memory: 65 MB."""

FIRST_WORDS = 160
"""Characters of a text that are shown."""

Outline = NDArray[np.int8]


class Thumb(NamedTuple):
    """What a glance at a sound file showed. `outline` int8 (2, COLUMNS): lowest and highest, full scale 127.

    `problem` is a sentence where the file could not be read; then the outline is flat. A picture has an `image`, a text
    its first `words`.
    """

    seconds: float
    outline: Outline
    problem: str = ""
    image: QImage | None = None
    words: str = ""


class Thumbnails(QObject):
    """Thumbs on demand. `ready(path)` follows a `thumb` that had to be made. Main thread.

    `folder` keeps them between runs, None only in memory. The wish uttered last is served first, so that what is in
    view comes before what was scrolled past.
    """

    ready = Signal(str)
    _made = Signal(str, object)

    def __init__(self, folder: Path | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._folder = folder
        self._known: OrderedDict[str, Thumb] = OrderedDict()
        self._wishes: OrderedDict[str, Path] = OrderedDict()
        self._lock = Lock()
        self._reader: _Reader | None = None
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(1)
        self._pool.setThreadPriority(QThread.Priority.LowestPriority)
        self._made.connect(self._keep, Qt.ConnectionType.QueuedConnection)

    def thumb(self, path: Path) -> Thumb | None:
        """The thumb of a file; None while it is being made."""
        key = os.fspath(path)
        if key in self._known:
            self._known.move_to_end(key)
            return self._known[key]
        with self._lock:
            self._wishes[key] = path
            self._wishes.move_to_end(key)
            while len(self._wishes) > LIMIT:
                self._wishes.popitem(last=False)
            if self._reader is None:
                self._reader = _Reader(self)
                self._pool.start(self._reader)
        return None

    def forget(self, path: Path) -> None:
        """Looks at a file again next time."""
        self._known.pop(os.fspath(path), None)

    def close(self) -> None:
        """Waits for the file being read and drops the other wishes. The last thing to call."""
        with self._lock:
            self._wishes.clear()
        self._pool.waitForDone()

    def serve(self) -> None:
        """Makes what is wished for until nothing is. The pool's thread."""
        while True:
            with self._lock:
                if not self._wishes:
                    self._reader = None
                    return
                key, path = self._wishes.popitem()
            self._made.emit(key, look_up(path, self._folder))

    def _keep(self, key: str, thumb: Thumb) -> None:
        self._known[key] = thumb
        while len(self._known) > LIMIT:
            self._known.popitem(last=False)
        images = [one for one, known in self._known.items() if known.image is not None] if thumb.image else []
        for old in images[:-IMAGES]:
            del self._known[old]
        self.ready.emit(key)


class _Reader(QRunnable):
    def __init__(self, owner: Thumbnails) -> None:
        super().__init__()
        self.setAutoDelete(False)
        self._owner = owner

    def run(self) -> None:
        self._owner.serve()


def look_up(path: Path, folder: Path | None) -> Thumb:
    """The thumb of a file, from `folder` where it is known, else made and put there. Any thread."""
    try:
        stat = path.stat()
    except OSError:
        return Thumb(0.0, _flat(), "The file is not where it was; plug in its disk or remove it from the library.")
    suffix = path.suffix.lower()
    if suffix in PICTURES:
        return _small(path)
    if suffix in TEXTS:
        return Thumb(0.0, _flat(), words=first_words(path))
    name = hashlib.sha1(f"{path}\0{stat.st_size}\0{stat.st_mtime_ns}".encode("utf-8", "surrogatepass")).hexdigest()
    kept = folder / name[:2] / name if folder is not None else None
    known = _read(kept) if kept is not None else None
    if known is not None:
        return known
    try:
        made = make_thumb(path)
    except StudioError as error:
        return Thumb(0.0, _flat(), str(error))
    if kept is not None:
        _write(kept, made)
    return made


def _small(path: Path) -> Thumb:
    reader = QImageReader(str(path))
    reader.setAutoTransform(True)
    size = reader.size()
    if size.isValid():
        reader.setScaledSize(size.scaled(SIDE, SIDE, Qt.AspectRatioMode.KeepAspectRatioByExpanding))
    image = reader.read()
    if image.isNull():
        return Thumb(0.0, _flat(), "This picture cannot be read; it may be damaged.")
    return Thumb(0.0, _flat(), image=image.convertToFormat(QImage.Format.Format_RGB32))


def first_words(path: Path) -> str:
    """The beginning of a text, or of the text that a file of lyrics holds. Any thread."""
    try:
        with path.open("rb") as file:
            data = file.read(1 << 16)
        told = json.loads(data) if path.suffix.lower() == ".json" else data.decode("utf-8", "replace")
    except (OSError, ValueError, RecursionError):
        return ""
    text = told.get("text", "") if isinstance(told, dict) else told
    return " ".join(str(text).split())[:FIRST_WORDS]


def make_thumb(path: Path) -> Thumb:
    """Reads a sound file: all of it, or glances at it where it is long and can be jumped about in. Any thread.

    Raises DecodeError when it is no sound.
    """
    info = probe(path)
    seconds = info.frames / info.rate
    if seconds > LONG and not info.frames_estimated:
        glanced = _glance(path)
        if glanced is not None:
            return Thumb(seconds, glanced)
    peaks = build_peaks(path)
    values, _ = peaks.level(peaks.frames / COLUMNS)
    return Thumb(peaks.frames / info.rate, _columns(values[..., 0].min(axis=0), values[..., 1].max(axis=0)))


def _glance(path: Path) -> Outline | None:
    """The outline from a short stretch at every column; None where libsndfile cannot jump to it."""
    try:
        with soundfile.SoundFile(os.fspath(path)) as file:
            if not file.seekable() or "MP3" in file.format:
                return None
            low, high = np.zeros(COLUMNS, np.float32), np.zeros(COLUMNS, np.float32)
            for column in range(COLUMNS):
                file.seek(file.frames * column // COLUMNS)
                piece = np.nan_to_num(file.read(GLANCE, dtype="float32", always_2d=True))
                if piece.size:
                    low[column], high[column] = piece.min(), piece.max()
            return np.rint(np.clip((low, high), -1, 1) * 127).astype(np.int8)
    except (soundfile.SoundFileError, OSError, RuntimeError):
        return None


def _flat() -> Outline:
    return np.zeros((2, COLUMNS), np.int8)


def _columns(low: Outline, high: Outline) -> Outline:
    if not len(low):
        return _flat()
    starts = np.arange(COLUMNS) * len(low) // COLUMNS
    return np.stack((np.minimum.reduceat(low, starts), np.maximum.reduceat(high, starts)))


def _read(file: Path) -> Thumb | None:
    try:
        data = file.read_bytes()
    except OSError:
        return None
    body = data[len(VERSION) :]
    if not data.startswith(VERSION) or len(body) != 8 + 2 * COLUMNS:
        return None
    seconds = float(np.frombuffer(body[:8], np.float64)[0])
    return Thumb(seconds, np.frombuffer(body[8:], np.int8).reshape(2, COLUMNS))


def _write(file: Path, thumb: Thumb) -> None:
    """Keeps a thumb. A full or read-only disk costs the next run some time, nothing else."""
    temporary = file.with_suffix(".part")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_bytes(VERSION + np.float64(thumb.seconds).tobytes() + thumb.outline.tobytes())
        temporary.replace(file)
    except OSError:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)


@lru_cache(maxsize=1024)
def _picture(outline: bytes, width: int, height: int, shade: str, ground: str) -> QPixmap:
    low, high = np.frombuffer(outline, np.int8).reshape(2, COLUMNS).astype(np.float32) / 127
    gain = 1 / max(float(np.abs((low, high)).max()), 0.3)
    columns = np.arange(width) * COLUMNS // width
    middle, reach = (height - 1) / 2, height / 2 - 1
    rows = np.arange(height)[:, None]
    top = np.minimum(middle - high[columns] * gain * reach, middle - 0.5)
    bottom = np.maximum(middle - low[columns] * gain * reach, middle + 0.5)
    inside = (rows >= np.floor(top)) & (rows <= np.ceil(bottom))
    pixels = np.where(inside, np.uint32(color(shade).rgb()), np.uint32(color(ground).rgb()))
    data = np.ascontiguousarray(pixels, np.uint32)
    return QPixmap.fromImage(QImage(data.data, width, height, width * 4, QImage.Format.Format_RGB32).copy())


def picture(outline: Outline, width: int, height: int, shade: str, ground: str = "well") -> QPixmap:
    """A thumb drawn at `width` x `height` device pixels in two colours (tokens or `#rrggbb`)."""
    return _picture(outline.tobytes(), width, height, shade, ground)
