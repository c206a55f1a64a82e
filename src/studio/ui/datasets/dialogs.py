"""Small windows of the datasets: a new one, a question before something goes, what differs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QLineEdit, QMessageBox, QPlainTextEdit, QWidget

from ..forms import Choice, add_row, button_row, dialog_frame, form, push, text

KINDS = (
    ("music", "Music: sound files"),
    ("drums", "Drums: MIDI files"),
    ("voice", "Voice: sound files"),
    ("image", "Images: PNG and JPEG"),
    ("text", "Texts"),
)


class NewDataset(QDialog):
    """Asks for name and type of a dataset; `create(name, kind)` is called with them."""

    def __init__(self, parent: QWidget, create: Callable[[str, str], object]) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        column = dialog_frame(self, "New Dataset", 420)
        column.addWidget(text("New dataset", "title"))
        self.field, self.kind = QLineEdit(), Choice("Type", KINDS)
        self.field.setMaxLength(80)
        rows = form()
        add_row(rows, "Name", self.field)
        add_row(rows, "Type", self.kind)
        column.addLayout(rows)
        self.go = push("Make", self.accept, primary=True)
        self.go.setEnabled(False)
        column.addLayout(button_row(push("Cancel", self.reject), self.go))
        self.field.textChanged.connect(lambda words: self.go.setEnabled(bool(words.strip())))
        self.accepted.connect(lambda: create(self.field.text().strip(), self.kind.value))


def ask(parent: QWidget, title: str, question: str, about: str, button: str, then: Callable[[], object]) -> QMessageBox:
    """Asks before something goes that does not come back."""
    box = QMessageBox(parent)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setWindowTitle(title)
    box.setText(question)
    box.setInformativeText(about)
    box.addButton(button, QMessageBox.ButtonRole.AcceptRole)
    box.setDefaultButton(box.addButton(QMessageBox.StandardButton.Cancel))
    box.accepted.connect(then)
    box.open()
    return box


def show_difference(parent: QWidget, title: str, found: Any) -> QDialog:
    """Shows what differs, as text."""
    dialog = QDialog(parent)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    column = dialog_frame(dialog, title, 560, 420)
    column.addWidget(text(title, "title"))
    words = QPlainTextEdit(told(found))
    words.setReadOnly(True)
    words.setAccessibleName("Differences")
    column.addWidget(words)
    column.addLayout(button_row(push("Close", dialog.accept, primary=True)))
    dialog.open()
    return dialog


def told(found: Any) -> str:
    """A difference in lines."""
    if found.empty:
        return "Both are the same."
    moved = ", in another order" if found.moved else ""
    lines = [
        f"{found.added:,} added, {found.removed:,} removed, {found.changed:,} changed, {found.same:,} the same{moved}",
        "",
        *(f"+ {item.name}" for item in found.new),
        *(f"- {item.name}" for item in found.gone),
    ]
    for change in found.changes:
        lines.append(f"~ {change.name}")
        lines += [f"      {name}: {_brief(old)} → {_brief(new)}" for name, (old, new) in change.fields.items()]
    return "\n".join(lines)


def _brief(value: Any) -> str:
    words = ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value or "")
    plain = " ".join(words.split()) or "nothing"
    return plain if len(plain) <= 80 else plain[:79] + "…"
