"""The line in which a request is typed, and what was understood of it."""

from __future__ import annotations

import html
from collections.abc import Sequence

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLabel, QLineEdit, QVBoxLayout, QWidget

from .. import theme

PLACEHOLDER = "dark trap at 140 in A minor, 8 bars"
PAUSE_MS = 120
"""After the last key until the text is read."""

KEPT = 30
"""Requests that the arrow keys bring back."""


class RequestBox(QWidget):
    """`changed(text)` follows typing after a short pause; `accepted()` is Enter."""

    changed = Signal(str)
    accepted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._past: list[str] = []
        self._at = 0
        self.line = _Line()
        self.line.setPlaceholderText(PLACEHOLDER)
        self.line.setClearButtonEnabled(True)
        self.line.setMaxLength(400)
        self.line.setAccessibleName("What to make, in words")
        self.line.textEdited.connect(lambda _: self._pause.start())
        self.line.returnPressed.connect(self._accept)
        self.line.stepped.connect(self._step)
        self.meaning = QLabel()
        self.meaning.setWordWrap(True)
        self.meaning.setTextFormat(Qt.TextFormat.RichText)
        self.meaning.setAccessibleName("What was understood")
        self.meaning.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.GAP)
        column.addWidget(self.line)
        column.addWidget(self.meaning)
        self._pause = QTimer(self, interval=PAUSE_MS, singleShot=True)
        self._pause.timeout.connect(lambda: self.changed.emit(self.line.text()))
        self.setFocusProxy(self.line)

    def show_meaning(self, meant: Sequence[tuple[str, str]], ignored: Sequence[str], doubts: Sequence[str]) -> None:
        """Shows what words were taken for, which ones mean nothing, and what is doubtful."""
        chips = [_chip(sense, "accent_soft", "accent", words) for words, sense in meant]
        chips += [_chip(word, "raised", "dim", "") for word in ignored]
        lines = [" ".join(chips)] if chips else []
        if ignored:
            lines.append(_plain("Grey words are not understood and change nothing.", "dim"))
        lines += [_plain(doubt, "warn") for doubt in doubts]
        self.meaning.setText("<br>".join(lines))
        spoken = "; ".join([*(sense for _, sense in meant), *(f"not understood: {word}" for word in ignored), *doubts])
        self.meaning.setAccessibleDescription(spoken)
        self.meaning.setVisible(bool(lines))

    def remember(self) -> None:
        """Keeps the text for the arrow keys."""
        text = self.line.text().strip()
        if text:
            self._past = [*(one for one in self._past if one != text), text][-KEPT:]
        self._at = len(self._past)

    def put(self, text: str) -> None:
        """Shows a request and reads it."""
        self.line.setText(text)
        self.changed.emit(text)

    def _accept(self) -> None:
        if self._pause.isActive():
            self._pause.stop()
            self.changed.emit(self.line.text())
        self.accepted.emit()

    def _step(self, by: int) -> None:
        self._at = min(max(self._at + by, 0), len(self._past))
        self.put(self._past[self._at] if self._at < len(self._past) else "")


class _Line(QLineEdit):
    """A line whose up and down keys go through what was typed before."""

    stepped = Signal(int)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in {Qt.Key.Key_Up, Qt.Key.Key_Down}:
            self.stepped.emit(-1 if event.key() == Qt.Key.Key_Up else 1)
        else:
            super().keyPressEvent(event)


def _chip(text: str, ground: str, ink: str, words: str) -> str:
    style = f"background:{theme.TOKENS[ground]}; color:{theme.TOKENS[ink]};"
    title = f' title="{html.escape(words, quote=True)}"' if words else ""
    return f'<span style="{style}"{title}>&nbsp;{html.escape(text)}&nbsp;</span>'


def _plain(text: str, ink: str) -> str:
    return f'<span style="color:{theme.TOKENS[ink]}">{html.escape(text)}</span>'
