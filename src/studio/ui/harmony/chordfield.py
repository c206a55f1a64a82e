"""A field to type chords in, that marks the word which is none."""

from __future__ import annotations

from PySide6.QtGui import QTextCharFormat
from PySide6.QtWidgets import QPlainTextEdit, QTextEdit, QWidget

from .. import theme


def keep_lines(field: QPlainTextEdit, lines: int) -> None:
    """Makes a field as high as some lines; the style sheet, which knows fields of one line, is told so."""
    height = field.fontMetrics().lineSpacing() * lines + 14
    field.setStyleSheet(f"min-height: {height}px; max-height: {height}px;")


class ChordField(QPlainTextEdit):
    """Some lines of chords. Tab leaves it, as it does a line. Main thread."""

    def __init__(self, lines: int = 3, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Chords")
        self.setAccessibleDescription("Bars between vertical lines, such as Am7 | F | C G/B")
        self.setPlaceholderText("Am7 | F | C G/B")
        self.setTabChangesFocus(True)
        self.setFont(theme.font(theme.TEXT + 2))
        keep_lines(self, lines)

    def mark(self, first: int, last: int) -> None:
        """Underlines the characters from `first` to before `last`; none when they are the same."""
        marks = []
        if last > first:
            selection = QTextEdit.ExtraSelection()
            selection.cursor = self.textCursor()
            selection.cursor.setPosition(first)
            selection.cursor.setPosition(last, selection.cursor.MoveMode.KeepAnchor)
            style = QTextCharFormat()
            style.setUnderlineStyle(QTextCharFormat.UnderlineStyle.WaveUnderline)
            style.setUnderlineColor(theme.color("rec_text"))
            style.setForeground(theme.color("rec_text"))
            selection.format = style
            marks.append(selection)
        self.setExtraSelections(marks)

    def add_bar(self, symbol: str) -> None:
        """Writes a chord behind the text, as a bar of its own."""
        written = self.toPlainText().rstrip().removesuffix("|").rstrip()
        self.setPlainText(f"{written} | {symbol}" if written else symbol)
        cursor = self.textCursor()
        cursor.movePosition(cursor.MoveOperation.End)
        self.setTextCursor(cursor)
