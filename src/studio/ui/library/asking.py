"""A small window that asks for one line of text, without stopping the rest."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QInputDialog, QWidget


def ask_text(parent: QWidget, title: str, label: str, then: Callable[[str], None], text: str = "") -> QInputDialog:
    """Asks for a name; `then` gets it, stripped, unless it is empty or the person changed their mind."""
    dialog = QInputDialog(parent)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setWindowTitle(title)
    dialog.setLabelText(label)
    dialog.setTextValue(text)
    dialog.textValueSelected.connect(lambda typed: then(typed.strip()) if typed.strip() else None)
    dialog.open()
    return dialog
