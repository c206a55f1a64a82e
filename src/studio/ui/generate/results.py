"""What models made last, where it was asked for: heard, seen, read, and taken further."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QMimeData, QRect, QRectF, QSize, Qt, QUrl, Signal
from PySide6.QtGui import QDrag, QGuiApplication, QImage, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLabel, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from ...errors import StudioError
from .. import theme
from ..icons import IconButton
from ..library.preview import Preview

LookUp = Callable[[Callable[[], Any], Callable[[Any], None]], None]
"""Has something read beside the window; the second gets what came."""

PICTURES, SOUNDS = frozenset({".png"}), frozenset({".flac", ".wav"})
TEXT_HEIGHT = 140
LARGEST = 320
"""Logical pixels of a picture's side."""


class Results(QWidget):
    """The files of the last job that is done. Main thread.

    `lyrics_wanted(text)`: a text is to become the lyrics of music; `stems_wanted(paths)`: stems are to come into the
    song; `words_wanted(path)`: words that were heard are to be laid under notes; `told(sentence)` what should be known.
    """

    lyrics_wanted = Signal(str)
    stems_wanted = Signal(list)
    words_wanted = Signal(object)
    told = Signal(str)

    def __init__(self, look_up: LookUp) -> None:
        super().__init__()
        self._look_up = look_up
        self.preview: Preview | None = None
        self.label = ""
        self.rows: list[SoundRow] = []
        self.pictures: list[Picture] = []
        self.text: QPlainTextEdit | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(theme.PAD)
        self.hide()

    def show_job(self, job: Any) -> None:
        """Shows what a job that is done has made."""
        while (item := self._column.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.setParent(None)
                widget.deleteLater()
        self.rows, self.pictures, self.text = [], [], None
        self.label = job.label
        heading = QLabel(f"Made last: {job.label}")
        heading.setProperty("role", "heading")
        heading.setWordWrap(True)
        self._column.addWidget(heading)
        made, task = job.result["made"], str((job.parameters or {}).get("task", ""))
        self._show_sounds([Path(one["path"]) for one in made], task)
        self._show_pictures([Path(one["path"]) for one in made if Path(one["path"]).suffix in PICTURES])
        if task in {"chat", "lyrics"} and made:
            self._show_text(str(made[0].get("text", "")), Path(made[0]["path"]), task)
        self.show()

    def _show_sounds(self, paths: Sequence[Path], task: str) -> None:
        sounds = [path for path in paths if path.suffix in SOUNDS]
        for path in sounds:
            row = SoundRow(path, self.preview)
            self.rows.append(row)
            self._column.addWidget(row)
        if task == "stems" and sounds:
            put = QPushButton("Put the stems into the song")
            put.setToolTip("A track for each, beside the mix where the song has it, else at the playhead")
            put.clicked.connect(lambda: self.stems_wanted.emit(sounds))
            self._column.addWidget(put)

    def _show_pictures(self, paths: Sequence[Path]) -> None:
        for path in paths:
            picture = Picture(path)
            self.pictures.append(picture)
            self._column.addWidget(picture)
            self._look_up(lambda path=path: QImage(str(path)), picture.show_image)

    def _show_text(self, text: str, path: Path, task: str) -> None:
        self.text = QPlainTextEdit(text)
        self.text.setReadOnly(True)
        self.text.setAccessibleName("What was written")
        self.text.setPlaceholderText("No word was heard." if task == "lyrics" else "The answer is empty.")
        self.text.setFixedHeight(TEXT_HEIGHT)
        self._column.addWidget(self.text)
        buttons = QWidget()
        row = QHBoxLayout(buttons)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.PAD)
        for name, act in (
            ("Copy", lambda: QGuiApplication.clipboard().setText(text)),
            ("Use as lyrics", lambda: self.lyrics_wanted.emit(text)),
        ):
            button = QPushButton(name)
            button.clicked.connect(act)
            button.setEnabled(bool(text))
            row.addWidget(button)
        if task == "lyrics":
            lay, save = QPushButton("Under notes"), QPushButton("Save…")
            lay.setToolTip("Lay the words under the notes of the selected clip, where they are sung")
            save.setToolTip("With their times (.lrc, .srt), or as text")
            lay.clicked.connect(lambda: self.words_wanted.emit(path))
            save.clicked.connect(lambda: self._save(path))
            for button in (lay, save):
                button.setEnabled(bool(text))
                row.addWidget(button)
        row.addStretch(1)
        self._column.addWidget(buttons)

    def _save(self, heard: Path) -> None:
        """Asks for a name and writes the words there with their times."""
        from ...actions.lyricsfile import ENDINGS, read_words, write_lyrics

        name, kind = QFileDialog.getSaveFileName(
            self, "Save lyrics", str(Path.home() / f"{heard.stem}.lrc"), ";;".join(ENDINGS.values())
        )
        if not name:
            return
        usual = next((ending for ending, text in ENDINGS.items() if text == kind), ".lrc")
        path = Path(name) if Path(name).suffix else Path(name + usual)

        def saved(_: Any) -> None:
            self.told.emit(f"The lyrics are in {path}.")

        self._look_up(lambda: write_lyrics(path, read_words(heard)), saved)


class SoundRow(QWidget):
    """A sound that was made: played by its button, dragged by its name."""

    def __init__(self, path: Path, preview: Preview | None) -> None:
        super().__init__()
        self.path, self._preview = path, preview
        self.setFixedHeight(theme.HIT + theme.PAD)
        self.setToolTip(f"{path.name}\nDrag it onto the timeline")
        self.setAccessibleName(path.stem)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        self.play = IconButton("play", f"Listen to {path.stem}", 24)
        self.play.setEnabled(preview is not None)
        row.addWidget(self.play)
        row.addStretch(1)
        if preview is not None:
            self.play.clicked.connect(lambda: preview.toggle(path))
            preview.changed.connect(self._show_preview)
            self._show_preview()

    def _show_preview(self) -> None:
        playing = self._preview is not None and self._preview.path == self.path
        self.play.set_icon("stop" if playing else "play")
        self.play.setAccessibleName(f"{'Stop' if playing else 'Listen to'} {self.path.stem}")

    def paintEvent(self, event: QPaintEvent) -> None:
        room = self.rect().adjusted(24 + theme.PAD, 0, 0, 0)
        with QPainter(self) as painter:
            painter.setFont(theme.font())
            painter.setPen(theme.color("text"))
            name = painter.fontMetrics().elidedText(self.path.stem, Qt.TextElideMode.ElideMiddle, room.width())
            painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, name)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            drag, data = QDrag(self), QMimeData()
            data.setUrls([QUrl.fromLocalFile(str(self.path))])
            drag.setMimeData(data)
            drag.exec(Qt.DropAction.CopyAction)


class Picture(QWidget):
    """A square picture that was made, as large as there is room for."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path
        self.image = QImage()
        self.setAccessibleName(f"Picture {path.stem}")
        self.setToolTip(str(path))
        policy = self.sizePolicy()
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def show_image(self, image: QImage) -> None:
        """Shows the picture that was read."""
        self.image = image
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(LARGEST, LARGEST)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return min(width, LARGEST)

    def paintEvent(self, event: QPaintEvent) -> None:
        side = min(self.width(), self.height())
        box = QRect(0, 0, side, side)
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            if self.image.isNull():
                painter.fillRect(box, theme.color("well"))
            else:
                painter.drawImage(QRectF(box), self.image)


def put_stems(session: Any, paths: Sequence[Path], position: int, told: Callable[[str], None]) -> None:
    """Has stems put into the open song. Raises StudioError without one."""
    from ...actions.stemtracks import put_stems as put

    if session is None:
        raise StudioError("Open a song first; the stems are put there.")
    put(session, paths, position, told)
