"""Which picture goes onto what is exported: the song's own, one that a model made, a file or none, and how it looks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QImageReader, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QWidget

from . import theme
from .forms import Choice, push

PICTURES = "Pictures (*.png *.jpg *.jpeg *.webp);;All files (*)"
THUMBNAIL = 48
"""Logical pixels."""


class CoverField(QWidget):
    """`changed` when another picture is chosen; `picture` is its file, None for none."""

    changed = Signal()

    def __init__(self, bundle: Any) -> None:
        super().__init__()
        from ..actions.covers import made_pictures, song_cover

        own, made = song_cover(bundle), made_pictures()
        self._options: list[tuple[Path | None, str]] = [(None, "No cover")]
        self._options += [(own, "The song's cover")] if own is not None else []
        self._options += [(path, f"Made: {path.stem}") for path in made]
        self.box = Choice("Cover", self._options)
        self.box.choose(own)
        self.box.setMinimumWidth(0)
        self.choose = push("Choose…", self._choose)
        self.choose.setAccessibleName("Choose a cover")
        self.thumbnail = Thumbnail()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.PAD)
        row.addWidget(self.thumbnail)
        row.addWidget(self.box, 1)
        row.addWidget(self.choose)
        self.setMinimumHeight(THUMBNAIL)
        self.setFocusProxy(self.box)
        self.setAcceptDrops(True)
        self.box.currentIndexChanged.connect(self._changed)
        self.thumbnail.show_picture(own)

    @property
    def picture(self) -> Path | None:
        """The picture that is chosen."""
        return self.box.value

    @property
    def problem(self) -> str:
        """Why the chosen picture cannot be a cover, empty where it can."""
        if not self.isEnabled() or self.picture is None or not self.thumbnail.picture.isNull():
            return ""
        return f"“{self.picture.name}” is no picture that can be read; choose a JPEG, PNG or WebP."

    def offer(self, fits: bool) -> None:
        """Whether there is a place for a cover in what is exported."""
        self.setEnabled(fits)
        self.setToolTip("" if fits else "FLAC, MP3, Ogg Vorbis and Opus carry a cover; WAV files and stems do not")

    def add(self, path: Path) -> None:
        """Chooses a picture file."""
        if path not in [known for known, _ in self._options]:
            self._options.append((path, path.name))
        self.box.set_options(self._options, path)
        self._changed()

    def _changed(self) -> None:
        self.thumbnail.show_picture(self.picture)
        self.changed.emit()

    def _choose(self) -> None:
        start = str(self.picture.parent if self.picture is not None else Path.home())
        chosen, _ = QFileDialog.getOpenFileName(self, "Choose a cover", start, PICTURES)
        if chosen:
            self.add(Path(chosen))

    def dragEnterEvent(self, event: Any) -> None:
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: Any) -> None:
        files = [url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()]
        if files:
            self.add(Path(files[0]))
            event.acceptProposedAction()


class Thumbnail(QWidget):
    """The middle square of a picture, small; a frame where there is none."""

    def __init__(self, side: int = THUMBNAIL) -> None:
        super().__init__()
        self.picture = QPixmap()
        self.setFixedSize(side, side)

    def show_picture(self, path: Path | None) -> None:
        """Reads a picture no larger than it is shown."""
        self.picture = QPixmap() if path is None else self._read(path)
        self.update()

    def _read(self, path: Path) -> QPixmap:
        reader = QImageReader(str(path))
        reader.setAutoTransform(True)
        size = reader.size()
        side = round(self.width() * self.devicePixelRatioF())
        if size.isValid() and min(size.width(), size.height()) > 0:
            edge = min(size.width(), size.height())
            reader.setScaledSize(QSize(size.width() * side // edge, size.height() * side // edge))
        return QPixmap.fromImage(reader.read())

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setOpacity(1.0 if self.isEnabled() else 0.35)
            if self.picture.isNull():
                painter.setPen(theme.color("line"))
                painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
                painter.setPen(theme.color("faint"))
                painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, "none")
                return
            edge = min(self.picture.width(), self.picture.height())
            left, top = (self.picture.width() - edge) // 2, (self.picture.height() - edge) // 2
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawPixmap(self.rect(), self.picture, QRect(left, top, edge, edge))
